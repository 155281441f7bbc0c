"""Operations that go by themselves: the same rules for the fake and for the emulator."""

from __future__ import annotations

import pytest

from consumer.coveo.endpoints import Endpoint
from consumer.domain.fates import Accepted, Blocked, Refused, RetryLater
from consumer.domain.operations import Content, DocumentId, UpsertItem
from emulator.app import create_app
from emulator.clock import ManualClock
from emulator.settings import Settings, SourceSpec
from emulator.switches import BatchOrdering, DictionaryMetadata, Switches
from emulator.world import World
from tests.contract.coveo.in_process import InProcessTransport
from tests.contract.coveo.pushing import gone, item, push, push_one, texts
from tests.contract.coveo.services import (
    KB,
    NOWHERE,
    ORGANIZATION,
    SOURCE,
    START_SECONDS,
    Emulator,
    Service,
    Way,
)
from tests.fakes.coveo_faults import Answer, Late, LoseResponse, Twice


def emulator_with(switches: Switches, indexing_delay_seconds: float = 0.0) -> Emulator:
    """Return an emulator in this process with choices of its own."""
    clock = ManualClock(round(START_SECONDS * 1000))
    settings = Settings(
        ORGANIZATION,
        (SourceSpec(SOURCE),),
        switches=switches,
        indexing_delay_seconds=indexing_delay_seconds,
    )
    world = World(settings, clock)
    app = create_app(world)
    return Emulator(world, clock, Way("http://emulator.test", lambda: InProcessTransport(app)))


def test_an_accepted_item_takes_effect_in_one_call(service: Service) -> None:
    """Upserts replace, deletes delete."""
    push_one(service, item("a", "old"))
    outcome = push_one(service, item("a", "new"))
    assert isinstance(outcome, Accepted)
    assert texts(service) == {"a": "new"}
    assert [(call.endpoint, call.code) for call in outcome.attempt.calls] == [("documents", 202)]
    outcome = push_one(service, gone("a"))
    assert isinstance(outcome, Accepted)
    assert texts(service) == {}
    assert [call.endpoint for call in outcome.attempt.calls] == ["documents/delete"]


def test_an_item_is_indexed_as_a_batch_would_have_it(service: Service) -> None:
    """Compressed content, too: its compression is said in the query."""
    odd = DocumentId("kb://a?x=1&y=a+b#z%20")
    made = UpsertItem(KB, odd, {"title": "T"}, Content(binary=b"\x00bytes"), ".bin")
    push(service, made)
    (as_batch,) = service.items().values()
    push_one(service, gone("a?x=1&y=a+b#z%20"))
    assert service.items() == {}
    push_one(service, made)
    assert service.items() == {odd: as_batch}


def test_children_go_only_when_it_is_said(service: Service) -> None:
    """A rule about ids, as in a batch."""
    push(service, *(item(name, "x") for name in ("a", "a/1", "a/1/2", "ab", "b", "b/1")))
    push_one(service, gone("a", children=True))
    assert set(texts(service)) == {"ab", "b", "b/1"}
    push_one(service, gone("b"))
    assert set(texts(service)) == {"ab", "b/1"}


def test_a_wrong_source_blocks(service: Service) -> None:
    """No record is at fault."""
    for operation in (item("a", "x"), gone("a")):
        outcome = push_one(service, operation, target=NOWHERE)
        assert isinstance(outcome, Blocked)
        assert outcome.reason == "source_does_not_exist"


@pytest.mark.parametrize("endpoint", [Endpoint.ITEM, Endpoint.ITEM_DELETE])
def test_throttling_says_how_long_to_wait(service: Service, endpoint: Endpoint) -> None:
    """Such a call counts like any other."""
    service.strike(endpoint, Answer.error(429, "TOO_MANY_REQUESTS", 17))
    outcome = push_one(service, item("a", "x") if endpoint is Endpoint.ITEM else gone("a"))
    assert isinstance(outcome, RetryLater)
    assert (outcome.reason, outcome.retry_after_seconds) == ("throttled", 17.0)
    assert not outcome.ambiguous


def test_a_lost_answer_leaves_an_effect_behind(service: Service) -> None:
    """Pushing the same again is harmless."""
    service.strike(Endpoint.ITEM, LoseResponse())
    outcome = push_one(service, item("a", "x"))
    assert isinstance(outcome, RetryLater)
    assert outcome.ambiguous
    assert texts(service) == {"a": "x"}
    assert isinstance(push_one(service, item("a", "x")), Accepted)
    assert texts(service) == {"a": "x"}


def test_a_late_effect_beats_what_was_pushed_meanwhile(service: Service) -> None:
    """So a lane waits after an ambiguous single call as it does after a batch."""
    service.strike(Endpoint.ITEM_DELETE, Late(60.0))
    outcome = push_one(service, gone("a"))
    assert isinstance(outcome, RetryLater)
    assert outcome.ambiguous
    service.advance(30.0)
    push_one(service, item("a", "new"))
    assert texts(service) == {"a": "new"}
    service.advance(31.0)
    assert texts(service) == {}


def test_a_repeated_effect_changes_nothing(service: Service) -> None:
    """The second is the first again."""
    service.strike(Endpoint.ITEM, Twice(0.0))
    assert isinstance(push_one(service, item("a", "x")), Accepted)
    assert texts(service) == {"a": "x"}


def test_single_calls_and_batches_follow_each_other_in_order(service: Service) -> None:
    """Where a batch is stamped when it is received, as the design infers."""
    push(service, item("a", "1"), item("b", "1"))
    push_one(service, item("a", "2"))
    service.advance(1.0)
    push(service, item("a", "3"), gone("b"))
    service.advance(1.0)
    push_one(service, item("b", "4"))
    assert texts(service) == {"a": "3", "b": "4"}


def test_an_item_that_the_service_finds_invalid_is_refused_at_once() -> None:
    """In a batch it is accepted, and lost: what only the service can know shows here."""
    service = emulator_with(Switches(dictionary_metadata=DictionaryMetadata.REJECT))
    nested = UpsertItem(KB, DocumentId("kb://a"), {"deep": {"a": "b"}}, Content("x"))
    assert isinstance(push(service, nested), Accepted)
    assert service.items() == {}
    outcome = push_one(service, nested)
    assert isinstance(outcome, Refused)
    assert outcome.reason == "invalid_batch"


@pytest.mark.parametrize(
    ("ordering", "kept"), [(BatchOrdering.ON_RECEIPT, "2"), (BatchOrdering.WHEN_CONSUMED, "1")]
)
def test_a_single_call_loses_to_the_batch_before_it_where_batches_are_stamped_late(
    ordering: BatchOrdering, kept: str
) -> None:
    """Which of the two Coveo does is not documented: the reason why this is off by default."""
    service = emulator_with(Switches(batch_ordering=ordering), indexing_delay_seconds=120.0)
    push(service, item("a", "1"), item("b", "1"))
    service.advance(1.0)
    assert isinstance(push_one(service, item("a", "2")), Accepted)
    service.advance(600.0)
    assert texts(service)["a"] == kept
