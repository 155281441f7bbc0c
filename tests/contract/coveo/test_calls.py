"""What only a service that is spoken to by HTTP can show."""

from __future__ import annotations

from consumer.coveo import payload
from consumer.coveo.exchange import Response
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
    pushed = client.push_item(SOURCE, odd, made.payload, soon())
    assert isinstance(pushed, Response)
    assert pushed.status == 202
    assert set(http.items()) == {odd}
    deleted = client.delete_item(SOURCE, odd, soon(), children=False)
    assert isinstance(deleted, Response)
    assert deleted.status == 202
    assert http.items() == {}


def test_older_items_are_deleted_and_kept_out(http: HttpService) -> None:
    """The boundary is exclusive and applies after the delay."""
    push(http, item("old", "x"))
    http.advance(60.0)
    reply = http.client().delete_older_than(SOURCE, http.now_ms(), 1, soon())
    assert isinstance(reply, Response)
    assert reply.status == 202
    push(http, item("new", "x"))
    assert set(texts(http)) == {"old", "new"}
    http.advance(61.0)
    assert set(texts(http)) == {"new"}


def test_a_status_is_taken(http: HttpService) -> None:
    """It gates nothing, so only the answer shows it."""
    reply = http.client().set_status(SOURCE, SourceStatus.INCREMENTAL, soon())
    assert isinstance(reply, Response)
    assert reply.status == 201
