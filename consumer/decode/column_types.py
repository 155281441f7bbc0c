"""Types that a mapping declares for columns whose records do not carry them.

Without Connect's metadata nothing tells a MicroTimestamp from any other number (reference
`debezium.md` §3.1, §3.6): neither in Avro with `connect.meta.data=false` nor in JSON without
schemas. Imports the domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from consumer.decode.avro_types import Array, AvroType, Primitive, Struct, Traits, Union, is_null
from consumer.decode.logical import LOGICAL_TYPES
from consumer.domain.errors import ConfigError
from consumer.domain.formats import ARRAY, DECIMAL, ColumnType
from consumer.domain.schemas import SchemaRef

_TIME: Final = "io.debezium.time"
_DATA: Final = "io.debezium.data"
_CONNECT: Final = "org.apache.kafka.connect.data"


def _struct(required: Mapping[str, str], *optional: tuple[str, str]) -> dict[str, Any]:
    fields: list[dict[str, Any]] = [
        {"field": name, "type": kind} for name, kind in required.items()
    ]
    fields += [{"field": name, "type": kind, "optional": True} for name, kind in optional]
    return {"type": "struct", "fields": fields}


def _all(kind: str, prefix: str, names: str) -> dict[str, dict[str, Any]]:
    return {f"{prefix}.{name}": {"type": kind} for name in names.split()}


_WKB: Final = (("wkb", "bytes"), ("srid", "int32"))
_DATE_PARTS: Final = tuple((name, "int32") for name in ("year", "month", "day"))
_TIME_PARTS: Final = tuple((name, "int32") for name in ("hour", "minute", "second", "nanos"))
_SPECIAL: Final = (("specialValue", "string"), ("precision", "int32"))
_ZONE: Final = (("offsetSeconds", "int32"), ("zoneId", "string"))
_SPAN: Final = ("years", "months", "days", "hours", "minutes", "nanos")

_SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {
    **_all("int32", _TIME, "Date Time Year"),
    **_all("int32", _CONNECT, "Date Time"),
    **_all("int64", _TIME, "MicroTime NanoTime MicroDuration NanoDuration"),
    **_all("int64", _TIME, "Timestamp MicroTimestamp NanoTimestamp"),
    **_all("int64", _CONNECT, "Timestamp"),
    **_all("string", _TIME, "ZonedTimestamp ZonedTime Interval IsoDate IsoTime IsoTimestamp"),
    **_all("string", _DATA, "Json Xml Uuid Ltree Tsvector Enum EnumSet"),
    DECIMAL: {"type": "bytes"},
    f"{_DATA}.Bits": {"type": "bytes"},
    f"{_DATA}.VariableScaleDecimal": _struct({"scale": "int32", "value": "bytes"}),
    f"{_DATA}.geometry.Point": _struct({"x": "double", "y": "double"}, *_WKB),
    f"{_DATA}.geometry.Geometry": _struct({"wkb": "bytes"}, _WKB[1]),
    f"{_DATA}.geometry.Geography": _struct({"wkb": "bytes"}, _WKB[1]),
    f"{_DATA}.geometry.Line": _struct({"a": "double", "b": "double", "c": "double"}),
    f"{_DATA}.geometry.Circle": {
        "type": "struct",
        "fields": [
            {"field": "center", **_struct({"x": "double", "y": "double"}, *_WKB)},
            {"field": "radius", "type": "double"},
        ],
    },
    f"{_DATA}.DoubleVector": {"type": "array", "items": {"type": "double"}},
    f"{_DATA}.FloatVector": {"type": "array", "items": {"type": "float"}},
    f"{_DATA}.SparseDoubleVector": {
        "type": "struct",
        "fields": [
            {"field": "dimensions", "type": "int16"},
            {
                "field": "vector",
                "type": "map",
                "keys": {"type": "int16"},
                "values": {"type": "double"},
            },
        ],
    },
    f"{_TIME}.StructuredDate": _struct({}, *_DATE_PARTS, *_SPECIAL),
    f"{_TIME}.StructuredTime": _struct({}, *_TIME_PARTS, *_SPECIAL),
    f"{_TIME}.StructuredZonedTime": _struct({}, *_TIME_PARTS, *_ZONE, *_SPECIAL),
    f"{_TIME}.StructuredTimestamp": _struct({}, *_DATE_PARTS, *_TIME_PARTS, *_SPECIAL),
    f"{_TIME}.StructuredZonedTimestamp": _struct({}, *_DATE_PARTS, *_TIME_PARTS, *_ZONE, *_SPECIAL),
    f"{_TIME}.StructuredDuration": _struct(
        {}, *((name, "int32") for name in _SPAN), ("seconds", "int64"), *_SPECIAL
    ),
}
"""How Debezium and Connect write each semantic type (reference §3.2)."""

_KINDS: Final[Mapping[str, str]] = {
    "int8": "int",
    "int16": "int",
    "int32": "int",
    "int64": "long",
}


_NARROW: Final = frozenset({"int8", "int16"})
"""Types that Avro does not have: what is declared of them is kept beside it, as converters do."""


def schema_of(declared: ColumnType) -> dict[str, Any]:
    """Return a declared type, nullable, as a schema of Connect's."""
    if declared.name == ARRAY and declared.items is not None:
        return {"type": ARRAY, "items": schema_of(declared.items), "optional": True}
    named = {**_SCHEMAS.get(declared.name, {"type": declared.name}), "optional": True}
    if declared.name in _SCHEMAS:
        named["name"] = declared.name
    if declared.scale is not None:
        named["parameters"] = {"scale": str(declared.scale)}
    return named


def with_types(
    struct: Struct, declared: Iterable[tuple[str, ColumnType]], ref: SchemaRef
) -> Struct:
    """Return the struct with the declared types in the place of plain ones.

    Raises ConfigError where the schema says another type, or an encoding that the declared one
    does not have.
    """
    wanted = {name: type_ for name, type_ in declared if name in struct.fields}
    if not wanted:
        return struct
    fields = {
        name: node if name not in wanted else _typed(node, wanted[name], f"{ref}: column '{name}'")
        for name, node in struct.fields.items()
    }
    return replace(struct, fields=fields)


def _typed(node: AvroType, declared: ColumnType, where: str) -> AvroType:
    match node:
        case Union() if sum(not is_null(each) for each in node.branches) == 1:
            branches = tuple(
                each if is_null(each) else _typed(each, declared, where) for each in node.branches
            )
            return replace(node, branches=branches)
        case Array() if declared.name == ARRAY and declared.items is not None:
            return replace(node, items=_typed(node.items, declared.items, where))
    return _named(node, declared, where)


def _named(node: AvroType, declared: ColumnType, where: str) -> AvroType:
    is_named_otherwise = node.traits.connect_name not in {None, declared.name}
    is_scaled_otherwise = None not in {node.traits.scale, declared.scale} and (
        node.traits.scale != declared.scale
    )
    if is_named_otherwise or is_scaled_otherwise:
        message = (
            f"schema {where} is declared as '{declared.name}', but its schema names another type; "
            "take it out of 'column_types': the schema's holds"
        )
        raise ConfigError(message)
    logical = LOGICAL_TYPES.get(declared.name)
    if logical is None:
        is_of_type = isinstance(node, Primitive) and node.kind == _KINDS.get(
            declared.name, declared.name
        )
        narrow = declared.name if declared.name in _NARROW else None
        typed = replace(node, traits=replace(node.traits, connect_type=narrow))
    else:
        scale = node.traits.scale if declared.scale is None else declared.scale
        typed = replace(node, traits=_traits(node.traits, declared.name, scale))
        is_of_type = logical.fits(typed)
    if not is_of_type:
        message = f"schema {where} is declared as '{declared.name}', which is written otherwise"
        raise ConfigError(message)
    return typed


def _traits(traits: Traits, name: str, scale: int | None) -> Traits:
    return replace(traits, connect_name=name, scale=scale)
