"""JSON values beside their schemas: the same as from Avro, or refused."""

from __future__ import annotations

import base64
import math
from decimal import Decimal
from typing import Any

import pytest

from consumer.decode.logical import LOGICAL_TYPES
from consumer.domain.events import UNAVAILABLE, ChangeEvent
from consumer.domain.formats import DECIMAL
from tests.unit.decode.json_samples import (
    Json,
    beside,
    column,
    connect,
    decoder,
    envelope,
    optional,
    planned,
    reason,
    struct,
)
from tests.unit.decode.samples import change, decode_column, record
from tests.unit.decode.test_logical import CASES
from tests.unit.decode.to_json import connect_schema, json_value

MONEY = connect("bytes", DECIMAL, parameters={"scale": "2"})
MARKER = "__debezium_unavailable_value"


@pytest.mark.parametrize("name", LOGICAL_TYPES)
def test_every_logical_type_means_the_same_as_in_avro(name: str) -> None:
    """One set of converters serves both."""
    type_, raw, expected = CASES[name]
    avro = {"type": type_, "connect.name": name} if isinstance(type_, str) else type_
    avro = {**avro, "connect.name": name}
    got = column(connect_schema(avro), json_value(avro, raw))
    assert repr(got) == repr(expected) == repr(decode_column(avro, raw))


NUMBERS: list[tuple[Any, Decimal]] = [
    (12.5, Decimal("12.50")),
    (12, Decimal("12.00")),
    (-0.01, Decimal("-0.01")),
    ("BNI=", Decimal("12.34")),
    ("/w==", Decimal("-0.01")),
]


@pytest.mark.parametrize(("value", "expected"), NUMBERS)
def test_decimals_are_exact_in_either_form(value: Any, expected: Decimal) -> None:
    """`decimal.format` is BASE64 or NUMERIC; the scale is the schema's, as with Avro."""
    assert repr(column(MONEY, value)) == repr(expected)


def test_a_decimal_that_a_double_does_not_hold_keeps_its_digits() -> None:
    """Read as a double it would be another number."""
    digits = "12345678901234567890123456789012345678.12"
    value = beside(envelope(c=MONEY), change("c", {"c": 0})).replace(
        b'"c":0', b'"c":' + digits.encode()
    )
    decoded = decoder().decode(record(value), planned("c"))
    assert repr(decoded).count(f"Decimal('{digits}')") == 1


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("double", "NaN", None),
        ("double", "-Infinity", None),
        ("float", "Infinity", None),
        ("double", 4.9e-324, 5e-324),
        ("double", 3, 3.0),
        ("float", 0.1, 0.1),
        ("int64", 2**63 - 1, 2**63 - 1),
        ("int8", -128, -128),
        ("bytes", "AP8Q", b"\x00\xff\x10"),
        ("string", "été", "été"),
        ("boolean", False, False),
    ],
)
def test_plain_values(kind: str, value: Any, expected: Any) -> None:
    """Java writes what JSON has no word for as text."""
    got = column(connect(kind), value)
    assert got == expected
    assert type(got) is type(expected)


def test_maps_are_objects_or_pairs() -> None:
    """By the type of their keys."""
    by_text = connect("map", keys=connect("string"), values=connect("double"))
    by_number = connect("map", keys=connect("int32"), values=optional(MONEY))
    assert column(by_text, {"a": 1}) == {"a": 1.0}
    assert column(by_number, [[7, 1.5], [8, None]]) == {"7": Decimal("1.50"), "8": None}


PAIRS = connect("map", keys=connect("int32"), values=connect("int32"))
MISFITS: list[tuple[Json, Any]] = [
    (connect("int32"), 2**31),
    (connect("int16"), 2**31),
    (connect("int64"), 2**63),
    (connect("int32"), 1.0),
    (connect("int32"), True),
    (connect("int32"), "1"),
    (connect("boolean"), 1),
    (connect("string"), 1),
    (connect("double"), "1"),
    (connect("double"), True),
    (connect("double"), 10**400),
    (connect("float"), 1e39),
    (connect("bytes"), "é"),
    (connect("bytes"), "AA"),
    (connect("bytes"), [1]),
    (MONEY, 1.234),
    (MONEY, True),
    (MONEY, []),
    (connect("bytes", DECIMAL, parameters={"scale": "99999"}), 1),
    (connect("array", items=connect("int32")), {}),
    (connect("array", items=connect("int32")), [None]),
    (connect("map", keys=connect("string"), values=connect("int32")), []),
    (PAIRS, {}),
    (PAIRS, [[1]]),
    (struct("S", a=optional(connect("int32"))), {}),
    (struct("S", a=connect("int32")), {"a": 1, "b": 2}),
    (struct("S", a=connect("int32")), [1]),
    (connect("int32"), None),
]


@pytest.mark.parametrize(("schema", "value"), MISFITS)
def test_a_value_that_is_none_of_its_type_is_poison(schema: Json, value: Any) -> None:
    """Nothing is bent until it fits: a field that is missing is not null."""
    assert reason(beside(envelope(c=schema), change("c", {"c": value})), planned("c")) == (
        "undecodable"
    )


def test_a_number_beyond_a_double_is_no_double() -> None:
    """Infinity it is not."""
    value = beside(envelope(c=connect("double")), change("c", {"c": 0}))
    assert reason(value.replace(b'"c":0', b'"c":1e400'), planned("c")) == "undecodable"


MARKED: list[tuple[Json, Any]] = [
    (connect("string"), MARKER),
    (connect("bytes"), base64.b64encode(MARKER.encode()).decode()),
    (connect("array", items=connect("string")), [MARKER]),
    (connect("array", items=connect("int32")), list(MARKER.encode())),
    (connect("array", items=connect("string", "io.debezium.data.Uuid")),
     ["b68a35a7-17ad-35b3-af2a-ae46edb4545a"]),
    (connect("map", keys=connect("string"), values=connect("string")), {MARKER: MARKER}),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value"), MARKED)
def test_the_marker_is_recognised_in_all_forms(schema: Json, value: Any) -> None:
    """Bytes are base64 in JSON, so is the marker."""
    assert column(schema, value) is UNAVAILABLE


def test_numbers_that_are_none_stay_none_in_structures() -> None:
    """A point without coordinates has no place."""
    point = connect("double")
    assert column(connect("array", items=point), ["NaN", 1]) == [None, 1.0]
    assert math.isfinite(column(point, 1))


def doubts(schema: Json, value: Any) -> list[str]:
    """Return the doubts about a column in an update without its old row."""
    names = frozenset({"c"})
    plan = planned("c", left_out=names, defaults=names)
    text = beside(envelope(c=schema), change("u", {"c": value}))
    event = decoder().decode(record(text), plan)
    assert isinstance(event, ChangeEvent)
    return [each.kind.value for each in event.doubts]


def test_a_schema_says_what_may_be_doubted_as_in_avro() -> None:
    """How large a number can be, and what the default is; here that is base64."""
    parameters = {"scale": "2", "connect.decimal.precision": "10"}
    price = optional(connect("bytes", DECIMAL, parameters=parameters))
    assert doubts(price, None) == []
    assert doubts(optional(MONEY), None) == ["rarely_left_out"]
    assert doubts(optional(connect("array", items=connect("int16"))), None) == ["left_out"]
    assert doubts(optional(connect("string"), default="none"), "none") == ["default"]
    assert doubts(optional(connect("string"), default="none"), "other") == []
    assert doubts({**price, "default": "ew=="}, "ew==") == ["default"]
    assert doubts({**price, "default": "ew=="}, 1.23) == ["default"]
    assert doubts(optional(connect("string"), default=None), "none") == []
