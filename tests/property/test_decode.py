"""Decoding is total: any bytes and any schema end in an event or a typed error, within bounds."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from consumer.decode.decoder import Decoder
from consumer.domain.events import ChangeEvent, ColumnPlan
from tests.unit.decode.samples import (
    SMALL,
    Registry,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    named,
    outcome,
    record,
)

VALUE = envelope_schema(
    field("id", "long"),
    field("text", "string", nullable=True),
    field("day", named("int", "io.debezium.time.Date"), nullable=True),
    field("at", named("string", "io.debezium.time.ZonedTimestamp"), nullable=True),
    field("price", {"type": "bytes", "scale": 2, "logicalType": "decimal"}, nullable=True),
    field("tags", {"type": "array", "items": ["null", "string"]}, nullable=True),
    field("extra", {"type": "map", "values": "double"}, nullable=True),
)
COLUMNS = ("id", "text", "day", "at", "price", "tags", "extra")
PLAN = ColumnPlan(COLUMNS, (), before=True)
ROWS = st.fixed_dictionaries(
    {
        "id": st.integers(-(2**63), 2**63 - 1),
        "text": st.none() | st.text(),
        "day": st.none() | st.integers(-(2**31), 2**31 - 1),
        "at": st.none() | st.text(),
        "price": st.none() | st.binary(max_size=40),
        "tags": st.none() | st.lists(st.none() | st.text()),
        "extra": st.none() | st.dictionaries(st.text(), st.floats()),
    }
)


@given(
    st.binary(), st.none() | st.binary(), st.lists(st.tuples(st.text(), st.none() | st.binary()))
)
@example(b"\0\0\0\0\1", b"\1" * 17, [("__value_schema_id", None)])
@example(b"null", None, [])  # what JsonConverter writes for a tombstone: a value like any other
def test_any_bytes_end_in_a_typed_error(
    value: bytes, key: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    """Whatever somebody writes into the topic."""
    registry = Registry()
    decoder = Decoder(registry, SMALL)
    one = record(value, key, headers)
    for ref in decoder.missing_schemas(one, PLAN):
        assert ref.startswith(("id/", "guid/"))
    if not decoder.missing_schemas(one, PLAN):
        event = outcome(decoder, one, PLAN)
        assert event is None or value == b"null"


@given(ROWS, st.none() | ROWS, st.data())
def test_mutated_payload_never_escapes(
    after: dict[str, Any], before: dict[str, Any] | None, data: st.DataObject
) -> None:
    """Flip, cut and insert bytes of a real payload: typed error, or an event with whole rows."""
    registry = Registry()
    number = registry.add(VALUE)
    payload = bytearray(encode(VALUE, change("u", after, before)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(payload) - 1))
        end = data.draw(st.integers(at, min(len(payload), at + 3)))
        payload[at:end] = data.draw(st.binary(max_size=6))
        payload = payload or bytearray(b"\0")
    event = outcome(Decoder(registry, SMALL), record(framed(number, bytes(payload))), PLAN)
    if isinstance(event, ChangeEvent):
        for row in (event.before, event.after):
            assert row is None or len(row) == len(COLUMNS)


TYPES: dict[str, tuple[Any, st.SearchStrategy[Any], Any]] = {
    "long": ("long", st.integers(-(2**63), 2**63 - 1), lambda raw: raw),
    "text": ("string", st.text(), lambda raw: raw),
    "flag": ("boolean", st.booleans(), lambda raw: raw),
    "double": ("double", st.floats(), lambda raw: raw if math.isfinite(raw) else None),
    "decimal": (
        {"type": "bytes", "scale": 3, "logicalType": "decimal", "precision": 1},
        st.binary(max_size=20),
        lambda raw: Decimal(f"{int.from_bytes(raw, 'big', signed=True)}E-3"),
    ),
    "bits": (named("bytes", "io.debezium.data.Bits"), st.binary(max_size=20),
             lambda raw: int(raw[::-1].hex() or "0", 16)),
    "list": ({"type": "array", "items": ["null", "int"]},
             st.lists(st.none() | st.integers(-9, 9)), lambda raw: raw),
    "map": ({"type": "map", "values": "string"}, st.dictionaries(st.text(), st.text()),
            lambda raw: raw),
}  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[tuple[str, bool]], dict[str, Any]]:
    """Columns of any of the types above, nullable or not, and a row of them."""
    kinds = draw(st.lists(st.tuples(st.sampled_from(sorted(TYPES)), st.booleans()), min_size=1,
                          max_size=8))  # fmt: skip
    raw = {}
    for index, (kind, nullable) in enumerate(kinds):
        values = TYPES[kind][1]
        raw[f"c{index}"] = draw(st.none() | values if nullable else values)
    return kinds, raw


@given(tables(), st.randoms(use_true_random=False))
def test_rows_round_trip_in_any_planned_order(
    table: tuple[list[tuple[str, bool]], dict[str, Any]], random: Any
) -> None:
    """What a writer wrote is what a plan gets, whichever columns it asks for."""
    kinds, raw = table
    schema = envelope_schema(
        *(
            field(f"c{i}", TYPES[kind][0], nullable=nullable)
            for i, (kind, nullable) in enumerate(kinds)
        )
    )
    registry = Registry()
    value = framed(registry.add(schema), encode(_without_logical_types(schema), change("c", raw)))
    columns = random.sample(sorted(raw), random.randint(1, len(raw)))
    event = Decoder(registry, SMALL).decode(record(value), ColumnPlan(tuple(columns), ()))
    assert isinstance(event, ChangeEvent)
    convert = {f"c{i}": TYPES[kind][2] for i, (kind, _) in enumerate(kinds)}
    expected = [None if raw[c] is None else convert[c](raw[c]) for c in columns]
    assert event.after == tuple(expected)


def _without_logical_types(schema: Any) -> Any:
    """Let raw bytes be written as they are: the writer checks a decimal against its precision."""
    return json.loads(json.dumps(schema).replace('"logicalType"', '"was"'))
