"""The other key of a changed primary key, in every encoding of a header (`debezium.md` §1.5)."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.events import ChangeEvent, ColumnPlan, Row, Tombstone
from tests.unit.decode.samples import (
    KEY,
    PLAN,
    ROW,
    VALUE,
    Json,
    Registry,
    Table,
    change,
    encode,
    field,
    framed,
    key_schema,
    named,
    record,
)

NEW, OLD = "__debezium.newkey", "__debezium.oldkey"
OTHER = {"tenant": "t1", "sku": "b"}
JSON_SCHEMA = {"type": "struct", "fields": [], "optional": False}
DECIMAL = named("bytes", "org.apache.kafka.connect.data.Decimal", scale=2)


def moved(table: Table, content: bytes | None, plan: ColumnPlan = PLAN) -> Row | None:
    """Return the new key of a delete with this header."""
    event = table.decoder.decode(table.record("d", (NEW, content), before=ROW), plan)
    assert isinstance(event, ChangeEvent)
    assert event.key_moved
    return event.new_key


ENCODINGS = {
    "simple converter": b'{"tenant":"t1","sku":"b"}',
    "JSON converter": json.dumps({"schema": JSON_SCHEMA, "payload": OTHER}).encode(),
    "JSON converter without schemas": json.dumps(OTHER).encode(),
    "in another order": b'{"sku":"b","tenant":"t1"}',
}


@pytest.mark.parametrize("content", ENCODINGS.values(), ids=ENCODINGS)
def test_json_names_the_new_key(content: bytes) -> None:
    """Bare, or beside its schema: in the order of the plan."""
    table = Table()
    assert moved(table, content) == ("b", "t1")
    assert table.decoder.key_changes() == {("newkey", "read"): 1}


def test_a_header_in_registry_framing_names_the_new_key() -> None:
    """Its schema is fetched like the key's; where that cannot be, the other key is unknown."""
    table = Table()
    number = table.registry.add(KEY)
    content = framed(number, encode(KEY, OTHER))
    one = table.record("d", (NEW, content), before=ROW)
    bare = Decoder(Registry(), DecodeSettings())
    assert f"id/{number}" in bare.missing_schemas(one, PLAN)
    assert f"id/{number}" not in bare.missing_schemas(one, ColumnPlan(("qty",), ()))
    assert moved(table, content) == ("b", "t1")
    assert moved(table, framed(99, encode(KEY, OTHER))) is None


UNKNOWN: dict[str, bytes | None] = {
    "string converter": b"Struct{tenant=t1,sku=b}",
    "nothing": None,
    "no bytes": b"",
    "fewer columns": b'{"sku":"b"}',
    "more columns": b'{"sku":"b","tenant":"t1","x":1}',
    "a number for a text": b'{"sku":1,"tenant":"t1"}',
    "null": b"null",
    "no text": b"\xff\xfe",
    "deep": b"[" * 60_000,
    "long": b'{"tenant":"t1","sku":"' + b"b" * 70_000 + b'"}',
    "schema that is none": framed(1, b""),
}


@pytest.mark.parametrize("content", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_understood_is_unknown(content: bytes | None) -> None:
    """The delete and the create stand for themselves; a guess would move a row's columns."""
    table = Table()
    assert moved(table, content) is None
    assert table.decoder.key_changes() == {("newkey", "unknown"): 1}


def test_a_row_that_moves_to_its_own_key_is_implausible() -> None:
    """Whoever wrote that header means something else."""
    table = Table()
    assert moved(table, b'{"tenant":"t1","sku":"a"}') is None
    assert table.decoder.key_changes() == {("newkey", "implausible"): 1}


def test_the_create_names_the_old_key_and_the_tombstone_repeats_the_new_one() -> None:
    """Both halves can be joined from either side; a tombstone is not another half."""
    table = Table()
    header = b'{"tenant":"t1","sku":"b"}'
    created = table.decoder.decode(table.record("c", (OLD, header), after=ROW), PLAN)
    assert isinstance(created, ChangeEvent)
    assert (created.old_key, created.new_key) == (("b", "t1"), None)
    gone = table.decoder.decode(record(None, table.key(), ((NEW, header),)), PLAN)
    assert gone == Tombstone(("a", "t1"), ("b", "t1"))
    assert table.decoder.key_changes() == {("oldkey", "read"): 1}


def test_headers_of_other_records_say_nothing() -> None:
    """A delete has no old key, an update neither."""
    table = Table()
    for op, header, images in (("d", OLD, {"before": ROW}), ("u", NEW, {"after": ROW})):
        event = table.decoder.decode(table.record(op, (header, b"{}"), **images), PLAN)
        assert isinstance(event, ChangeEvent)
        assert (event.old_key, event.new_key, event.key_moved) == (None, None, False)
    assert table.decoder.key_changes() == {}


def test_without_key_columns_the_other_key_is_not_asked_for() -> None:
    """The row says which item it is; that its key changed is counted all the same."""
    table = Table()
    plan = ColumnPlan(("qty",), (), before=True)
    assert moved(table, b'{"tenant":"t1","sku":"b"}', plan) is None
    assert table.decoder.key_changes() == {("newkey", "unknown"): 1}


def other_key(type_: Any, raw: Any, content: bytes, *, bare: bool = False) -> Row | None:
    """Return the new key of a row whose key is one column of this type."""
    registry, schema = Registry(), type_ if bare else key_schema(field("k", type_))
    key = framed(registry.add(schema), encode(schema, raw if bare else {"k": raw}))
    value = framed(registry.add(VALUE), encode(VALUE, change("d", before=ROW)))
    plan = ColumnPlan((), ("k",))
    event = Decoder(registry, DecodeSettings()).decode(record(value, key, ((NEW, content),)), plan)
    assert isinstance(event, ChangeEvent)
    return event.new_key


def b64(data: bytes) -> str:
    """Return bytes as Connect writes them in JSON."""
    return base64.b64encode(data).decode()


TYPED: dict[str, tuple[Any, Any, Any, Any]] = {
    "long": ("long", 1, 2**60, 2**60),
    "boolean": ("boolean", False, True, True),
    "double": ("double", 0.5, 1, 1.0),
    "bytes": ("bytes", b"a", b64(b"\x01\x02"), b"\x01\x02"),
    "date": (named("int", "io.debezium.time.Date"), 0, 1, "1970-01-02T00:00:00.000Z"),
    "decimal in base64": (DECIMAL, b"\x01", b64(b"\x04\xd2"), Decimal("12.34")),
    "nullable": (["null", "string"], "a", "b", "b"),
    "array": ({"type": "array", "items": "int"}, [1], [2, 3], [2, 3]),
    "map": ({"type": "map", "values": "int"}, {"a": 1}, {"b": 2}, {"b": 2}),
}


@pytest.mark.parametrize(("type_", "raw", "written", "expected"), TYPED.values(), ids=TYPED)
def test_the_other_key_has_the_types_of_the_record_s_own(
    type_: Any, raw: Any, written: Any, expected: Any
) -> None:
    """JSON knows fewer types, and the two keys must be comparable."""
    assert other_key(type_, raw, json.dumps({"k": written}).encode()) == (expected,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12.34", (Decimal("12.34"),)), ("-1E+1", (Decimal(-10),)), ("12.345", None), ("NaN", None)],
)
def test_a_decimal_may_be_a_number(text: str, expected: Row | None) -> None:
    """So writes the simple converter; another scale is not this column's."""
    assert other_key(DECIMAL, b"\x01", f'{{"k":{text}}}'.encode()) == expected


MISFITS: Json = {"int": True, "bytes": "%", "boolean": 1, "string": ["a"], "long": 1.5}


@pytest.mark.parametrize("kind", MISFITS)
def test_a_value_of_another_type_is_unknown(kind: str) -> None:
    """Not even a boolean for a number: a key that only resembles another one is none."""
    own = {"int": 1, "bytes": b"a", "boolean": True, "string": "a", "long": 1}[kind]
    assert other_key(kind, own, json.dumps({"k": MISFITS[kind]}).encode()) is None


@pytest.mark.parametrize(
    "content",
    [b"k 2", b'"k 2"', b'{"schema":{"type":"string"},"payload":"k 2"}'],
    ids=["as it is", "quoted", "beside its schema"],
)
def test_a_key_that_is_one_text_is_read_too(content: bytes) -> None:
    """Routers make such keys; the simple converter writes them without quotes."""
    text = {"type": "string"}
    assert other_key(text, "k1", content, bare=True) == ("k 2",)
    assert other_key(text, "k1", b"17", bare=True) == ("17",)


def test_control_characters_are_read_as_the_simple_converter_writes_them() -> None:
    """It escapes quotes and backslashes, and nothing else."""
    assert other_key("string", "a", b'{"k":"x\n\\"y\\\\"}') == ('x\n"y\\',)


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_header_can_harm_its_record(content: bytes) -> None:
    """It comes from whoever may write to the topic."""
    other = moved(Table(), content)
    assert other is None or len(other) == 2
