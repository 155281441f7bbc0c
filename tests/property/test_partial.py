"""Joined operations leave an item as they would have, one after the other."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consumer.coveo import payload
from consumer.coveo.partial import joined, parsed
from consumer.coveo.targets import TargetTraits
from consumer.domain.operations import (
    DeleteItem,
    DocumentId,
    EncodedOperation,
    JsonValue,
    Operation,
    OperationKind,
    SourceKind,
    TargetId,
    UpdateItem,
    UpsertItem,
)

SHOP = TargetId("shop")
TRAITS = TargetTraits(SHOP, "s", secured=False, kind=SourceKind.CATALOG)
ID = DocumentId("product://1")
Item = dict[str, Any] | None

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.text(max_size=4) | st.booleans() | numbers
values: st.SearchStrategy[JsonValue] = st.one_of(
    scalars,
    st.lists(scalars, max_size=3).map(lambda each: [*each]),
    st.dictionaries(st.sampled_from("xyz"), scalars).map(lambda each: {**each}),
)
fields = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)
changes = fields.filter(bool).map(lambda each: UpdateItem(SHOP, ID, each))
items = fields.map(lambda each: UpsertItem(SHOP, ID, each))
anything: st.SearchStrategy[Operation] = st.one_of(changes, items, st.just(DeleteItem(SHOP, ID)))


def applied(item: Item, operation: EncodedOperation) -> Item:
    """Return what the service makes of an item: an absent one cannot be changed in part."""
    match operation.kind:
        case OperationKind.UPSERT:
            whole: dict[str, Any] = json.loads(operation.payload)
            return whole
        case OperationKind.DELETE:
            return None
        case OperationKind.PARTIAL:
            named = {change["field"]: change["value"] for change in parsed(operation.payload)}
            return None if item is None else {**item, **named}


@given(st.none() | fields, st.lists(anything, max_size=8))
def test_joining_where_it_can_be_done_changes_nothing(
    start: Item, sequence: list[Operation]
) -> None:
    """Batches with what is joined end as batches with one operation each would."""
    encoded = [payload.encode(each, TRAITS) for each in sequence]
    one_by_one, together = start, start
    waiting: EncodedOperation | None = None
    for each in encoded:
        one_by_one = applied(one_by_one, each)
        both = each if waiting is None else joined(waiting, each)
        if both is None and waiting is not None:
            together = applied(together, waiting)
        waiting = each if both is None else both
    assert (together if waiting is None else applied(together, waiting)) == one_by_one


@given(changes, st.lists(changes, max_size=3))
def test_a_change_that_is_said_again_changes_nothing(
    first: UpdateItem, more: list[UpdateItem]
) -> None:
    """A batch whose answer was lost is sent again, and everything after it, too."""
    encoded = [payload.encode(each, TRAITS) for each in (first, *more)]
    item: Item = {"documentId": ID}
    for each in encoded:
        item = applied(item, each)
    again = item
    for each in encoded:
        again = applied(again, each)
    assert again == item
