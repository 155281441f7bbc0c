"""One logical type: the encodings that it may have, how its converter is made, what it is for.

A name alone says nothing, for schemas are untrusted: the encoding must fit as well. What a type
becomes is said beside its converter, and docs/types.md is made from that. Imports the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from consumer.decode.avro_types import Array, AvroType, Primitive, Struct, without_null
from consumer.decode.losses import Lose
from consumer.domain.events import Value

_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "integer": frozenset({"int", "long"}),
    "double": frozenset({"double"}),
    "bytes": frozenset({"bytes"}),
    "record": frozenset({"struct"}),
}

Convert: TypeAlias = Callable[[Any], Value]
"""From a value as Avro gives it, never None, to a domain value."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the documents say of a type: what it becomes, and which of its values are special."""

    becomes: str
    special: str = ""


class LogicalType(NamedTuple):
    """A logical type. `avro` is its encoding in words."""

    fits: Callable[[AvroType], bool]
    make: Callable[[AvroType, Lose], Convert | None]
    avro: str
    said: Said


def on(*kinds: str, to: Callable[[Any, Lose], Value], said: Said) -> LogicalType:
    """Return a type of one of these primitive kinds."""
    return LogicalType(is_one_of(*kinds), always(to), " or ".join(kinds), said)


def as_is(*kinds: str, said: Said) -> LogicalType:
    """Return a type whose raw value will do."""
    return LogicalType(is_one_of(*kinds), lambda _node, _lose: None, " or ".join(kinds), said)


def on_struct(
    to: Callable[[Any, Lose], Value],
    said: Said,
    *,
    required: Mapping[str, str] | None = None,
    optional: Mapping[str, str] | None = None,
) -> LogicalType:
    """Return a type whose fields have the kinds named (`int` or `long` is `integer`)."""
    must_have, may_have = required or {}, optional or {}

    def fits(node: AvroType) -> bool:
        if not isinstance(node, Struct) or not must_have.keys() <= node.fields.keys():
            return False
        fields = {name: node.fields[name] for name in may_have.keys() & node.fields.keys()}
        return all(
            kind_of(node.fields[name]) in _KINDS[kind] for name, kind in must_have.items()
        ) and all(kind_of(without_null(each)) in _KINDS[may_have[n]] for n, each in fields.items())

    names = ", ".join((*must_have, *(f"{name}?" for name in may_have)))
    return LogicalType(fits, always(to), f"record of {names}", said)


def on_array(item_kind: str, to: Callable[[Any, Lose], Value], said: Said) -> LogicalType:
    """Return a type that is an array of one primitive kind."""

    def fits(node: AvroType) -> bool:
        return isinstance(node, Array) and kind_of(node.items) == item_kind

    return LogicalType(fits, always(to), f"array of {item_kind}", said)


def is_one_of(*kinds: str) -> Callable[[AvroType], bool]:
    """Return whether a node is of one of these kinds."""
    return lambda node: kind_of(node) in kinds


def always(to: Callable[[Any, Lose], Value]) -> Callable[[AvroType, Lose], Convert]:
    """Return what makes a converter that asks nothing of its node."""
    return lambda _node, lose: lambda value: to(value, lose)


def kind_of(node: AvroType | None) -> str:
    """Return a primitive's kind, or what else a node is, in lower case."""
    match node:
        case Primitive():
            return node.kind
        case _:
            return type(node).__name__.lower()
