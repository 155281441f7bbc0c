"""Columns of rows without a schema: of a type that a mapping declares, or of none.

What is not declared stays what JSON has: text, exact numbers, lists, objects. Imports the domain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from consumer.decode import bounds, json_schema, rows
from consumer.decode.avro_types import (
    Array,
    AvroType,
    Map,
    Primitive,
    Struct,
    Traits,
    Union,
    without_null,
)
from consumer.decode.changes import Toolbox
from consumer.decode.column_types import schema_of
from consumer.decode.converters import Converters
from consumer.decode.json_values import MisfitError, Takers
from consumer.decode.logical_type import Convert
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.rows import ToRow
from consumer.decode.settings import DecodeSettings
from consumer.decode.unavailable import Marker
from consumer.domain.events import UNAVAILABLE, ColumnPlan, Row, Value
from consumer.domain.schemas import SchemaRef

WHAT: Final = "a JSON record without a schema"
_DECLARED: Final = SchemaRef("column_types")


class PlainColumns:
    """The types of a plan's columns, and how values become theirs."""

    def __init__(self, plan: ColumnPlan, tools: Toolbox, settings: DecodeSettings) -> None:
        """Build the declared types once."""
        self._plan = plan
        self._marker = tools.marker
        self._usual, self._exact = tools.converters()
        self._takers = Takers()
        self._types: dict[str, AvroType] = {
            name: json_schema.parse(schema_of(declared), _DECLARED, settings)
            for name, declared in plan.reading.types
        }

    def image_row(self) -> ToRow:
        """Return how a row becomes its planned columns, markers recognised."""
        plan = self._plan
        converters = [self._convert(name, self._usual) for name in plan.columns]
        converters += [self._convert(name, self._exact) for name in plan.exact_columns]
        return _row((*plan.columns, *plan.exact_columns), converters)

    def key_row(self) -> ToRow:
        """Return how a key becomes its columns."""
        columns = self._plan.key_columns
        return _row(columns, [self.of_key(name) for name in columns])

    def of_row(self, column: str) -> Convert:
        """Return how one column of a row is read, markers recognised."""
        return self._convert(column, self._usual)

    def of_key(self, column: str) -> Convert:
        """Return how one key column is read."""
        return self._convert(column, self._exact)

    def struct(self) -> Struct:
        """Return a struct of the plan's columns; one that is not declared could be of any type."""
        names = dict.fromkeys((*self._plan.columns, *self._plan.exact_columns))
        fields = {name: self._types.get(name, _ANY) for name in names}
        return Struct(WHAT, fields, bounds.of_struct(each.size for each in fields.values()), _BARE)

    def _convert(self, column: str, converters: Converters) -> Convert:
        node = self._types.get(column)
        if node is None:
            return _unless_marked(self._marker)
        return self._declared(column, node, self._marker.unless_marked(node, converters.of(node)))

    def _declared(self, column: str, node: AvroType, convert: Convert | None) -> Convert:
        take = self._takers.of(node)

        def read(value: Any) -> Value:
            try:
                datum: Value = take(_filled(node, value))
            except MisfitError as misfit:
                message = f"column '{column}' is not of its type in 'column_types': {misfit}"
                raise poison(PoisonReason.UNDECODABLE, message) from None
            return datum if convert is None else convert(datum)

        return read


def _row(columns: Sequence[str], converters: Sequence[Convert]) -> ToRow:
    def to_row(image: Mapping[str, Any]) -> Row:
        if not image.keys() >= wanted:
            rows.require_names(image, columns, WHAT)
        raws = (image[column] for column in columns)
        return tuple(
            None if raw is None else convert(raw)
            for raw, convert in zip(raws, converters, strict=True)
        )

    wanted = frozenset(columns)
    return to_row


def _as_it_is(value: Any) -> Value:
    read: Value = value
    return read


def _unless_marked(marker: Marker) -> Convert:
    """Return how a value of no declared type is read: any form of the marker may be in it.

    An object of which a part is the marker is left out as a whole, as a structure is.
    """
    text = marker.unless_marked(_TEXT, None) or _as_it_is
    entries = marker.unless_marked(_MAP, None) or _as_it_is
    lists = [marker.unless_marked(node, None) or _as_it_is for node in _LISTS]

    def read(value: Any) -> Value:
        match value:
            case str():
                return text(value)
            case dict() if any(read(part) is UNAVAILABLE for part in value.values()):
                return UNAVAILABLE
            case dict():
                return entries(value)
            case list() if any(each(value) is UNAVAILABLE for each in lists):
                return UNAVAILABLE
            case _:
                return _as_it_is(value)

    return read


def _filled(node: AvroType, value: Any) -> Any:
    """Add the optional parts of structures that their writer may have left out."""
    only = without_null(node)
    if not isinstance(only, Struct) or not isinstance(value, dict):
        return value
    optional = (name for name, each in only.fields.items() if isinstance(each, Union))
    parts = {**dict.fromkeys(optional), **value}
    return {
        name: _filled(only.fields[name], part) if name in only.fields else part
        for name, part in parts.items()
    }


_BARE: Final = Traits()
_TEXT: Final = Primitive("string", bounds.of_primitive("string"), _BARE)
_LONG: Final = Primitive("long", bounds.of_primitive("long"), _BARE)
_MAP: Final = Map(_TEXT, bounds.of_map(_TEXT.size), _BARE)
_LISTS: Final = tuple(
    Array(items, bounds.of_array(items.size), _BARE) for items in (_TEXT, _LONG, _MAP)
)
_ANY: Final = Union((_TEXT, _LONG), bounds.of_union((_TEXT.size, _LONG.size)), _BARE)
"""A type that is not known: several, which is what nothing is believed of."""
