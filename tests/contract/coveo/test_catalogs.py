"""Batches for a catalog, against the emulator in this process and over a socket."""

from __future__ import annotations

import pytest

from consumer.coveo.endpoints import Endpoint
from consumer.domain.fates import Accepted, RetryLater
from consumer.domain.operations import (
    DeleteItem,
    DocumentId,
    JsonValue,
    SourceKind,
    UpdateItem,
    UpsertItem,
)
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


def change(name: str, **fields: JsonValue) -> UpdateItem:
    """Return a partial update of a product."""
    return UpdateItem(SHOP, DocumentId(f"product://{name}"), fields)


def test_a_partial_update_changes_what_it_names(emulator: Emulator) -> None:
    """Everything else of the item stays, whatever its type."""
    first = product("a", ec_name="A", color="red")
    assert isinstance(push(emulator, first, product("b")), Accepted)
    emulator.advance(1.0)
    changes = change("a", ec_name="B", sizes=["s", "m"], prices={"eu": 3}, ec_price=2.5)
    assert isinstance(push(emulator, changes, gone("b"), product("c")), Accepted)
    items = emulator.items(CATALOG)
    assert set(items) == {"product://a", "product://c"}
    changed = {"ec_name": "B", "sizes": ["s", "m"], "prices": {"eu": 3}, "ec_price": 2.5}
    assert items["product://a"].items() >= {**changed, "color": "red"}.items()
    assert emulator.world.journal.rejected == {}
    assert emulator.world.journal.violation_count == 0


def test_a_partial_update_makes_no_item(emulator: Emulator) -> None:
    """It is accepted and comes to nothing: that is why a row that may be new is sent whole."""
    assert isinstance(push(emulator, change("a", ec_name="B")), Accepted)
    assert emulator.items(CATALOG) == {}
    assert sum(emulator.world.journal.rejected.values()) == 1


def test_a_partial_update_that_is_repeated_changes_nothing_more(emulator: Emulator) -> None:
    """After a lost answer it is sent again."""
    assert isinstance(push(emulator, product("a", ec_name="A")), Accepted)
    emulator.advance(1.0)
    emulator.world.add_fault(LoseResponse(), EmulatedEndpoint.UPDATE_STREAM)
    assert isinstance(push(emulator, change("a", ec_name="B", sizes=["s"])), RetryLater)
    once = emulator.items(CATALOG)
    emulator.advance(1.0)
    assert isinstance(push(emulator, change("a", ec_name="B", sizes=["s"])), Accepted)
    assert emulator.items(CATALOG) == once


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
