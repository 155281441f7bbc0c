"""What mappings send to which field, as far as they say it. Imports the mapping document's models.

A column's own type is in its schema, not in the mapping: without a cast, or a declared type, what
it sends is not known here, and any field takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consumer.mapping.field_names import PERMANENT_ID, field_name
from consumer.mapping.spec import Cast, ColumnTypeSpec, MappingSpec, ValueSpec


class Kind(StrEnum):
    """What a field is sent."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    ANY = "any"
    """Not said by the mapping."""
    DICTIONARY = "dictionary"
    """Texts or numbers by key."""
    MIXED = "mixed"
    """Mappings send things that have nothing in common but that they can be text."""


@dataclass(frozen=True, slots=True)
class WantedField:
    """A field that some mapping fills."""

    name: str
    kind: Kind
    many: bool = False
    """Whether it can be a list."""


_BY_CAST: Final = {
    Cast.STRING: Kind.TEXT,
    Cast.BOOLEAN: Kind.TEXT,  # booleans go to string fields (docs/162)
    Cast.BASE64: Kind.TEXT,
    Cast.JSON: Kind.TEXT,
    Cast.INTEGER: Kind.INTEGER,
    Cast.NUMBER: Kind.NUMBER,
    Cast.DATE: Kind.DATE,
    Cast.DICTIONARY: Kind.DICTIONARY,
}
_BY_TYPE: Final = {
    "string": Kind.TEXT,
    "boolean": Kind.TEXT,
    "int8": Kind.INTEGER,
    "int16": Kind.INTEGER,
    "int32": Kind.INTEGER,
    "int64": Kind.INTEGER,
    "float": Kind.NUMBER,
    "float32": Kind.NUMBER,
    "float64": Kind.NUMBER,
    "double": Kind.NUMBER,
    "decimal": Kind.NUMBER,
    "io.debezium.time.Year": Kind.INTEGER,
}
_DATES: Final = frozenset(
    {
        *(f"io.debezium.time.{name}" for name in ("Date", "Timestamp", "MicroTimestamp")),
        *(f"io.debezium.time.{name}" for name in ("NanoTimestamp", "ZonedTimestamp")),
        *(f"io.debezium.time.{name}" for name in ("IsoDate", "IsoTimestamp")),
        *(f"org.apache.kafka.connect.data.{name}" for name in ("Date", "Timestamp")),
    }
)
_TEXTS: Final = frozenset(f"io.debezium.data.{name}" for name in ("Uuid", "Enum", "Json", "Xml"))
_NUMBERS: Final = frozenset({Kind.INTEGER, Kind.NUMBER})


def wanted_fields(mappings: Iterable[MappingSpec]) -> tuple[WantedField, ...]:
    """Return every field that the mappings fill, in order of name: all of an index share them."""
    found: dict[str, WantedField] = {}
    for one in (field for mapping in mappings for field in _of(mapping)):
        known = found.get(one.name)
        found[one.name] = one if known is None else _both(known, one)
    return tuple(found[name] for name in sorted(found))


def _of(mapping: MappingSpec) -> Iterator[WantedField]:
    if mapping.title is not None:
        yield WantedField("title", Kind.TEXT)
    if mapping.permanent_id:
        yield WantedField(PERMANENT_ID, Kind.TEXT)
    for written, value in mapping.fields.items():
        kind, many = _sent(value, mapping)
        yield WantedField(field_name(written, {}), kind, many)


def _sent(value: ValueSpec, mapping: MappingSpec) -> tuple[Kind, bool]:
    """Return what a value is, and whether it can be a list."""
    many = value.split is not None or isinstance(value.default, tuple)
    if value.cast is not None:
        return _BY_CAST[value.cast], many and value.cast not in {Cast.JSON, Cast.DICTIONARY}
    if value.constant is not None:
        return _constant(value.constant), isinstance(value.constant, tuple)
    if value.template is not None or value.split is not None:
        return Kind.TEXT, many
    if value.json_pointer is None and value.column in mapping.column_types:
        kind, listed = _declared(mapping.column_types[value.column])
        return kind, listed or many
    return Kind.ANY, many


def _constant(value: object) -> Kind:
    match value:
        case tuple():
            kinds = {_constant(each) for each in value}
            return _joined(kinds) if kinds else Kind.ANY
        case bool() | str():
            return Kind.TEXT
        case int():
            return Kind.INTEGER
        case _:
            return Kind.NUMBER


def _declared(spec: ColumnTypeSpec) -> tuple[Kind, bool]:
    name, many = (spec.items or "", True) if spec.type == "array" else (spec.type, False)
    if name in _DATES:
        return Kind.DATE, many
    return (Kind.TEXT if name in _TEXTS else _BY_TYPE.get(name, Kind.ANY)), many


def _both(one: WantedField, other: WantedField) -> WantedField:
    return WantedField(one.name, _joined({one.kind, other.kind}), one.many or other.many)


def _joined(kinds: set[Kind]) -> Kind:
    """Return what holds all of these; an unknown kind does not matter beside a known one."""
    said = kinds - {Kind.ANY}
    if len(said) > 1:
        return Kind.NUMBER if said <= _NUMBERS else Kind.MIXED
    return next(iter(said), Kind.ANY)
