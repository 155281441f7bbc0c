"""Which converter a type gets: its logical type's, else one for what it is made of.

Imports the domain.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, assert_never

from consumer.decode import numeric
from consumer.decode.avro_types import (
    Array,
    AvroType,
    Enumeration,
    Fixed,
    Map,
    Primitive,
    Struct,
    Union,
    is_null,
    without_null,
)
from consumer.decode.exact import EXACT_TYPES
from consumer.decode.logical import LOGICAL_TYPES
from consumer.decode.logical_type import Convert
from consumer.decode.losses import Lose, Loss
from consumer.domain.events import Value

_MAP_ENTRY: Final = "io.confluent.connect.avro.MapEntry"


class AmbiguousTypeError(Exception):
    """A type whose values have no one meaning; translated where the column is known."""


class Converters:
    """Chooses the converter of each type, once per node; None where the raw value will do."""

    def __init__(self, lose: Lose, *, exact: bool = False) -> None:
        """Keep where values that become None are counted; `exact` for what ids are made of."""
        self._lose = lose
        self._table = EXACT_TYPES if exact else LOGICAL_TYPES
        self._chosen: dict[AvroType, Convert | None] = {}

    def of(self, node: AvroType) -> Convert | None:
        """Return the converter of a type. Raises AmbiguousTypeError."""
        if node not in self._chosen:
            self._chosen[node] = self._choose(node)
        return self._chosen[node]

    def _choose(self, node: AvroType) -> Convert | None:  # noqa: PLR0911 - one case per kind
        logical = self._table.get(node.traits.connect_name or "")
        if logical is not None and logical.fits(node):
            return logical.make(node, self._lose)
        match node:
            case Primitive(kind="double"):
                return partial(numeric.finite, lose=self._lose)
            case Primitive(kind="float"):
                return partial(numeric.finite_single, lose=self._lose)
            case Primitive() | Fixed() | Enumeration():
                return None
            case Array():
                return self._array(node)
            case Map():
                return _each_value(self.of(node.values))
            case Struct():
                return _each_field({name: self.of(each) for name, each in node.fields.items()})
            case Union():
                return self._union(node)
            case _:
                assert_never(node)

    def _array(self, node: Array) -> Convert | None:
        entry = without_null(node.items)
        if isinstance(entry, Struct) and _is_map_entry(node, entry):
            return _each_entry(self.of(entry.fields["key"]), self.of(entry.fields["value"]))
        convert = _each_item(self.of(node.items))
        if isinstance(node.items, Union) and any(map(is_null, node.items.branches)):
            return partial(_nullable_items, convert, self._lose)
        return convert

    def _union(self, node: Union) -> Convert | None:
        only = without_null(node)
        if only is None:
            message = "a union of several types, whose values cannot be told apart"
            raise AmbiguousTypeError(message)
        return self.of(only)


def _is_map_entry(node: Array, entry: Struct) -> bool:
    """Return whether this is how Connect writes a map whose keys are not plain strings."""
    named = entry.name == _MAP_ENTRY
    internal = "MapEntry" in {entry.traits.internal_type, node.traits.internal_type}
    return (named or internal) and entry.fields.keys() == {"key", "value"}


def _or_none(convert: Convert | None, value: Any) -> Value:
    return value if convert is None or value is None else convert(value)


def _each_item(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None
    return lambda items: [_or_none(convert, item) for item in items]


def _each_value(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None
    return lambda values: {key: _or_none(convert, value) for key, value in values.items()}


def _each_field(converters: Mapping[str, Convert | None]) -> Convert | None:
    needed = {name: convert for name, convert in converters.items() if convert is not None}
    if not needed:
        return None

    def convert_fields(struct: dict[str, Any]) -> Value:
        converted = dict(struct)
        for name, convert in needed.items():
            converted[name] = _or_none(convert, struct[name])
        return converted

    return convert_fields


def _nullable_items(convert: Convert | None, lose: Lose, items: list[Any]) -> Value:
    """Convert an array; count one of nulls only, which PostgreSQL's connector makes of nested ones.

    Whether it was such a one or really held nulls, nobody can tell.
    """
    if items and all(item is None for item in items):
        lose(Loss.NULLS_ONLY)
    return items if convert is None else convert(items)


def _each_entry(convert_key: Convert | None, convert: Convert | None) -> Convert:
    def convert_entries(entries: list[dict[str, Any] | None]) -> Value:
        pairs = [(each["key"], each["value"]) for each in entries if each is not None]
        return {
            _key_text(_or_none(convert_key, key)): _or_none(convert, value) for key, value in pairs
        }

    return convert_entries


def _key_text(key: Value) -> str:
    """Return a map's key as JSON can have it: text."""
    match key:
        case str():
            return key
        case bytes():
            return key.hex()
        case bool() | None:
            return json.dumps(key)
        case _:
            return str(key)
