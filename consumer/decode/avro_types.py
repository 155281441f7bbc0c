"""Avro types as a tree of values: what a checked writer schema becomes. Standard library only.

Nodes are compared by identity: a named type that is used twice is one node, so whatever is
compiled from the tree can be compiled once per node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

PRIMITIVES: Final = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"},
)


@dataclass(frozen=True, slots=True)
class Size:
    """What a value of a type takes at least and makes at most; arrays and maps count as empty.

    `depth` is the number of nested types, `min_bytes` the shortest encoding, `decoded_bytes` an
    estimate of the memory of the decoded value without what strings and bytes hold.
    """

    depth: int
    min_bytes: int
    decoded_bytes: int


@dataclass(frozen=True, slots=True)
class Traits:
    """What Connect's converter says about a type beside its encoding."""

    connect_name: str | None = None
    """The semantic type (`connect.name`, else what Avro's own logical type corresponds to)."""
    connect_type: str | None = None
    """Connect's own type where Avro has none for it (`int8`, `int16`)."""
    internal_type: str | None = None
    scale: int | None = None
    precision: int | None = None
    """Digits of a decimal; converters write 64 where the database does not say."""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """One of Avro's eight primitive types."""

    kind: str
    size: Size
    traits: Traits


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """Bytes of one length."""

    byte_count: int
    size: Size
    traits: Traits


@dataclass(frozen=True, slots=True, eq=False)
class Enumeration:
    """One of several names."""

    symbols: tuple[str, ...]
    size: Size
    traits: Traits


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """Items of one type."""

    items: AvroType
    size: Size
    traits: Traits


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """Values of one type under string keys."""

    values: AvroType
    size: Size
    traits: Traits


@dataclass(frozen=True, slots=True, eq=False)
class Union:
    """One of several types; usually null and another."""

    branches: tuple[AvroType, ...]
    size: Size
    traits: Traits


@dataclass(frozen=True, slots=True, eq=False)
class Struct:
    """An Avro record: named fields in the order of their encoding. `name` is the full name.

    `defaults` are as the schema writes them, unchecked: to compare with, never to read by.
    """

    name: str
    fields: Mapping[str, AvroType]
    size: Size
    traits: Traits
    defaults: Mapping[str, Any] = field(default_factory=dict)


AvroType: TypeAlias = Primitive | Fixed | Enumeration | Array | Map | Union | Struct


def is_null(node: AvroType) -> bool:
    """Return whether the only value of the type is null."""
    return isinstance(node, Primitive) and node.kind == "null"


def without_null(node: AvroType) -> AvroType | None:
    """Return the type behind `[null, T]` in either order; None for several types or none."""
    if not isinstance(node, Union):
        return node
    rest = [branch for branch in node.branches if not is_null(branch)]
    return rest[0] if len(rest) == 1 else None


def as_written(raw: Any) -> Any:
    """Return a value as a schema writes it as a default: bytes are ISO-8859-1 text."""
    match raw:
        case bytes():
            return raw.decode("latin-1")
        case list():
            return [as_written(each) for each in raw]
        case dict():
            return {name: as_written(each) for name, each in raw.items()}
        case _:
            return raw
