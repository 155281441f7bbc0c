"""Nulls in Avro without Connect's metadata (`connect.meta.data=false`, reference §3.1).

`smallint[]` looks like `int[]` there, `timestamp[]` like `bigint[]`, `inet[]` like `text[]`, a bit
string like bytes; the connector has a marker for the latter of each only (reference §2.2).
"""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan, Doubt, DoubtKind
from consumer.domain.formats import ARRAY, ColumnType, Reading, RecordFormat
from tests.unit.decode.samples import (
    Registry,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    key_schema,
    record,
)
from tests.unit.mapping.making import operations, route_of, spec

LEFT_OUT = (Doubt("c", DoubtKind.LEFT_OUT),)
TYPES: dict[str, Any] = {
    **{kind: {"type": "array", "items": ["null", kind]} for kind in ("int", "long", "string")},
    "bytes": "bytes",
    "fixed": {"type": "fixed", "name": "F", "size": 3},
    "list of bytes": {"type": "array", "items": "bytes"},
}
C = frozenset("c")


def bare(type_: Any) -> Any:
    """Return the schema of a change event without anything of Connect's."""
    schema = envelope_schema(field("c", type_, nullable=True))
    return {name: part for name, part in schema.items() if not name.startswith("connect.")}


def event(schema: Any, plan: ColumnPlan, datum: Any) -> ChangeEvent:
    """Return what a record says."""
    registry, keys = Registry(), key_schema(field("id", "int"))
    value = framed(registry.add(schema), encode(schema, datum))
    key = framed(registry.add(keys), encode(keys, {"id": 1}))
    decoded = Decoder(registry, DecodeSettings()).decode(record(value, key), plan)
    assert isinstance(decoded, ChangeEvent)
    return decoded


def doubts(type_: Any, declared: ColumnType | None = None, op: str = "u") -> tuple[Doubt, ...]:
    """Return the doubts about a null."""
    reading = Reading(types=() if declared is None else (("c", declared),))
    plan = ColumnPlan(("c",), (), left_out=C, reading=reading)
    return event(bare(type_), plan, change(op, {"c": None})).doubts


@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
def test_a_null_that_could_be_of_a_type_without_a_marker_is_doubtful(type_: Any) -> None:
    """It was believed, as if nobody could ever be left out of such a list."""
    assert doubts(type_) == LEFT_OUT
    assert doubts(type_, op="c") == ()


@pytest.mark.parametrize("type_", ["string", "int", "long", "boolean", "double"])
def test_a_null_of_any_other_type_is_null(type_: str) -> None:
    """Texts are marked, numbers too small to be left out."""
    assert doubts(type_) == ()


@pytest.mark.parametrize(
    ("type_", "declared", "expected"),
    [
        ("int", ColumnType(ARRAY, items=ColumnType("int32")), ()),
        ("int", ColumnType(ARRAY, items=ColumnType("int16")), LEFT_OUT),
        ("long", ColumnType(ARRAY, items=ColumnType("io.debezium.time.MicroTimestamp")), LEFT_OUT),
        ("string", ColumnType(ARRAY, items=ColumnType("string")), ()),
        ("bytes", ColumnType("bytes"), ()),
        ("bytes", ColumnType("io.debezium.data.Bits"), LEFT_OUT),
    ],
)
def test_a_declared_type_says_whether_its_nulls_are_marked(
    type_: str, declared: ColumnType, expected: tuple[Doubt, ...]
) -> None:
    """As the name in a schema does."""
    assert doubts(TYPES[type_], declared) == expected


def test_flattened_rows_are_judged_likewise() -> None:
    """They are updates without an old row."""
    row = {"type": "record", "name": "Value", "fields": [field("c", TYPES["int"], nullable=True)]}
    flat = Reading(format=RecordFormat.FLATTENED)
    plan = ColumnPlan(("c",), (), left_out=C, reading=flat)
    named = row | {"connect.name": "srv.public.items.Value"}
    assert event(row, plan, {"c": None}).doubts == LEFT_OUT
    assert event(named, plan, {"c": None}).doubts == (Doubt("c", DoubtKind.RARELY_LEFT_OUT),)


def test_nobody_is_let_in_because_a_list_was_left_out() -> None:
    """A `smallint[]` of those who are denied came as null, and all of them could see the item."""
    denied = {"type": "user", "column": "c"}
    allowed = {"type": "group", "constant": "staff"}
    mapping = spec(target="closed", permissions={"allowed": [allowed], "denied": [denied]})
    route = route_of(mapping)
    with pytest.raises(PoisonError, match="column 'c' says who may see the item") as caught:
        operations(route, event(bare(TYPES["int"]), route.plan, change("u", {"c": None})))
    assert caught.value.reason == "ambiguous_null"
