"""A catalog's mapping says what its items are, and has the ids that it knows them by."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.domain.errors import PoisonError
from consumer.domain.events import Op
from consumer.domain.operations import UpsertItem
from consumer.mapping.catalog import CatalogIds, CatalogObject, Destination
from consumer.mapping.compile import compile_mappings
from consumer.mapping.problems import MappingErrors
from tests.unit.mapping.making import change, compiled, item, operations, route_of, spec

PRODUCT = {"objecttype": {"constant": "Product"}, "ec_product_id": "sku"}
VARIANT = {**PRODUCT, "objecttype": {"constant": "Variant"}, "ec_variant_id": "size"}
STORE = {
    "objecttype": {"constant": "Availability"},
    "ec_availability_id": "id",
    "ec_available_items": {"column": "skus", "split": ","},
}


def refused(fields: dict[str, Any], **keys: Any) -> list[str]:
    """Return what is wrong with a mapping of these fields for the catalog."""
    with pytest.raises(MappingErrors) as caught:
        compiled(spec(target="shop", fields=fields, **keys))
    return [str(problem) for problem in caught.value.problems]


def without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Return fields without one."""
    return {key: value for key, value in fields.items() if key != name}


@pytest.mark.parametrize("fields", [PRODUCT, VARIANT, STORE])
def test_each_object_compiles_with_its_ids(fields: dict[str, Any]) -> None:
    """Products, variants and availabilities are what a catalog holds."""
    assert compiled(spec(target="shop", fields=fields)).targets == ("shop",)


@pytest.mark.parametrize(
    "said",
    [None, "kind", {"column": "kind"}, {"constant": "product"}, {"constant": ["Product"]},
     {"constant": True}],
)  # fmt: skip
def test_what_an_item_is_must_be_a_constant_of_the_three(said: Any) -> None:
    """An item without it, or with another word, is in no catalog and nobody is told."""
    fields = without(PRODUCT, "objecttype") | ({} if said is None else {"objecttype": said})
    (problem,) = refused(fields)
    assert "one of Product, Variant, Availability" in problem


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (PRODUCT, "ec_product_id"),
        (VARIANT, "ec_product_id"),
        (VARIANT, "ec_variant_id"),
        (STORE, "ec_availability_id"),
        (STORE, "ec_available_items"),
    ],
)
def test_an_object_without_its_id_is_refused(fields: dict[str, Any], name: str) -> None:
    """The message names the field, and where another name of it is given."""
    (problem,) = refused(without(fields, name))
    assert f"'{name}'" in problem
    assert "targets.shop.source.id_fields" in problem


def test_a_catalog_with_other_names_asks_for_these() -> None:
    """As `id_fields` says; a name that is made into a field's counts as that field."""
    destinations = {"shop": Destination(secured=False, catalog=CatalogIds(product="product_id"))}
    fields = {"objecttype": PRODUCT["objecttype"], "Product Id": "sku"}
    assert compile_mappings([spec(target="shop", fields=fields)], destinations).targets
    assert CatalogIds(product="x").of(CatalogObject.PRODUCT) == ("x",)


def test_a_delete_of_children_is_refused() -> None:
    """No page names one for the Stream API."""
    (problem,) = refused(PRODUCT, delete_children=True)
    assert problem.startswith("mappings[0].delete_children: a catalog deletes items one by one")


def test_a_push_source_asks_for_none_of_it() -> None:
    """Its items may be anything."""
    assert compiled(spec(target="open", fields={"price": "price"})).targets == ("open",)


def test_an_item_is_what_it_is_on_any_target() -> None:
    """The fields of a catalog are fields."""
    made = item(spec(target="shop", fields=PRODUCT), {"sku": "s-1"})
    assert made.metadata == {"objecttype": "Product", "ec_product_id": "s-1"}


def test_a_row_without_its_id_is_set_aside() -> None:
    """The item would be in the source, and not in the catalog."""
    route = route_of(spec(target="shop", fields=VARIANT))
    with pytest.raises(PoisonError, match="'ec_variant_id' is null") as caught:
        route.map(change(route, Op.CREATE, {"id": 1, "sku": "s-1"}))
    assert caught.value.reason == "catalog_id"


def test_a_store_may_have_nothing_to_offer() -> None:
    """An empty list is no missing id."""
    route = route_of(spec(target="shop", fields=STORE))
    (made,) = operations(route, change(route, Op.CREATE, {"id": 1}))
    assert isinstance(made, UpsertItem)
    assert "ec_available_items" not in made.metadata
