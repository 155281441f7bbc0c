"""What a type means: one converter per Debezium or Connect logical type, in one table.

Values become what JSON and Coveo's fields can hold: ISO-8601 text, exact Decimals, finite numbers,
lists and dictionaries. Every type of reference `debezium.md` §3.2 is here, and what Debezium 3.7
has beyond it (`StructuredZonedTime`, `Circle`, `Line`: seen in its source). Imports the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from consumer.decode import geometry, numeric, temporal
from consumer.decode.avro_types import Array, AvroType, Struct
from consumer.decode.logical_type import (
    Convert,
    LogicalType,
    Said,
    always,
    as_is,
    is_one_of,
    kind_of,
    on,
    on_array,
    on_struct,
)
from consumer.decode.losses import Lose
from consumer.domain.events import Value


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
        and kind_of(node.fields["dimensions"]) == "int"
        and entry.fields.keys() >= {"key", "value"}
        and kind_of(entry.fields["value"]) == "double"
    )


_DATE_PARTS: Final = {"year": "integer", "month": "integer", "day": "integer"}
_TIME_PARTS: Final = dict.fromkeys(("hour", "minute", "second", "nanos"), "integer")
_ZONED_TIME_PARTS: Final = {**_TIME_PARTS, "offsetSeconds": "integer"}
_MOMENT_PARTS: Final = {**_DATE_PARTS, **_ZONED_TIME_PARTS}
_DURATION_PARTS: Final = dict.fromkeys(
    ("years", "months", "days", "hours", "minutes", "seconds", "nanos"), "integer"
)
_WKB: Final = {"wkb": "bytes"}
_SRID: Final = {"srid": "integer"}
_LINE: Final = dict.fromkeys(("a", "b", "c"), "double")

_NO_DATE: Final = "±infinity, years before 1 and after 9999: null, counted"
_BC: Final = "; years before Christ come from a snapshot without their sign"
_CUT: Final = "; finer than a millisecond is cut"
_DAY: Final = Said("date, midnight in UTC", _NO_DATE + _BC)
_MOMENT: Final = Said("date", _NO_DATE)
_FINE_MOMENT: Final = Said("date", _NO_DATE + _CUT)
_CLOCK: Final = Said(
    "text `13:14:15.123`", "24:00 and MySQL's spans (`-838:59:59.000`) as they are"
)
_FINE_CLOCK: Final = Said(_CLOCK.becomes, _CLOCK.special + _CUT)
_SPAN: Final = Said("text `PT1.5S`", "months and days are seconds already")
_TEXT: Final = Said("text")
_EXACT: Final = Said(
    "number where a double holds it, else text", "NaN comes as null; any scale, also a negative one"
)
_SHAPE: Final = Said(
    "structure: GeoJSON, `srid` beside it unless 4326",
    "measures (M) are dropped; curves, empty points and broken bytes: null, counted; more than "
    "250,000 points: dead letter",
)
_VECTOR: Final = Said("list of numbers", "NaN, ±infinity: left out, counted")

_TIME: Final = "io.debezium.time"
_DATA: Final = "io.debezium.data"
_GEOMETRY: Final = "io.debezium.data.geometry"
_CONNECT: Final = "org.apache.kafka.connect.data"

LOGICAL_TYPES: Final[Mapping[str, LogicalType]] = {
    f"{_TIME}.Date": on("int", to=temporal.iso_of_days, said=_DAY),
    f"{_TIME}.Time": on("int", to=temporal.time_of_ms, said=_CLOCK),
    f"{_TIME}.MicroTime": on("long", to=temporal.time_of_us, said=_FINE_CLOCK),
    f"{_TIME}.NanoTime": on("long", to=temporal.time_of_ns, said=_FINE_CLOCK),
    f"{_TIME}.Timestamp": on("long", to=temporal.iso_of_ms, said=_MOMENT),
    f"{_TIME}.MicroTimestamp": on("long", to=temporal.iso_of_us, said=_FINE_MOMENT),
    f"{_TIME}.NanoTimestamp": on("long", to=temporal.iso_of_ns, said=_FINE_MOMENT),
    f"{_TIME}.ZonedTimestamp": on("string", to=temporal.iso_of_text, said=_FINE_MOMENT),
    f"{_TIME}.ZonedTime": as_is("string", said=Said("text `11:14:15.123456Z`")),
    f"{_TIME}.Year": as_is("int", said=Said("number", "MySQL's 0000 comes as 2000 or 1900")),
    f"{_TIME}.MicroDuration": on("long", "double", to=temporal.duration_of_us, said=_SPAN),
    f"{_TIME}.NanoDuration": on("long", to=temporal.duration_of_ns, said=_SPAN),
    f"{_TIME}.Interval": as_is("string", said=Said("text `P1Y2M3DT4H5M6.789S`")),
    f"{_TIME}.IsoDate": on("string", to=temporal.iso_of_date_text, said=_DAY),
    f"{_TIME}.IsoTime": as_is(
        "string", said=Said("text `13:14:15.123456Z`", "24:00 comes as 00:00")
    ),
    f"{_TIME}.IsoTimestamp": on("string", to=temporal.iso_of_text, said=_FINE_MOMENT),
    f"{_TIME}.StructuredDate": on_struct(temporal.iso_of_parts, _DAY, optional=_MOMENT_PARTS),
    f"{_TIME}.StructuredTime": on_struct(temporal.time_of_parts, _FINE_CLOCK, optional=_TIME_PARTS),
    f"{_TIME}.StructuredZonedTime": on_struct(
        temporal.zoned_time_of_parts,
        Said("text `13:14:15.123+02:00`", _FINE_CLOCK.special),
        optional=_ZONED_TIME_PARTS,
    ),
    f"{_TIME}.StructuredTimestamp": on_struct(
        temporal.iso_of_parts, _FINE_MOMENT, optional=_MOMENT_PARTS
    ),
    f"{_TIME}.StructuredZonedTimestamp": on_struct(
        temporal.iso_of_parts, _FINE_MOMENT, optional=_MOMENT_PARTS
    ),
    f"{_TIME}.StructuredDuration": on_struct(
        temporal.duration_of_parts,
        Said("text `P1Y2M3DT4H5M6.789S`", "each part with its own sign"),
        optional=_DURATION_PARTS,
    ),
    f"{_CONNECT}.Date": on("int", to=temporal.iso_of_days, said=_DAY),
    f"{_CONNECT}.Time": on("int", to=temporal.time_of_ms, said=_CLOCK),
    f"{_CONNECT}.Timestamp": on("long", to=temporal.iso_of_ms, said=_MOMENT),
    f"{_CONNECT}.Decimal": LogicalType(
        is_one_of("bytes", "fixed"), _decimal, "bytes or fixed", _EXACT
    ),
    f"{_DATA}.VariableScaleDecimal": on_struct(
        numeric.exact_of_parts, _EXACT, required={"scale": "integer", "value": "bytes"}
    ),
    f"{_DATA}.Json": as_is("string", said=Said("text; a part of it by `json: /pointer`")),
    f"{_DATA}.Xml": as_is("string", said=_TEXT),
    f"{_DATA}.Uuid": as_is("string", said=_TEXT),
    f"{_DATA}.Ltree": as_is("string", said=_TEXT),
    f"{_DATA}.Tsvector": as_is("string", said=_TEXT),
    f"{_DATA}.Enum": on(
        "string", to=_enum, said=Said("text", "`\\,` of MySQL's stream is a comma")
    ),
    f"{_DATA}.EnumSet": on("string", to=_enum_set, said=Said("list of texts")),
    f"{_DATA}.Bits": on(
        "bytes",
        to=numeric.int_of_bits,
        said=Said(
            "number where a double holds it, else text",
            "the first byte is the lowest; more than 8,192 bits: null, counted",
        ),
    ),
    f"{_GEOMETRY}.Point": on_struct(
        geometry.geojson_of_parts,
        _SHAPE,
        required={"x": "double", "y": "double"},
        optional={**_WKB, **_SRID},
    ),
    f"{_GEOMETRY}.Geometry": on_struct(
        geometry.geojson_of_parts, _SHAPE, required=_WKB, optional=_SRID
    ),
    f"{_GEOMETRY}.Geography": on_struct(
        geometry.geojson_of_parts, _SHAPE, required=_WKB, optional=_SRID
    ),
    f"{_GEOMETRY}.Circle": on_struct(
        geometry.circle_of_parts,
        Said("structure: `center` as coordinates, `radius`", "not finite: null, counted"),
        required={"center": "record", "radius": "double"},
    ),
    f"{_GEOMETRY}.Line": on_struct(
        geometry.line_of_parts,
        Said("structure: `a`, `b`, `c` of ax + by + c = 0", "not finite: null, counted"),
        required=_LINE,
    ),
    f"{_DATA}.DoubleVector": on_array("double", _vector, _VECTOR),
    f"{_DATA}.FloatVector": on_array("float", _single_vector, _VECTOR),
    f"{_DATA}.SparseDoubleVector": LogicalType(
        _is_sparse_vector,
        always(_sparse_vector),
        "record of dimensions, vector",
        Said("structure: `dimensions`, `vector` by index", _VECTOR.special),
    ),
}
