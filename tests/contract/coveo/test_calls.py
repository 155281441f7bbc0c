"""What only a service that is spoken to by HTTP can show."""

from __future__ import annotations

from consumer.coveo import payload
from consumer.coveo.purge import PurgeBoundary, queue_delay
from consumer.coveo.results import Done
from consumer.coveo.targets import TargetTraits
from consumer.domain.fates import Blocked
from consumer.domain.operations import Content, DocumentId, UpsertItem
from consumer.domain.source_status import SourceStatus
from tests.contract.coveo.pushing import gone, item, push, push_by, soon, texts
from tests.contract.coveo.services import KB, SOURCE, HttpService


def test_a_wrong_key_or_organization_blocks(http: HttpService) -> None:
    """Both are configuration, and are told apart."""
    for client, reason in (
        (http.client(key="other"), "unauthorized"),
        (http.client(organization="other"), "not_found"),
    ):
        outcome = push_by(client, gone("a"))
        assert isinstance(outcome, Blocked)
        assert outcome.reason == reason


def test_single_item_calls_do_what_a_batch_does(http: HttpService) -> None:
    """Their ids travel in the query, escaped."""
    client = http.client()
    traits = TargetTraits(KB, SOURCE, secured=False)
    odd = DocumentId("kb://a?x=1&y=a+b#z%20")
    made = payload.encode(UpsertItem(KB, odd, content=Content("x")), traits)
    assert isinstance(client.items.push(SOURCE, odd, made.payload, soon()), Done)
    assert set(http.items()) == {odd}
    assert isinstance(client.items.delete(SOURCE, odd, soon(), children=False), Done)
    assert http.items() == {}


def test_older_items_are_deleted_and_kept_out(http: HttpService) -> None:
    """The boundary is exclusive and applies after the delay."""
    push(http, item("old", "x"))
    http.advance(60.0)
    boundary = PurgeBoundary(http.now_ms())
    assert isinstance(
        http.client().items.delete_older(SOURCE, boundary, soon(), queue_delay(1)), Done
    )
    push(http, item("new", "x"))
    assert set(texts(http)) == {"old", "new"}
    http.advance(61.0)
    assert set(texts(http)) == {"new"}


def test_a_status_is_taken(http: HttpService) -> None:
    """It gates nothing, so only the answer shows it."""
    result = http.client().items.set_status(SOURCE, SourceStatus.INCREMENTAL, soon())
    assert isinstance(result, Done)
