"""The sections about what is written to: sources of Coveo's. Imports pydantic and `mapping`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StringConstraints

from consumer.config.base import NonEmpty, Section
from consumer.domain.operations import SourceKind
from consumer.mapping.catalog import CatalogIds, Destination
from consumer.mapping.spec import short

TargetName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
FieldName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class IdFieldsSection(Section):
    """Fields by which a catalog knows its objects, as its configuration in Coveo names them."""

    product: FieldName = "ec_product_id"
    """Id of a product, in products and in their variants."""
    variant: FieldName = "ec_variant_id"
    """Id of a variant."""
    availability: FieldName = "ec_availability_id"
    """Id of an availability, such as a store."""
    available_items: FieldName = "ec_available_items"
    """What an availability offers: a list of ids of products or variants."""


class SourceSection(Section):
    """A source in the organization."""

    id: NonEmpty
    """Its id; writing just this is the short form."""
    kind: Literal["push", "catalog"] = "push"
    """`push` is written by the Push API, `catalog` by the Stream API, and takes products, variants
    and availabilities only."""
    id_fields: IdFieldsSection = Field(default_factory=IdFieldsSection)
    """How a catalog calls its objects' ids, where it does not use Coveo's standard fields."""


SourceField: TypeAlias = Annotated[
    SourceSection, BeforeValidator(short("id"), json_schema_input_type=NonEmpty | SourceSection)
]


class TargetSection(Section):
    """A source that items go to."""

    source: SourceField
    """The source: its id, or `{id: …, kind: push | catalog}`."""
    secured: bool
    """Whether the source is secured ("same users and groups as in your content system"). It has no
    default: on a secured source items without permissions are refused, on any other one everybody
    sees every item. Of kind `catalog` it cannot be: no page says that permissions count there."""

    single_item_calls: bool = False
    """Whether a window of one operation goes by the call for a single item: one request instead of
    two. Off, because such a call may lose to the batch before it; see the chapter on Coveo's
    interface. For sources of kind `push` only."""

    @property
    def kind(self) -> SourceKind:
        """Return by which interface it is written."""
        return SourceKind(self.source.kind)

    @property
    def destination(self) -> Destination:
        """Return what compiling mappings needs to know."""
        if self.kind is SourceKind.PUSH:
            return Destination(self.secured)
        names = self.source.id_fields
        ids = CatalogIds(names.product, names.variant, names.availability, names.available_items)
        return Destination(self.secured, ids)
