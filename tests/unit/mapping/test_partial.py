"""Updates that leave values out, on catalogs: the fields that are known, or a reason why not."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.domain.errors import PoisonError
from consumer.domain.events import UNAVAILABLE, Op, Value
from consumer.domain.operations import DeleteItem, Operation, UpdateItem, UpsertItem
from consumer.mapping.problems import MappingErrors
from tests.unit.mapping.making import change, compiled, operations, route_of, spec

FIELDS: dict[str, Any] = {
    "objecttype": {"constant": "Product"},
    "ec_product_id": "sku",
    "ec_price": "price",
    "ec_description": "description",
    "label": {"expression": "row.sku + row.note"},
}
ROW: dict[str, Value] = {
    "id": 1, "sku": "s-1", "price": 5, "description": "long", "note": "!", "html": "<p>",
}  # fmt: skip


def product(**keys: Any) -> Any:
    """Return a mapping with partial updates."""
    plain = {"target": "shop", "format": "debezium", "fields": FIELDS, "partial_updates": True}
    return spec(**{**plain, **keys})


def mapped(op: Op, values: dict[str, Value], **keys: Any) -> Operation:
    """Return the one operation of a change."""
    route = route_of(product(**keys))
    (operation,) = operations(route, change(route, op, {**ROW, **values}))
    return operation


def refused(values: dict[str, Value], op: Op = Op.UPDATE, **keys: Any) -> PoisonError:
    """Return why a change is set aside."""
    with pytest.raises(PoisonError) as caught:
        mapped(op, values, **keys)
    return caught.value


def test_an_update_that_leaves_a_value_out_changes_the_other_fields() -> None:
    """The commonest update of a table with long texts; elsewhere its record is set aside."""
    made = mapped(Op.UPDATE, {"description": UNAVAILABLE, "price": 6})
    assert isinstance(made, UpdateItem)
    assert (made.target, made.document_id) == ("shop", "kb://articles/1")
    assert made.fields == {
        "objecttype": "Product", "ec_product_id": "s-1", "ec_price": 6, "label": "s-1!",
    }  # fmt: skip


def test_a_whole_update_is_sent_whole() -> None:
    """It mends whatever the item may lack."""
    made = mapped(Op.UPDATE, {})
    assert isinstance(made, UpsertItem)
    assert made.metadata["ec_description"] == "long"


def test_a_delete_deletes() -> None:
    """Nothing of the row is needed for it."""
    assert isinstance(mapped(Op.DELETE, {"description": UNAVAILABLE}), DeleteItem)


@pytest.mark.parametrize("op", [Op.CREATE, Op.READ])
def test_a_row_that_may_be_new_is_never_sent_in_part(op: Op) -> None:
    """The second half of a key change leaves values out, too, and its item is not there yet."""
    assert refused({"description": UNAVAILABLE}, op).reason == "unavailable_value"


def test_a_field_of_which_only_a_part_is_known_is_no_guess() -> None:
    """Its value may have changed by the part that is there."""
    poison = refused({"note": UNAVAILABLE})
    assert poison.reason == "unavailable_value"
    assert "'note'" in str(poison)


@pytest.mark.parametrize("value", [[UNAVAILABLE, "x"], {"a": UNAVAILABLE, "b": 1}])
def test_a_value_that_is_there_in_part_is_no_guess(value: Value) -> None:
    """The rest of the list may have changed."""
    assert refused({"description": value}).reason == "unavailable_value"


def test_a_null_is_set_aside_unless_it_has_a_default() -> None:
    """No page says how a partial update takes a value away; left out, the old one would stay."""
    poison = refused({"description": UNAVAILABLE, "price": None})
    assert poison.reason == "partial_update"
    assert "'ec_price'" in str(poison)
    fields = {**FIELDS, "ec_price": {"column": "price", "default": 0}}
    made = mapped(Op.UPDATE, {"description": UNAVAILABLE, "price": None}, fields=fields)
    assert isinstance(made, UpdateItem)
    assert made.fields["ec_price"] == 0


def test_a_body_that_is_left_out_stays() -> None:
    """It did not change."""
    made = mapped(Op.UPDATE, {"html": UNAVAILABLE}, body="html", file_extension=".html")
    assert isinstance(made, UpdateItem)
    assert made.fields["ec_description"] == "long"


def test_a_body_that_may_have_changed_is_set_aside() -> None:
    """A partial update changes fields only."""
    poison = refused({"description": UNAVAILABLE}, body="html")
    assert poison.reason == "partial_update"
    assert "body" in str(poison)


def test_without_partial_updates_the_record_is_set_aside() -> None:
    """It is for the mapping to say so."""
    assert refused({"description": UNAVAILABLE}, partial_updates=False).reason == (
        "unavailable_value"
    )


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"target": "open"}, "target 'open' is no catalog"),
        ({"format": None}, "it needs 'format: debezium'"),
        ({"format": "flattened"}, "it needs 'format: debezium'"),
        ({"when": "row.price > 1"}, "a row that comes to meet 'when' has no item yet"),
        ({"full_before_images": True}, "beside full row images nothing is left out"),
        ({"parent_id": "kb://{sku}"}, "an item's parent cannot be changed in part"),
        ({"file_extension": {"column": "sku"}}, "an item's file extension cannot be changed"),
    ],
)
def test_what_could_not_be_kept_true_is_refused_at_the_start(
    keys: dict[str, Any], told: str
) -> None:
    """With the reason; see ADR 18."""
    with pytest.raises(MappingErrors) as caught:
        compiled(product(**keys))
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"mappings[0].partial_updates: {told}")


def test_another_tables_fields_on_the_same_items_are_refused() -> None:
    """Whole items of the one would take away what the other had put there."""
    stock = product(topics="shop.public.stock", id="kb://articles/{product_id}")
    with pytest.raises(MappingErrors, match="could give the same id"):
        compiled(product(), stock)
