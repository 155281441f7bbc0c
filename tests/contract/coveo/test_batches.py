"""Batches of items: the same rules for the fake, stepwise and by HTTP, and for the emulator."""

from __future__ import annotations

import pytest

from consumer.coveo import payload
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import (
    CreateContainer,
    FailureKind,
    FileContainer,
    PushBatch,
    Response,
    Step,
    Upload,
    container_of,
    error_code,
)
from consumer.domain.fates import Accepted, Blocked, Refused, RetryLater
from consumer.domain.operations import DocumentId, JsonValue, UpsertItem
from tests.contract.coveo.pushing import gone, item, push, soon, texts
from tests.contract.coveo.services import KB, NOWHERE, Service
from tests.fakes.coveo_faults import Answer, Late, LoseResponse, NotSent, Twice

STEPS = (Endpoint.FILES, Endpoint.UPLOAD, Endpoint.BATCH)


def test_an_accepted_batch_takes_effect(service: Service) -> None:
    """Upserts and deletes of one file, in three calls."""
    push(service, item("a", "old"), item("b", "old"))
    outcome = push(service, item("a", "new"), gone("b"), item("ä".encode().hex(), "Rädchen"))
    assert isinstance(outcome, Accepted)
    assert texts(service) == {"a": "new", "c3a4": "Rädchen"}
    endpoints = [(call.endpoint, call.code) for call in outcome.attempt.calls]
    assert endpoints == [("files", 201), ("upload", 200), ("documents/batch", 202)]


def test_an_item_is_indexed_as_it_was_sent(service: Service) -> None:
    """Nothing is added, changed or left behind by an earlier push."""
    push(service, UpsertItem(KB, DocumentId("kb://a"), {"old": 1}))
    metadata: dict[str, JsonValue] = {
        "title": 'T"ü',
        "n": 1.5,
        "big": 2**60,
        "tags": ["x", "y"],
        "yes": True,
        "sizes": {"s": 1, "m": "two"},
    }
    push(service, UpsertItem(KB, DocumentId("kb://a"), metadata, file_extension=".txt"))
    assert service.items()["kb://a"] == {
        "documentId": "kb://a",
        **metadata,
        "big": str(2**60),
        "fileExtension": ".txt",
        "data": "",
    }


def test_children_are_those_whose_id_begins_with_the_id_and_a_slash(service: Service) -> None:
    """It is a rule about ids; `parentId` has no part in it."""
    push(service, *(item(name, "x") for name in ("a", "a/1", "a/1/2", "ab", "b")))
    push(service, gone("a", children=True))
    assert set(texts(service)) == {"ab", "b"}
    push(service, gone("ab"))
    assert set(texts(service)) == {"b"}


def test_a_wrong_source_blocks(service: Service) -> None:
    """It is a 412, not a 404."""
    outcome = push(service, item("a", "x"), target=NOWHERE)
    assert isinstance(outcome, Blocked)
    assert outcome.reason == "source_does_not_exist"


@pytest.mark.parametrize("endpoint", [Endpoint.FILES, Endpoint.BATCH])
def test_throttling_says_how_long_to_wait(service: Service, endpoint: Endpoint) -> None:
    """And nothing took effect, which a 429 promises."""
    service.strike(endpoint, Answer.error(429, "TOO_MANY_REQUESTS", 17))
    outcome = push(service, item("a", "x"))
    assert isinstance(outcome, RetryLater)
    assert (outcome.reason, outcome.retry_after_seconds) == ("throttled", 17.0)
    assert not outcome.ambiguous
    assert texts(service) == {}


@pytest.mark.parametrize("endpoint", STEPS)
def test_trouble_is_ambiguous_at_the_last_step_only(service: Service, endpoint: Endpoint) -> None:
    """A container that nobody pushes changes nothing."""
    service.strike(endpoint, Answer(503))
    outcome = push(service, item("a", "x"))
    assert isinstance(outcome, RetryLater)
    assert outcome.ambiguous is (endpoint is Endpoint.BATCH)
    assert texts(service) == {}
    assert isinstance(push(service, item("a", "x")), Accepted)


@pytest.mark.parametrize("endpoint", STEPS)
def test_a_call_that_is_dropped_changes_nothing(service: Service, endpoint: Endpoint) -> None:
    """But nobody on this side can know."""
    service.strike(endpoint, NotSent(FailureKind.PROTOCOL))
    outcome = push(service, item("a", "x"))
    assert isinstance(outcome, RetryLater)
    assert outcome.reason == "network"
    assert outcome.ambiguous is (endpoint is Endpoint.BATCH)
    assert texts(service) == {}


def test_a_lost_answer_leaves_an_effect_behind(service: Service) -> None:
    """Which is why it is ambiguous; pushing the same again is harmless."""
    service.strike(Endpoint.BATCH, LoseResponse())
    outcome = push(service, item("a", "x"), gone("b"))
    assert isinstance(outcome, RetryLater)
    assert outcome.ambiguous
    assert texts(service) == {"a": "x"}
    assert isinstance(push(service, item("a", "x"), gone("b")), Accepted)
    assert texts(service) == {"a": "x"}


def test_a_late_effect_beats_what_was_pushed_meanwhile(service: Service) -> None:
    """It is stamped when it arrives: the reason why a lane waits after an ambiguous outcome."""
    service.strike(Endpoint.BATCH, Late(60.0))
    outcome = push(service, item("a", "old"))
    assert isinstance(outcome, RetryLater)
    assert outcome.ambiguous
    assert texts(service) == {}
    service.advance(30.0)
    push(service, item("a", "new"))
    assert texts(service) == {"a": "new"}
    service.advance(31.0)
    assert texts(service) == {"a": "old"}


def test_a_repeated_effect_changes_nothing(service: Service) -> None:
    """Queues deliver twice; operations are complete, so the second is the first again."""
    service.strike(Endpoint.BATCH, Twice(0.0))
    assert isinstance(push(service, item("a", "x"), gone("b")), Accepted)
    assert texts(service) == {"a": "x"}


def test_a_refused_upload_is_not_pushed(service: Service) -> None:
    """A fresh container is the remedy."""
    service.strike(Endpoint.UPLOAD, Answer(403, body=b"<Error><Code>AccessDenied</Code></Error>"))
    outcome = push(service, item("a", "x"))
    assert isinstance(outcome, RetryLater)
    assert outcome.reason == "upload_refused"
    assert len(outcome.attempt.calls) == 2


def test_an_upload_that_is_too_large_is_refused(service: Service) -> None:
    """The lane splits it."""
    service.strike(Endpoint.UPLOAD, Answer(413))
    outcome = push(service, item("a", "x"))
    assert isinstance(outcome, Refused)
    assert outcome.reason == "too_large"


def test_a_container_is_for_one_use(service: Service) -> None:
    """So every attempt asks for its own."""
    container = opened(service)
    upload, push_it = Upload(container, payload.body([])), PushBatch(KB, container.file_id)
    assert answers(service, upload, upload, push_it, push_it) == [
        (200, None),
        (403, "AccessDenied"),
        (202, None),
        (412, "INVALID_PARAMETER"),
    ]


def test_a_container_that_was_not_filled_cannot_be_pushed(service: Service) -> None:
    """The batch call would have nothing to read."""
    push_it = PushBatch(KB, opened(service).file_id)
    assert answers(service, push_it) == [(412, "INVALID_PARAMETER")]


def opened(service: Service) -> FileContainer:
    """Return a fresh container."""
    reply = service.performer.perform(CreateContainer(), soon())
    assert isinstance(reply, Response)
    container = container_of(reply.body)
    assert container is not None
    return container


def answers(service: Service, *steps: Step) -> list[tuple[int, str | None]]:
    """Return statuses and error codes."""
    replies = [service.performer.perform(step, soon()) for step in steps]
    return [(each.status, error_code(each)) for each in replies if isinstance(each, Response)]
