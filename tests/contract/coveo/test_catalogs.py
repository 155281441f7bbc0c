"""Batches for a catalog, against the emulator in this process and over a socket."""

from __future__ import annotations

import pytest

from consumer.coveo.endpoints import Endpoint
from consumer.domain.fates import Accepted, RetryLater
from consumer.domain.operations import DeleteItem, DocumentId, SourceKind, UpsertItem
from emulator.calls import Endpoint as EmulatedEndpoint
from emulator.faults import Effect, LoseResponse, Status
from tests.contract.coveo.pushing import push
from tests.contract.coveo.services import CATALOG, KB, SHOP, Emulator


def product(name: str, **fields: str) -> UpsertItem:
    """Return a product."""
    ids = {"objecttype": "Product", "ec_product_id": name}
    return UpsertItem(SHOP, DocumentId(f"product://{name}"), {**ids, **fields})


def gone(name: str) -> DeleteItem:
    """Return a product's delete."""
    return DeleteItem(SHOP, DocumentId(f"product://{name}"))


def test_items_come_and_go(emulator: Emulator) -> None:
    """Whole items replace what is there, as on a push source."""
    both = (product("a", ec_name="A", color="red"), product("b"))
    assert isinstance(push(emulator, *both), Accepted)
    emulator.advance(1.0)
    assert isinstance(push(emulator, product("a", ec_name="B"), gone("b")), Accepted)
    items = emulator.items(CATALOG)
    assert set(items) == {"product://a"}
    assert items["product://a"]["ec_name"] == "B"
    assert "color" not in items["product://a"]


def test_the_account_has_the_services_own_ids(emulator: Emulator) -> None:
    """By these the source's log is asked what became of it."""
    outcome = push(emulator, product("a"))
    assert isinstance(outcome, Accepted)
    assert [call.endpoint for call in outcome.attempt.calls] == ["files", "upload", "stream/update"]
    last = outcome.attempt.calls[-1]
    assert last.ordering_id == emulator.now_ms()
    assert last.request_id is not None


@pytest.mark.parametrize(
    ("fault", "ambiguous"), [(LoseResponse(), True), (Status(429, None, retry_after=3), False)]
)
def test_an_update_without_a_yes_is_tried_again(
    emulator: Emulator, fault: Effect, *, ambiguous: bool
) -> None:
    """A lost answer may be a yes; a throttled call is none."""
    emulator.world.add_fault(fault, EmulatedEndpoint.UPDATE_STREAM)
    outcome = push(emulator, product("a"))
    assert isinstance(outcome, RetryLater)
    assert outcome.ambiguous is ambiguous
    emulator.advance(1.0)
    assert isinstance(push(emulator, product("a")), Accepted)
    assert set(emulator.items(CATALOG)) == {"product://a"}


def test_a_push_source_takes_no_stream(emulator: Emulator) -> None:
    """What is missing is said, and nothing is lost: the batch waits."""
    item = UpsertItem(KB, DocumentId("kb://a"), {})
    outcome = push(emulator, item, target=KB, kind=SourceKind.CATALOG)
    assert isinstance(outcome, RetryLater)
    assert "`doctor`" in outcome.message
    assert outcome.attempt.calls[-1].endpoint == Endpoint.STREAM_UPDATE
