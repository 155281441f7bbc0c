"""What a catalog asks of a mapping: which object its items are, and its ids. Imports the domain.

A catalog holds products, variants and availabilities (docs/n8of5561); the field `objecttype` says
which, and each is known by a field of its own (docs/m53g7119, m53g0124), whose name a catalog's
configuration can change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

from consumer.mapping.field_names import field_name
from consumer.mapping.problems import BadSpecError, Findings, Path
from consumer.mapping.spec import MappingSpec, ValueSpec

OBJECT_TYPE: Final = "objecttype"


class CatalogObject(StrEnum):
    """The kinds of items, as `objecttype` writes them."""

    PRODUCT = "Product"
    VARIANT = "Variant"
    AVAILABILITY = "Availability"


@dataclass(frozen=True, slots=True)
class CatalogIds:
    """Fields by which a catalog knows its objects."""

    product: str = "ec_product_id"
    variant: str = "ec_variant_id"
    availability: str = "ec_availability_id"
    available_items: str = "ec_available_items"

    def of(self, kind: CatalogObject) -> tuple[str, ...]:
        """Return the ids that an object must have on every row."""
        match kind:
            case CatalogObject.PRODUCT:
                return (self.product,)
            case CatalogObject.VARIANT:
                return (self.variant, self.product)
            case CatalogObject.AVAILABILITY:
                return (self.availability,)
            case _:
                assert_never(kind)

    def fields_of(self, kind: CatalogObject) -> tuple[str, ...]:
        """Return the fields that a mapping for such objects must have; a list may be empty."""
        more = (self.available_items,) if kind is CatalogObject.AVAILABILITY else ()
        return (*self.of(kind), *more)


@dataclass(frozen=True, slots=True)
class Destination:
    """What a mapping must know of its target; `catalog` is set for those that are one."""

    secured: bool
    catalog: CatalogIds | None = None


Destinations: TypeAlias = Mapping[str, Destination]
"""Targets by name."""


def required_ids(
    spec: MappingSpec, path: Path, destination: Destination, found: Findings
) -> tuple[str, ...]:
    """Return the fields that no item may lack; what a catalog cannot take is noted in `found`."""
    if destination.catalog is None:
        return ()
    ids = destination.catalog
    target = ("targets", spec.target, "source")
    premises = ((*path, "target"), (*path, "fields"), target)
    if spec.delete_children:
        found.add(
            (*path, "delete_children"),
            "a catalog deletes items one by one: no page of Coveo's names a delete of children in "
            "the Stream API; leave it out",
            *((*path, "target"), (*path, "delete_children"), target),
        )
    fields = dict(_fields(spec))
    kind = _kind(fields)
    if kind is None:
        kinds = ", ".join(CatalogObject)
        found.add(
            (*path, "fields", OBJECT_TYPE) if OBJECT_TYPE in spec.fields else (*path, "fields"),
            f"target '{spec.target}' is a catalog, in which each item says what it is: give the "
            f"field '{OBJECT_TYPE}' as a constant, one of {kinds}, as in "
            f"'{OBJECT_TYPE}: {{constant: {CatalogObject.PRODUCT}}}'",
            *premises,
        )
        return ()
    for name in ids.fields_of(kind):
        if name not in fields:
            found.add(
                (*path, "fields"),
                f"an item of type {kind} needs the field '{name}', by which the catalog knows it; "
                f"add it, or name yours in 'targets.{spec.target}.source.id_fields'",
                *premises,
            )
    return ids.of(kind)


def _fields(spec: MappingSpec) -> Iterator[tuple[str, ValueSpec]]:
    """Yield fields by the names that are sent; those that are none are reported elsewhere."""
    for written, value in spec.fields.items():
        try:
            yield field_name(written, {}), value
        except BadSpecError:
            continue


def _kind(fields: Mapping[str, ValueSpec]) -> CatalogObject | None:
    value = fields.get(OBJECT_TYPE)
    said = None if value is None else value.constant
    return CatalogObject(said) if said in set(CatalogObject) else None
