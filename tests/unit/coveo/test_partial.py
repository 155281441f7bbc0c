"""Partial updates as bytes, and two operations on one item as one."""

from __future__ import annotations

import json

import pytest

from consumer.coveo import payload
from consumer.coveo.limits import MAX_CATALOG_ITEM_BYTES
from consumer.coveo.partial import joined
from consumer.coveo.targets import TargetTraits
from consumer.domain.errors import PoisonError
from consumer.domain.fates import BatchOperation
from consumer.domain.operations import (
    DeleteItem,
    DocumentId,
    EncodedOperation,
    JsonValue,
    OperationKind,
    SourceKind,
    UpdateItem,
    UpsertItem,
)
from tests.unit.coveo.builders import KB, OPEN, SECURED, TP, operation

CATALOG = TargetTraits(KB, "shop", secured=False, kind=SourceKind.CATALOG)
ID = DocumentId("product://1")


def partial(**fields: JsonValue) -> EncodedOperation:
    """Return a partial update."""
    return payload.encode(UpdateItem(KB, ID, fields), CATALOG)


def whole(**fields: JsonValue) -> EncodedOperation:
    """Return an item."""
    return payload.encode(UpsertItem(KB, ID, fields), CATALOG)


DELETE = payload.encode(DeleteItem(KB, ID), CATALOG)


def test_each_field_is_an_entry_of_its_own() -> None:
    """As the Stream API wants it."""
    assert partial(ec_price=5, sizes=["a"]).payload == (
        b'{"documentId":"product://1","operator":"fieldValueReplace","field":"ec_price","value":5},'
        b'{"documentId":"product://1","operator":"fieldValueReplace","field":"sizes","value":["a"]}'
    )


def test_partial_updates_have_a_list_of_their_own_in_the_body() -> None:
    """It is there only if there are any: a push source knows no such list."""
    made = partial(a=1)
    change = BatchOperation(made.document_id, made.kind, made.payload, TP, 1)
    gone = operation("b", kind=OperationKind.DELETE)
    assert payload.body([change, operation("a"), gone, change]) == b"".join(
        (
            b'{"addOrUpdate":[{"documentId":"kb://a"}],"delete":[{"documentId":"kb://b"}],',
            b'"partialUpdate":[' + made.payload + b"," + made.payload + b"]}",
        )
    )


@pytest.mark.parametrize("traits", [OPEN, SECURED])
def test_no_other_source_gets_one(traits: TargetTraits) -> None:
    """Compiling refuses it; this is the last step before a body."""
    with pytest.raises(PoisonError) as caught:
        payload.encode(UpdateItem(KB, ID, {"a": 1}), traits)
    assert caught.value.reason == "partial_update_not_taken"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"a": None}, "partial_update_not_taken"),
        ({"permissions": "x"}, "metadata_key_reserved"),
        ({"data": "x"}, "metadata_key_reserved"),
        ({"a": "\ud800"}, "text_invalid"),
        ({"a": "x" * MAX_CATALOG_ITEM_BYTES}, "catalog_item_too_large"),
    ],
)
def test_what_the_service_would_lose_is_poison(fields: dict[str, JsonValue], reason: str) -> None:
    """It is judged after the 202."""
    with pytest.raises(PoisonError) as caught:
        partial(**fields)
    assert caught.value.reason == reason


def test_a_change_of_an_item_that_waits_becomes_part_of_it() -> None:
    """One batch must not hold both: their order in it is not defined."""
    made = joined(whole(a=1, b="x"), partial(b="y", c=[2]))
    assert made is not None
    assert made.kind is OperationKind.UPSERT
    assert json.loads(made.payload) == {"documentId": "product://1", "a": 1, "b": "y", "c": [2]}


def test_two_changes_become_one_with_the_newer_values() -> None:
    """A field that only the older one had stays."""
    assert joined(partial(a=1, b=1), partial(b=2, c=3)) == partial(a=1, b=2, c=3)


def test_complete_operations_stand_for_all_before() -> None:
    """Whatever that was."""
    for older in (whole(a=1), partial(a=1), DELETE):
        assert joined(older, whole(b=2)) == whole(b=2)
        assert joined(older, DELETE) == DELETE


def test_a_change_behind_a_delete_goes_by_itself() -> None:
    """There is no item to change; the service, not we, says so."""
    assert joined(DELETE, partial(a=1)) is None


def test_what_would_be_too_large_together_goes_one_after_the_other() -> None:
    """Each for itself was small enough."""
    half = "x" * (MAX_CATALOG_ITEM_BYTES // 2)
    assert joined(whole(a=half), partial(b=half)) is None
    assert joined(partial(a=half), partial(b=half)) is None
