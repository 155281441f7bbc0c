"""Bodies of 5 MB and more: each in a container of its own, read by the service as it was."""

from __future__ import annotations

import random

import pytest

from consumer.coveo.endpoints import Endpoint
from consumer.coveo.limits import MAX_INLINE_CONTENT_BYTES
from consumer.domain.fates import Accepted, RetryLater
from consumer.domain.operations import Content, DocumentId, UpsertItem
from tests.contract.coveo.pushing import item, push
from tests.contract.coveo.services import KB, Service
from tests.fakes.coveo_faults import Answer, LoseResponse

TEXT = "Rädchen " * (MAX_INLINE_CONTENT_BYTES // 8)
BINARY = random.Random(1).randbytes(MAX_INLINE_CONTENT_BYTES)


def large(name: str, content: Content) -> UpsertItem:
    """Return an item with a large body."""
    return UpsertItem(KB, DocumentId(f"kb://{name}"), {"title": name}, content)


def test_large_bodies_arrive_beside_small_ones(service: Service) -> None:
    """In one batch, as they were."""
    outcome = push(
        service,
        large("text", Content(TEXT)),
        item("small", "x"),
        large("binary", Content(None, BINARY)),
    )
    assert isinstance(outcome, Accepted)
    assert [call.endpoint for call in outcome.attempt.calls] == [
        *("files", "upload") * 3,
        "documents/batch",
    ]
    assert service.content("kb://text") == TEXT.encode()
    assert service.content("kb://binary") == BINARY
    assert service.content("kb://small") == b"x"


@pytest.mark.parametrize("endpoint", [Endpoint.FILES, Endpoint.UPLOAD])
def test_a_content_that_cannot_be_stored_changes_nothing(
    service: Service, endpoint: Endpoint
) -> None:
    """And the next attempt begins with it."""
    service.strike(endpoint, Answer(503))
    outcome = push(service, large("a", Content(TEXT)), item("b", "x"))
    assert isinstance(outcome, RetryLater)
    assert not outcome.ambiguous
    assert service.items() == {}
    assert isinstance(push(service, large("a", Content(TEXT)), item("b", "x")), Accepted)
    assert service.content("kb://a") == TEXT.encode()


def test_a_content_is_stored_anew_after_its_container_was_used(service: Service) -> None:
    """The lost answer's batch has read it: the same file id would be unknown."""
    service.strike(Endpoint.BATCH, LoseResponse())
    assert isinstance(push(service, large("a", Content(TEXT))), RetryLater)
    assert isinstance(push(service, large("a", Content(TEXT))), Accepted)
    assert service.content("kb://a") == TEXT.encode()
