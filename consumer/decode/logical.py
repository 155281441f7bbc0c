"""What a type means: one converter per Debezium or Connect logical type, in one table.

Values become what JSON and Coveo's fields can hold: ISO-8601 text, exact Decimals, finite numbers,
lists and dictionaries. Every type of reference `debezium.md` §3.2 is here. A name alone says
nothing, for schemas are untrusted: the encoding must fit as well. Imports the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from consumer.decode import geometry, numeric, temporal
from consumer.decode.avro_types import Array, AvroType, Primitive, Struct, without_null
from consumer.decode.losses import Lose
from consumer.domain.events import Value

Convert: TypeAlias = Callable[[Any], Value]
"""From a value as Avro gives it, never None, to a domain value."""


class LogicalType(NamedTuple):
    """A logical type: the encodings that it may have, and how its converter is made."""

    fits: Callable[[AvroType], bool]
    make: Callable[[AvroType, Lose], Convert | None]


def _on(*kinds: str, to: Callable[[Any, Lose], Value]) -> LogicalType:
    return LogicalType(_is_one_of(*kinds), _always(to))


def _on_struct(
    to: Callable[[Any, Lose], Value], *, required: Mapping[str, str], optional: Mapping[str, str]
) -> LogicalType:
    """Return a type whose fields have the kinds named (`int` or `long` is `integer`)."""

    def fits(node: AvroType) -> bool:
        if not isinstance(node, Struct) or not required.keys() <= node.fields.keys():
            return False
        optionals = {name: node.fields[name] for name in optional.keys() & node.fields.keys()}
        return all(
            _kind(node.fields[name]) in _KINDS[kind] for name, kind in required.items()
        ) and (
            all(_kind(without_null(each)) in _KINDS[optional[n]] for n, each in optionals.items())
        )

    return LogicalType(fits, _always(to))


def _on_array(item_kind: str, to: Callable[[Any, Lose], Value]) -> LogicalType:
    def fits(node: AvroType) -> bool:
        return isinstance(node, Array) and _kind(node.items) == item_kind

    return LogicalType(fits, _always(to))


def _as_is(*kinds: str) -> LogicalType:
    return LogicalType(_is_one_of(*kinds), lambda _node, _lose: None)


def _is_one_of(*kinds: str) -> Callable[[AvroType], bool]:
    return lambda node: _kind(node) in kinds


def _always(to: Callable[[Any, Lose], Value]) -> Callable[[AvroType, Lose], Convert]:
    return lambda _node, lose: lambda value: to(value, lose)


def _decimal(node: AvroType, _lose: Lose) -> Convert:
    scale = node.traits.scale or 0
    return lambda unscaled: numeric.exact(unscaled, scale)


def _enum(value: str, _lose: Lose) -> Value:
    """Undo the escape that MySQL's stream puts before a comma and its snapshot does not."""
    return value.replace("\\,", ",")


def _enum_set(value: str, _lose: Lose) -> Value:
    return [*value.split(",")] if value else []


def _vector(components: list[float], lose: Lose) -> Value:
    return [numeric.finite(component, lose) for component in components]


def _single_vector(components: list[float], lose: Lose) -> Value:
    return [numeric.finite_single(component, lose) for component in components]


def _sparse_vector(parts: dict[str, Any], lose: Lose) -> Value:
    entries = {str(each["key"]): numeric.finite(each["value"], lose) for each in parts["vector"]}
    return {"dimensions": parts["dimensions"], "vector": {**entries}}


def _is_sparse_vector(node: AvroType) -> bool:
    if not isinstance(node, Struct) or not node.fields.keys() >= {"dimensions", "vector"}:
        return False
    vector = node.fields["vector"]
    entry = vector.items if isinstance(vector, Array) else None
    return (
        isinstance(entry, Struct)
        and _kind(node.fields["dimensions"]) == "int"
        and entry.fields.keys() >= {"key", "value"}
        and _kind(entry.fields["value"]) == "double"
    )


def _kind(node: AvroType | None) -> str:
    match node:
        case Primitive():
            return node.kind
        case _:
            return type(node).__name__.lower()


_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "integer": frozenset({"int", "long"}),
    "double": frozenset({"double"}),
    "bytes": frozenset({"bytes"}),
}
_DATE_PARTS: Final = {"year": "integer", "month": "integer", "day": "integer"}
_TIME_PARTS: Final = dict.fromkeys(("hour", "minute", "second", "nanos"), "integer")
_MOMENT_PARTS: Final = {**_DATE_PARTS, **_TIME_PARTS, "offsetSeconds": "integer"}
_DURATION_PARTS: Final = dict.fromkeys(
    ("years", "months", "days", "hours", "minutes", "seconds", "nanos"), "integer"
)
_WKB_PARTS: Final = {"wkb": "bytes"}
_SRID: Final = {"srid": "integer"}


LOGICAL_TYPES: Final[Mapping[str, LogicalType]] = {
    "io.debezium.time.Date": _on("int", to=temporal.iso_of_days),
    "io.debezium.time.Time": _on("int", to=temporal.time_of_ms),
    "io.debezium.time.MicroTime": _on("long", to=temporal.time_of_us),
    "io.debezium.time.NanoTime": _on("long", to=temporal.time_of_ns),
    "io.debezium.time.Timestamp": _on("long", to=temporal.iso_of_ms),
    "io.debezium.time.MicroTimestamp": _on("long", to=temporal.iso_of_us),
    "io.debezium.time.NanoTimestamp": _on("long", to=temporal.iso_of_ns),
    "io.debezium.time.ZonedTimestamp": _on("string", to=temporal.iso_of_text),
    "io.debezium.time.ZonedTime": _as_is("string"),
    "io.debezium.time.Year": _as_is("int"),
    "io.debezium.time.MicroDuration": _on("long", "double", to=temporal.duration_of_us),
    "io.debezium.time.NanoDuration": _on("long", to=temporal.duration_of_ns),
    "io.debezium.time.Interval": _as_is("string"),
    "io.debezium.time.IsoDate": _on("string", to=temporal.iso_of_date_text),
    "io.debezium.time.IsoTime": _as_is("string"),
    "io.debezium.time.IsoTimestamp": _on("string", to=temporal.iso_of_text),
    "io.debezium.time.StructuredDate": _on_struct(
        temporal.iso_of_parts, required={}, optional=_MOMENT_PARTS
    ),
    "io.debezium.time.StructuredTime": _on_struct(
        temporal.time_of_parts, required={}, optional=_TIME_PARTS
    ),
    "io.debezium.time.StructuredTimestamp": _on_struct(
        temporal.iso_of_parts, required={}, optional=_MOMENT_PARTS
    ),
    "io.debezium.time.StructuredZonedTimestamp": _on_struct(
        temporal.iso_of_parts, required={}, optional=_MOMENT_PARTS
    ),
    "io.debezium.time.StructuredDuration": _on_struct(
        temporal.duration_of_parts, required={}, optional=_DURATION_PARTS
    ),
    "org.apache.kafka.connect.data.Date": _on("int", to=temporal.iso_of_days),
    "org.apache.kafka.connect.data.Time": _on("int", to=temporal.time_of_ms),
    "org.apache.kafka.connect.data.Timestamp": _on("long", to=temporal.iso_of_ms),
    "org.apache.kafka.connect.data.Decimal": LogicalType(_is_one_of("bytes", "fixed"), _decimal),
    "io.debezium.data.VariableScaleDecimal": _on_struct(
        numeric.exact_of_parts, required={"scale": "integer", "value": "bytes"}, optional={}
    ),
    "io.debezium.data.Json": _as_is("string"),
    "io.debezium.data.Xml": _as_is("string"),
    "io.debezium.data.Uuid": _as_is("string"),
    "io.debezium.data.Ltree": _as_is("string"),
    "io.debezium.data.Tsvector": _as_is("string"),
    "io.debezium.data.Enum": _on("string", to=_enum),
    "io.debezium.data.EnumSet": _on("string", to=_enum_set),
    "io.debezium.data.Bits": _on("bytes", to=numeric.int_of_bits),
    "io.debezium.data.geometry.Point": _on_struct(
        geometry.geojson_of_parts,
        required={"x": "double", "y": "double"},
        optional={**_WKB_PARTS, **_SRID},
    ),
    "io.debezium.data.geometry.Geometry": _on_struct(
        geometry.geojson_of_parts, required=_WKB_PARTS, optional=_SRID
    ),
    "io.debezium.data.geometry.Geography": _on_struct(
        geometry.geojson_of_parts, required=_WKB_PARTS, optional=_SRID
    ),
    "io.debezium.data.DoubleVector": _on_array("double", to=_vector),
    "io.debezium.data.FloatVector": _on_array("float", to=_single_vector),
    "io.debezium.data.SparseDoubleVector": LogicalType(_is_sparse_vector, _always(_sparse_vector)),
}
