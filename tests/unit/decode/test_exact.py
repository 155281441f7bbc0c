"""What ids are made of: everything that a key column holds, in one text only."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.events import ChangeEvent, ColumnPlan, Value
from tests.unit.decode.samples import (
    Registry,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    key_schema,
    named,
    record,
)
from tests.unit.decode.test_logical import CASES, CLOCK, DAY, TIME, parts

DATA = "io.debezium.data"


def key_value(type_: Any, raw: Any) -> Value:
    """Return what a key column of this type becomes."""
    registry, schema = Registry(), key_schema(field("k", type_))
    key = framed(registry.add(schema), encode(schema, {"k": raw}))
    decoder = Decoder(registry, DecodeSettings())
    return decoder.decode_key(record(None, key), ColumnPlan((), ("k",)))[0]


NAMED: dict[str, tuple[str, Any, Value]] = {
    f"{TIME}.MicroTimestamp": ("long", 1_709_212_455_123_456, "2024-02-29T13:14:15.123456Z"),
    f"{TIME}.NanoTimestamp": ("long", 1_709_212_455_000_000_001, "2024-02-29T13:14:15.000000001Z"),
    f"{TIME}.MicroTime": ("long", -1, "-00:00:00.000001"),
    f"{TIME}.NanoTime": ("long", 47_655_123_456_789, "13:14:15.123456789"),
    f"{TIME}.ZonedTimestamp": (
        "string",
        "2024-02-29T13:14:15.1234567+02:00",
        "2024-02-29T11:14:15.1234567Z",
    ),
    f"{TIME}.IsoTimestamp": ("string", "2024-02-29T13:14:15.50Z", "2024-02-29T13:14:15.500Z"),
    f"{TIME}.MicroDuration": ("double", 1.5, 1.5),
    f"{TIME}.Timestamp": ("long", 253_402_300_800_000, 253_402_300_800_000),
    f"{TIME}.Date": ("int", 2_147_483_647, 2_147_483_647),
    f"{TIME}.IsoDate": ("string", "+12024-01-01Z", "+12024-01-01Z"),
    f"{DATA}.Bits": ("bytes", b"\x01\x00", b"\x01\x00"),
}


@pytest.mark.parametrize("connect_name", NAMED)
def test_a_key_column_keeps_what_a_field_would_lose(connect_name: str) -> None:
    """Fractions below the millisecond, the length of bits, what is no moment at all."""
    kind, raw, expected = NAMED[connect_name]
    assert key_value(named(kind, connect_name), raw) == expected


TEXTS = [
    ("ZonedTimestamp", "infinity", "infinity"),
    ("ZonedTimestamp", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ("ZonedTimestamp", "2024-13-01T00:00:00Z", "2024-13-01T00:00:00Z"),
    ("ZonedTimestamp", "20240229T131415.0000001Z", "20240229T131415.0000001Z"),
    ("IsoDate", "2024-02-30", "2024-02-30"),
    ("IsoDate", "2024-02-29Z", "2024-02-29T00:00:00.000Z"),
]


@pytest.mark.parametrize(("simple_name", "raw", "expected"), TEXTS)
def test_text_that_is_no_moment_stays_as_it_is(simple_name: str, raw: str, expected: str) -> None:
    """As None, two rows could not be told apart, or their record not be used."""
    assert key_value(named("string", f"{TIME}.{simple_name}"), raw) == expected


STRUCTURED = [
    ("StructuredDate", DAY, {"year": 2024, "month": 2, "day": 29}, "2024-02-29T00:00:00.000Z"),
    (
        "StructuredDate",
        DAY,
        {"year": 2024, "month": 0, "day": 0},
        '{"day": 0, "month": 0, "year": 2024}',
    ),
    (
        "StructuredTime",
        CLOCK,
        {"hour": 1, "minute": 2, "second": 3, "nanos": 1},
        "01:02:03.000000001",
    ),
    (
        "StructuredTime",
        CLOCK,
        {"hour": 0, "minute": 60, "second": 0, "nanos": 0},
        '{"hour": 0, "minute": 60, "nanos": 0, "second": 0}',
    ),
    (
        "StructuredTime",
        {"hour": "int", "minute": "int", "second": "int", "specialValue": "string"},
        {"hour": 0, "minute": 0, "second": 0, "specialValue": "24:00"},
        '{"hour": 0, "minute": 0, "second": 0, "specialValue": "24:00"}',
    ),
]


@pytest.mark.parametrize(("simple_name", "shape", "raw", "expected"), STRUCTURED)
def test_structure_that_is_no_moment_is_told_part_by_part(
    simple_name: str, shape: Any, raw: Any, expected: str
) -> None:
    """Month 0 and month 1 are two keys, 60 minutes and one hour as well."""
    assert key_value(parts(f"{TIME}.{simple_name}", **shape), raw) == expected


def test_a_key_of_milliseconds_reads_as_it_does_in_a_field() -> None:
    """One row keeps its id: what is exact already is not written anew."""
    same = ("Date", "Time", "Timestamp", "ZonedTimestamp", "IsoDate", "IsoTimestamp")
    for name in (f"{TIME}.{each}" for each in same):
        type_, raw, expected = CASES[name]
        assert key_value(named(type_, name), raw) == expected


def test_exact_columns_follow_the_others_in_both_images() -> None:
    """An id of the row, and a parent's, need what its fields must not have."""
    registry = Registry()
    schema = envelope_schema(field("at", named("long", f"{TIME}.MicroTimestamp")))
    value = framed(registry.add(schema), encode(schema, change("u", {"at": 1}, {"at": 2})))
    plan = ColumnPlan(("at",), (), before=True, exact_columns=("at",))
    event = Decoder(registry, DecodeSettings()).decode(record(value), plan)
    assert isinstance(event, ChangeEvent)
    assert event.after == ("1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000001Z")
    assert event.before == ("1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000002Z")
