"""Every logical type of reference `debezium.md` §3.2, through the decoder."""

from __future__ import annotations

import struct
from decimal import Decimal
from typing import Any

import pytest

from consumer.decode import logical
from consumer.decode.decoder import Decoder
from consumer.decode.losses import Loss
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import ConfigError
from consumer.domain.events import ChangeEvent, ColumnPlan
from tests.unit.decode.samples import (
    Registry,
    change,
    decode_column,
    encode,
    envelope_schema,
    field,
    framed,
    named,
    record,
)

TIME = "io.debezium.time"
DATA = "io.debezium.data"
CONNECT = "org.apache.kafka.connect.data"


def parts(connect_name: str, **fields: Any) -> dict[str, Any]:
    """Return the schema of a semantic record."""
    listed = [field(name, type_) for name, type_ in fields.items()]
    simple = connect_name.rpartition(".")[2]
    return {"type": "record", "name": simple, "fields": listed, "connect.name": connect_name}


OPTIONAL_INT = ["null", "int"]
DAY = dict.fromkeys(("year", "month", "day"), OPTIONAL_INT)
CLOCK = dict.fromkeys(("hour", "minute", "second", "nanos"), OPTIONAL_INT)
SPAN = {**dict.fromkeys(("years", "months", "days", "hours", "minutes", "nanos"), OPTIONAL_INT),
        "seconds": ["null", "long"]}  # fmt: skip
MOMENT_VALUE = {"year": 2024, "month": 2, "day": 29}
CLOCK_VALUE = {"hour": 13, "minute": 14, "second": 15, "nanos": 123_456_789}
WKB = struct.pack("<BIdd", 1, 1, 1.5, -2.5)
POINT = {"type": "Point", "coordinates": [1.5, -2.5]}
ENTRY = {"type": "record", "name": "io.confluent.connect.avro.MapEntry",
         "fields": [field("key", "int"), field("value", "double")]}  # fmt: skip
SPARSE = parts(f"{DATA}.SparseDoubleVector", dimensions={"type": "int", "connect.type": "int16"},
               vector={"type": "array", "items": ENTRY})  # fmt: skip
WITH_SRID = {"wkb": "bytes", "srid": OPTIONAL_INT}

CASES: dict[str, tuple[Any, Any, Any]] = {
    f"{TIME}.Date": ("int", 19_782, "2024-02-29T00:00:00.000Z"),
    f"{TIME}.Time": ("int", 47_655_123, "13:14:15.123"),
    f"{TIME}.MicroTime": ("long", 47_655_123_456, "13:14:15.123"),
    f"{TIME}.NanoTime": ("long", 47_655_123_456_789, "13:14:15.123"),
    f"{TIME}.Timestamp": ("long", 1_709_212_455_123, "2024-02-29T13:14:15.123Z"),
    f"{TIME}.MicroTimestamp": ("long", 1_709_212_455_123_456, "2024-02-29T13:14:15.123Z"),
    f"{TIME}.NanoTimestamp": ("long", 1_709_212_455_123_456_789, "2024-02-29T13:14:15.123Z"),
    f"{TIME}.ZonedTimestamp": ("string", "2024-02-29T11:14:15.1Z", "2024-02-29T11:14:15.100Z"),
    f"{TIME}.ZonedTime": ("string", "11:14:15.123456Z", "11:14:15.123456Z"),
    f"{TIME}.Year": ("int", 2024, 2024),
    f"{TIME}.MicroDuration": ("double", 1.5e6, "PT1.5S"),
    f"{TIME}.NanoDuration": ("long", 1_500_000_000, "PT1.5S"),
    f"{TIME}.Interval": ("string", "P1Y2M3DT4H5M6.789S", "P1Y2M3DT4H5M6.789S"),
    f"{TIME}.IsoDate": ("string", "2024-02-29Z", "2024-02-29T00:00:00.000Z"),
    f"{TIME}.IsoTime": ("string", "13:14:15.123456Z", "13:14:15.123456Z"),
    f"{TIME}.IsoTimestamp": ("string", "2024-02-29T13:14:15Z", "2024-02-29T13:14:15.000Z"),
    f"{TIME}.StructuredDate": (parts(f"{TIME}.StructuredDate", **DAY), MOMENT_VALUE,
                               "2024-02-29T00:00:00.000Z"),
    f"{TIME}.StructuredTime": (parts(f"{TIME}.StructuredTime", **CLOCK), CLOCK_VALUE,
                               "13:14:15.123"),
    f"{TIME}.StructuredZonedTime": (
        parts(f"{TIME}.StructuredZonedTime", **CLOCK, offsetSeconds=OPTIONAL_INT),
        CLOCK_VALUE | {"offsetSeconds": -12_600}, "13:14:15.123-03:30"),
    f"{TIME}.StructuredTimestamp": (parts(f"{TIME}.StructuredTimestamp", **DAY, **CLOCK),
                                    MOMENT_VALUE | CLOCK_VALUE, "2024-02-29T13:14:15.123Z"),
    f"{TIME}.StructuredZonedTimestamp": (
        parts(f"{TIME}.StructuredZonedTimestamp", **DAY, **CLOCK, offsetSeconds=OPTIONAL_INT),
        MOMENT_VALUE | CLOCK_VALUE | {"offsetSeconds": 7_200}, "2024-02-29T11:14:15.123Z"),
    f"{TIME}.StructuredDuration": (parts(f"{TIME}.StructuredDuration", **SPAN),
                                   {"years": 1, "seconds": 6, "nanos": 789_000_000},
                                   "P1Y0M0DT0H0M6.789S"),
    f"{CONNECT}.Date": ("int", 19_782, "2024-02-29T00:00:00.000Z"),
    f"{CONNECT}.Time": ("int", 47_655_123, "13:14:15.123"),
    f"{CONNECT}.Timestamp": ("long", -1, "1969-12-31T23:59:59.999Z"),
    f"{CONNECT}.Decimal": ({"type": "bytes", "scale": 2, "connect.name": f"{CONNECT}.Decimal"},
                           b"\x04\xd2", Decimal("12.34")),
    f"{DATA}.VariableScaleDecimal": (
        parts(f"{DATA}.VariableScaleDecimal", scale="int", value="bytes"),
        {"scale": 3, "value": b"\xff"}, Decimal("-0.001")),
    f"{DATA}.Json": ("string", '{"a":[1]}', '{"a":[1]}'),
    f"{DATA}.Xml": ("string", "<a/>", "<a/>"),
    f"{DATA}.Uuid": ("string", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    f"{DATA}.Ltree": ("string", "a.b", "a.b"),
    f"{DATA}.Tsvector": ("string", "'a':1", "'a':1"),
    f"{DATA}.Enum": ("string", "b\\,c", "b,c"),
    f"{DATA}.EnumSet": ("string", "x,z", ["x", "z"]),
    f"{DATA}.Bits": ("bytes", b"\x55\x01", 341),
    f"{DATA}.geometry.Point": (
        parts(f"{DATA}.geometry.Point", x="double", y="double", wkb=["null", "bytes"],
              srid=OPTIONAL_INT), {"x": 1.5, "y": -2.5, "wkb": WKB}, POINT),
    f"{DATA}.geometry.Geometry": (parts(f"{DATA}.geometry.Geometry", **WITH_SRID),
                                  {"wkb": WKB, "srid": 4326}, POINT),
    f"{DATA}.geometry.Geography": (parts(f"{DATA}.geometry.Geography", **WITH_SRID),
                                   {"wkb": WKB}, POINT),
    f"{DATA}.geometry.Circle": (
        parts(f"{DATA}.geometry.Circle", radius="double",
              center=parts(f"{DATA}.geometry.Point", x="double", y="double")),
        {"center": {"x": 1.0, "y": 2.0}, "radius": 3.0}, {"center": [1.0, 2.0], "radius": 3.0}),
    f"{DATA}.geometry.Line": (parts(f"{DATA}.geometry.Line", a="double", b="double", c="double"),
                              {"a": 1.0, "b": -1.0, "c": 0.5}, {"a": 1.0, "b": -1.0, "c": 0.5}),
    f"{DATA}.DoubleVector": ({"type": "array", "items": "double"}, [1.5, float("nan")],
                             [1.5, None]),
    f"{DATA}.FloatVector": ({"type": "array", "items": "float"}, [0.1, 2.0], [0.1, 2.0]),
    f"{DATA}.SparseDoubleVector": (
        SPARSE, {"dimensions": 5, "vector": [{"key": 1, "value": 0.5}]},
        {"dimensions": 5, "vector": {"1": 0.5}}),
}  # fmt: skip


@pytest.mark.parametrize("connect_name", CASES)
def test_logical_type(connect_name: str) -> None:
    """One literal value of each type."""
    type_, raw, expected = CASES[connect_name]
    typed = named(type_, connect_name) if isinstance(type_, str) else type_
    assert decode_column({**typed, "connect.name": connect_name}, raw) == expected


def test_every_type_of_the_table_has_a_case() -> None:
    """A type without a literal value above would be a guess."""
    assert CASES.keys() == logical.LOGICAL_TYPES.keys()


@pytest.mark.parametrize("connect_name", CASES)
@pytest.mark.parametrize("kind", ["int", "string", "bytes", "double", "boolean"])
def test_unexpected_encoding_is_never_misread(connect_name: str, kind: str) -> None:
    """A name alone says nothing: schemas are untrusted, so the encoding must fit the meaning."""
    raw: dict[str, Any] = {"int": 1, "string": "s", "bytes": b"b", "double": 1.5, "boolean": True}
    decoded = decode_column(named(kind, connect_name), raw[kind])
    expected_kind = CASES[connect_name][0]
    if expected_kind != kind and connect_name not in {f"{CONNECT}.Decimal", f"{DATA}.Bits"}:
        assert decoded == raw[kind] or connect_name == f"{TIME}.MicroDuration"


PLAIN: dict[str, tuple[Any, Any, Any]] = {
    "boolean": ("boolean", True, True),
    "int": ("int", -7, -7),
    "long beyond a double": ("long", 2**53 + 1, 2**53 + 1),
    "float": ("float", 0.1, 0.1),
    "infinite double": ("double", float("-inf"), None),
    "bytes": ("bytes", b"\0\xff", b"\0\xff"),
    "fixed": ({"type": "fixed", "name": "F", "size": 2}, b"ab", b"ab"),
    "enum": ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, "B", "B"),
    "array of nullable text": ({"type": "array", "items": ["null", "string"]}, ["a", None],
                               ["a", None]),
    "array of nullable dates": (
        {"type": "array", "items": ["null", named("int", f"{TIME}.Date")]}, [0, None],
        ["1970-01-01T00:00:00.000Z", None]),
    "map of doubles": ({"type": "map", "values": ["null", "double"]},
                       {"a": 1.5, "b": float("nan"), "c": None}, {"a": 1.5, "b": None, "c": None}),
    "map with other keys": ({"type": "array", "items": ENTRY}, [{"key": 3, "value": 0.5}],
                            {"3": 0.5}),
    "map with dates as keys": (
        {"type": "array", "items": {**ENTRY, "fields": [
            field("key", named("int", f"{TIME}.Date"), nullable=True), field("value", "int")]}},
        [{"key": 0, "value": 1}, {"key": None, "value": 2}],
        {"1970-01-01T00:00:00.000Z": 1, "null": 2}),
    "map with bytes as keys": (
        {"type": "array", "items": {**ENTRY, "fields": [field("key", "bytes"),
                                                        field("value", "int", nullable=True)]}},
        [{"key": b"\x01\xff", "value": None}], {"01ff": None}),
    "map with booleans as keys": (
        {"type": "array", "items": {**ENTRY, "fields": [field("key", "boolean"),
                                                        field("value", "int")]}},
        [{"key": True, "value": 1}], {"true": 1}),
    "nested record": (
        {"type": "record", "name": "N",
         "fields": [field("d", named("int", f"{TIME}.Date"), nullable=True), field("s", "string")]},
        {"d": 0, "s": "x"}, {"d": "1970-01-01T00:00:00.000Z", "s": "x"}),
}  # fmt: skip


@pytest.mark.parametrize(("type_", "raw", "expected"), PLAIN.values(), ids=PLAIN.keys())
def test_plain_types(type_: Any, raw: Any, expected: Any) -> None:
    """Types without a name, and what holds others."""
    assert decode_column(type_, raw) == expected
    assert decode_column(type_, raw, nullable=True) == expected
    assert decode_column(type_, None, nullable=True) is None


def test_planned_union_of_several_types_is_a_configuration_error() -> None:
    """Which type a value has could only be guessed; leaving the column out mends it."""
    with pytest.raises(ConfigError, match="column 'c' is a union of several types"):
        decode_column(["null", "int", "string"], 1)


MISFITS: dict[str, tuple[Any, Any]] = {
    "scale as text": (
        parts(f"{DATA}.VariableScaleDecimal", scale="string", value="bytes"),
        {"scale": "x", "value": b"\1"},
    ),
    "no scale": (parts(f"{DATA}.VariableScaleDecimal", value="bytes"), {"value": b"\1"}),
    "srid as text": (
        parts(f"{DATA}.geometry.Geometry", wkb="bytes", srid=["null", "string"]),
        {"wkb": WKB, "srid": "x"},
    ),
    "circle around nothing": (
        parts(f"{DATA}.geometry.Circle", center="string", radius="double"),
        {"center": "x", "radius": 1.0},
    ),
    "offset as text": (
        parts(f"{TIME}.StructuredZonedTime", offsetSeconds=["null", "string"]),
        {"offsetSeconds": "x"},
    ),
    "year as text": (parts(f"{TIME}.StructuredDate", year=["null", "string"]), {"year": "x"}),
    "vector of text": (
        parts(f"{DATA}.SparseDoubleVector", dimensions="int", vector="string"),
        {"dimensions": 1, "vector": "x"},
    ),
}


@pytest.mark.parametrize(("type_", "raw"), MISFITS.values(), ids=MISFITS.keys())
def test_record_with_a_semantic_name_but_other_fields_is_a_plain_record(
    type_: Any, raw: Any
) -> None:
    """The converter would trip over it, or read a meaning into it."""
    assert decode_column(type_, raw) == raw


@pytest.mark.parametrize(
    ("items", "count"), [([None, None], 1), ([None], 1), ([], 0), ([None, "a"], 0)]
)
def test_an_array_of_nulls_only_is_counted(items: list[Any], count: int) -> None:
    """PostgreSQL's connector makes it of `{{1,2},{3,4}}`; the row's own nulls look the same."""
    registry, schema = (
        Registry(),
        envelope_schema(field("c", {"type": "array", "items": ["null", "string"]})),
    )
    value = framed(registry.add(schema), encode(schema, change("c", {"c": items})))
    decoder = Decoder(registry, DecodeSettings())
    event = decoder.decode(record(value), ColumnPlan(("c",), ()))
    assert isinstance(event, ChangeEvent)
    assert event.after == (items,)
    assert decoder.losses().get(Loss.NULLS_ONLY, 0) == count
