"""The marker in the shapes of reference `debezium.md` §2.2, and what only looks like it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.events import UNAVAILABLE, ChangeEvent, ColumnPlan
from tests.unit.decode.samples import (
    Registry,
    change,
    decode_column,
    encode,
    envelope_schema,
    field,
    framed,
    key_schema,
    named,
    record,
)

M = "__debezium_unavailable_value"
CODES = [*M.encode()]
DATE = named("int", "io.debezium.time.Date")
UUID = named("string", "io.debezium.data.Uuid")
JSON = named("string", "io.debezium.data.Json")
ENTRY = {"type": "record", "name": "io.confluent.connect.avro.MapEntry",
         "fields": [field("key", "string"), field("value", "string")]}  # fmt: skip


def array(items: Any) -> dict[str, Any]:
    """Return an array of nullable items."""
    return {"type": "array", "items": ["null", items]}


DECIMALS = "org.apache.kafka.connect.data.Decimal"


def cut_at(length: int, kind: str = "string") -> dict[str, Any]:
    """Return a type whose values the connector cuts off."""
    return {"type": kind, "connect.parameters": {"truncateLength": str(length)}}


INNER = {"type": "record", "name": "Inner",
         "fields": [field("s", "string", nullable=True), field("n", "int")]}  # fmt: skip
OUTER = {
    "type": "record",
    "name": "Outer",
    "fields": [field("inner", INNER, nullable=True), field("m", "bytes", nullable=True)],
}
GEOMETRY = {"type": "record", "name": "Geometry", "fields": [field("wkb", "bytes")],
            "connect.name": "io.debezium.data.geometry.Geometry"}  # fmt: skip

SHAPES: dict[str, tuple[Any, Any]] = {
    "text": ("string", M),
    "json": (JSON, M),
    "bytes": ("bytes", M.encode()),
    "bytes in base64": ("string", "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="),
    "hstore as json": (JSON, f'{{"{M}":"{M}"}}'),
    "hstore as map": ({"type": "map", "values": ["null", "string"]}, {M: M}),
    "map as entries": ({"type": "array", "items": ENTRY}, [{"key": M, "value": M}]),
    "text[]": (array("string"), [M]),
    "jsonb[]": (array(JSON), [M]),
    "bytea[]": (array("bytes"), [M.encode()]),
    "int[]": (array("int"), CODES),
    "bigint[]": (array("long"), CODES),
    "date[]": (array(DATE), CODES),
    "uuid[]": (array(UUID), ["b68a35a7-17ad-35b3-af2a-ae46edb4545a"]),
    "bytes in base64 without padding": ("string", "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ"),
    "part of a structure": (OUTER, {"inner": {"s": M, "n": 1}, "m": None}),
    "bytes of a structure": (OUTER, {"inner": None, "m": M.encode()}),
    "geometry": (GEOMETRY, {"wkb": M.encode()}),
    "text that the connector cuts off": (cut_at(4), M[:4]),
    "bytes that the connector cuts off": (cut_at(4, "bytes"), M[:4].encode()),
    "text that is cut off, and does not say so": ("string", M[:12]),
    "bytes in hexadecimal digits": ("string", M.encode().hex()),
    "smallint[]": (array({"type": "int", "connect.type": "int16"}), CODES),
    "float8[]": (array("double"), [float(code) for code in CODES]),
    "numeric(8, 2)[]": (
        array(named("bytes", DECIMALS, scale=2)),
        [(code * 100).to_bytes(2, "big", signed=True) for code in CODES],
    ),
    "timestamp as text": (named("string", "io.debezium.time.ZonedTimestamp"), M),
}


@pytest.mark.parametrize(("type_", "raw"), SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("nullable", [False, True])
def test_marker_is_unavailable(type_: Any, raw: Any, *, nullable: bool) -> None:
    """A marker that is pushed as text overwrites good data."""
    assert decode_column(type_, raw, nullable=nullable) is UNAVAILABLE


DECIMAL = {"type": "record", "name": "VariableScaleDecimal",
           "fields": [field("scale", "int"), field("value", "bytes")],
           "connect.name": "io.debezium.data.VariableScaleDecimal"}  # fmt: skip

SIMILAR: dict[str, tuple[Any, Any, Any]] = {
    "longer text": ("string", M + "!", M + "!"),
    "other text of its length": ("string", "x" * len(M), "x" * len(M)),
    "two elements": (array("string"), [M, M], [M, M]),
    "codes but the last": (array("int"), CODES[:-1], CODES[:-1]),
    "codes and one more": (array("long"), [*CODES, 1], [*CODES, 1]),
    "its first letters": ("string", M[:11], M[:11]),
    "its first letters, too few to be cut": (cut_at(27), M[:11], M[:11]),
    "codes of decimals of another scale": (
        array(named("bytes", DECIMALS, scale=1)),
        [bytes([code]) for code in CODES],
        [Decimal(code).scaleb(-1) for code in CODES],
    ),
    "another entry": ({"type": "map", "values": "string"}, {M: M, "a": "b"}, {M: M, "a": "b"}),
    "empty array": (array("string"), [], []),
    "structure without it": (
        OUTER,
        {"inner": {"s": None, "n": 1}, "m": b"x"},
        {"inner": {"s": None, "n": 1}, "m": b"x"},
    ),
    "number of these bytes": (
        DECIMAL,
        {"scale": 0, "value": M.encode()},
        Decimal(int.from_bytes(M.encode(), "big")),
    ),
    "bits": (
        named("bytes", "io.debezium.data.Bits"),
        M.encode(),
        int.from_bytes(M.encode(), "little"),
    ),
}


@pytest.mark.parametrize(("type_", "raw", "expected"), SIMILAR.values(), ids=SIMILAR.keys())
def test_what_only_resembles_the_marker_is_a_value(type_: Any, raw: Any, expected: Any) -> None:
    """Exact, per type: a value taken for a marker would be lost as well."""
    assert decode_column(type_, raw) == expected


def test_marker_is_recognised_in_the_before_image_too() -> None:
    """Oracle's unchanged LOBs are markers there."""
    registry = Registry()
    schema = envelope_schema(field("c", "string"))
    number = registry.add(schema)
    value = framed(number, encode(schema, change("u", {"c": "new"}, {"c": M})))
    plan = ColumnPlan(("c",), (), before=True)
    event = Decoder(registry, DecodeSettings()).decode(record(value), plan)
    assert isinstance(event, ChangeEvent)
    assert (event.before, event.after) == ((UNAVAILABLE,), ("new",))


@pytest.mark.parametrize("text", ["Pz8/Pj4+", "Pz8_Pj4-"])
def test_both_alphabets_of_base64_are_known(text: str) -> None:
    """`base64` and `base64-url-safe` differ in two characters."""
    schema = envelope_schema(field("c", "string"))
    registry = Registry()
    value = framed(registry.add(schema), encode(schema, change("c", {"c": text})))
    decoder = Decoder(registry, DecodeSettings(unavailable_marker="???>>>"))
    event = decoder.decode(record(value), ColumnPlan(("c",), ()))
    assert isinstance(event, ChangeEvent)
    assert event.after == (UNAVAILABLE,)


@pytest.mark.parametrize("type_", ["string", "bytes", array("int"), array("string")])
def test_debeziums_own_marker_is_known_beside_the_configured_one(type_: Any) -> None:
    """A topic holds it from before `unavailable.value.placeholder` was set; others write it."""
    registry = Registry()
    schema = envelope_schema(field("c", type_), field("d", type_))
    row = {"c": shaped(type_, "N/A!"), "d": shaped(type_, M)}
    value = framed(registry.add(schema), encode(schema, change("c", row)))
    decoder = Decoder(registry, DecodeSettings(unavailable_marker="N/A!"))
    event = decoder.decode(record(value), ColumnPlan(("c", "d"), ()))
    assert isinstance(event, ChangeEvent)
    assert event.after == (UNAVAILABLE, UNAVAILABLE)


def test_the_beginning_of_a_configured_marker_is_a_value_unless_its_column_is_cut_off() -> None:
    """`NOT AVAILABLE` may be what somebody wrote; only a schema tells that it was cut off."""
    schema = envelope_schema(field("c", "string"), field("d", cut_at(13)))
    registry, row = Registry(), {"c": "NOT AVAILABLE", "d": "NOT AVAILABLE"}
    value = framed(registry.add(schema), encode(schema, change("c", row)))
    decoder = Decoder(registry, DecodeSettings(unavailable_marker="NOT AVAILABLE HERE"))
    event = decoder.decode(record(value), ColumnPlan(("c", "d"), ()))
    assert isinstance(event, ChangeEvent)
    assert event.after == ("NOT AVAILABLE", UNAVAILABLE)


def shaped(type_: Any, marker: str) -> Any:
    """Return a marker as a column of this type has it."""
    match type_:
        case "string":
            return marker
        case "bytes":
            return marker.encode()
        case _:
            return [*marker.encode()] if type_ == array("int") else [marker]


HEX: dict[str, tuple[Any, Any]] = {
    "text": ("string", "Ä!"),
    "bytes": ("bytes", b"\xc3\x84!"),
    "codes, signed as Java's": (array("int"), [-61, -124, 33]),
    "hstore as json": (JSON, '{"Ä!":"Ä!"}'),
}


@pytest.mark.parametrize(("type_", "raw"), HEX.values(), ids=HEX)
def test_a_marker_can_be_given_by_its_bytes(type_: Any, raw: Any) -> None:
    """The connector takes `hex:` and digits, and writes the text of these bytes."""
    registry, schema = Registry(), envelope_schema(field("c", type_))
    value = framed(registry.add(schema), encode(schema, change("c", {"c": raw})))
    decoder = Decoder(registry, DecodeSettings(unavailable_marker="hex:C38421"))
    event = decoder.decode(record(value), ColumnPlan(("c",), ()))
    assert isinstance(event, ChangeEvent)
    assert event.after == (UNAVAILABLE,)


@pytest.mark.parametrize("bare", [True, False])
def test_marker_is_recognised_in_a_key(*, bare: bool) -> None:
    """`message.key.columns` can name a column that is left out: its text must not become an id."""
    registry = Registry()
    schema: Any = {"type": "string"} if bare else key_schema(field("k", "string"))
    key = framed(registry.add(schema), encode(schema, M if bare else {"k": M}))
    decoder = Decoder(registry, DecodeSettings())
    assert decoder.decode_key(record(None, key), ColumnPlan((), ("k",))) == (UNAVAILABLE,)
