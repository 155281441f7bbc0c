"""JSON without schemas: shapes by names and values, types by declaration, doubts by default."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from consumer.decode.logical import LOGICAL_TYPES
from consumer.domain.errors import ConfigError
from consumer.domain.events import (
    UNAVAILABLE,
    ChangeEvent,
    ColumnPlan,
    ControlKind,
    ControlRecord,
    Doubt,
    DoubtKind,
    Event,
    Op,
    SourceInfo,
    Tombstone,
    Truncate,
)
from consumer.domain.formats import ARRAY, DECIMAL, PLAIN_TYPES, SEMANTIC_TYPES, ColumnType
from tests.unit.decode.json_samples import (
    SOURCE,
    after,
    beside,
    decoder,
    event,
    plain_column,
    planned,
    reason,
    text,
)
from tests.unit.decode.samples import change, record
from tests.unit.decode.test_logical import CASES
from tests.unit.decode.to_json import json_value

PLACE = SourceInfo("postgresql", "srv", "inv", "public", "items", 17, "false")
MARKER = "__debezium_unavailable_value"
NAME = planned("name", keys=("id",), before=True)
ROW = {"id": 1, "name": "one"}


def test_change_events_are_known_by_their_parts() -> None:
    """Op, source, and an image; the same whether a converter says that there is no schema."""
    datum = change("u", ROW, {**ROW, "name": "eins"})
    expected = ChangeEvent(Op.UPDATE, (1,), ("eins",), ("one",), PLACE)
    assert event(text(datum), NAME) == event(beside(None, datum), NAME) == expected
    gone = {"op": "d", "source": SOURCE, "before": ROW}
    assert event(text(gone), NAME) == ChangeEvent(Op.DELETE, (1,), ("one",), None, PLACE)
    assert event(text(change("t")), NAME) == Truncate(PLACE)


CONTROL: dict[ControlKind, dict[str, Any]] = {
    ControlKind.TRANSACTION: {"status": "BEGIN", "id": "1", "event_count": None,
                              "data_collections": None, "ts_ms": 1},
    ControlKind.SCHEMA_CHANGE: {"source": {}, "databaseName": "d", "ddl": "x", "tableChanges": []},
    ControlKind.NOTIFICATION: {"id": "1", "aggregate_type": "Initial Snapshot",
                               "type": "COMPLETED", "additional_data": {}},
    ControlKind.LOGICAL_MESSAGE: {"op": "m", "source": SOURCE, "message": {"prefix": "p"}},
    ControlKind.SIGNAL: change("c", {"id": "1", "type": "x", "data": None},
                               table="debezium_signal"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), CONTROL.items())
def test_debeziums_own_records_are_known_by_shape(kind: ControlKind, value: Any) -> None:
    """Each has a fate of its own."""
    assert event(text(value), NAME) == ControlRecord(kind)


@pytest.mark.parametrize("declared", ["flattened", "upsert"])
@pytest.mark.parametrize("kind", [ControlKind.TRANSACTION, ControlKind.NOTIFICATION])
def test_a_row_that_is_declared_as_one_is_never_skipped(kind: ControlKind, declared: str) -> None:
    """A table of jobs may have the columns of a transaction's record."""
    got = event(text(CONTROL[kind]), planned("id", format=declared))
    assert isinstance(got, ChangeEvent)
    assert got.after == ("1",)


NO_EVENTS: dict[str, Any] = {
    "a list": [1],
    "a row": ROW,
    "no source": {"op": "c", "after": ROW},
    "no image": {"op": "c", "source": SOURCE},
    "a source of text": {"op": "c", "source": "x", "after": ROW},
    "MongoDB": {**change("c"), "after": '{"_id": 1}'},
    "an old row of text": {**change("d"), "before": "x"},
    "a letter that is none": {**change("c", ROW), "op": 5},
}


@pytest.mark.parametrize("value", NO_EVENTS.values(), ids=NO_EVENTS)
def test_anything_else_is_not_an_envelope(value: Any) -> None:
    """Never a silent skip."""
    bad = beside(None, value) if isinstance(value, list) else text(value)
    assert reason(bad, NAME) == "not_an_envelope"


def test_cassandra_and_incomplete_events_are_refused_as_in_avro() -> None:
    """The rules behind the shape are the same."""
    assert reason(text(change("r", ROW, connector="cassandra")), NAME) == "unsupported_connector"
    assert reason(text(change("c")), NAME) == "incomplete_envelope"
    assert reason(text(change("i", ROW)), NAME) == "unknown_op"


@pytest.mark.parametrize("name", SEMANTIC_TYPES)
def test_every_semantic_type_can_be_declared(name: str) -> None:
    """And means what it means where the record says it."""
    type_, raw, expected = CASES[name]
    if name == "io.debezium.time.MicroDuration":
        raw, expected = 1_500_000, "PT1.5S"
    scale = 2 if name == DECIMAL else None
    value = json_value(type_, raw)
    if isinstance(value, dict):  # a writer may leave out what is null
        value = {part: each for part, each in value.items() if each is not None}
    assert plain_column(value, ColumnType(name, scale)) == expected


def test_the_declarable_types_are_those_that_can_be_read() -> None:
    """The mapping's list and the decoder's table."""
    assert set(LOGICAL_TYPES) == SEMANTIC_TYPES


PLAIN: dict[str, tuple[Any, Any]] = {
    "boolean": (True, True),
    "int8": (1, 1),
    "int16": (1, 1),
    "int32": (1, 1),
    "int64": (1, 1),
    "float": (0.1, 0.1),
    "double": ("NaN", None),
    "bytes": ("AP8Q", b"\x00\xff\x10"),
    "string": ("x", "x"),
}


@pytest.mark.parametrize("name", PLAIN_TYPES - {ARRAY})
def test_every_plain_type_can_be_declared(name: str) -> None:
    """Bytes above all: nothing shows that a text is base64."""
    value, expected = PLAIN[name]
    assert plain_column(value, ColumnType(name)) == expected
    assert plain_column([value, None], ColumnType(ARRAY, items=ColumnType(name))) == [
        expected, None,
    ]  # fmt: skip


def test_a_value_that_is_not_of_its_declared_type_is_poison() -> None:
    """The message names the column and the type, not the value."""
    plan = planned("c", types={"c": ColumnType("int64")})
    assert reason(text(change("c", {"c": "secret"})), plan) == "undecodable"


@pytest.mark.parametrize(
    "value", ["x", 5, True, Decimal("1.50"), [1, "a", None], {"a": {"b": [1]}}]
)
def test_what_is_not_declared_is_what_json_says(value: Any) -> None:
    """Numbers with a fraction are exact."""
    written = text(change("c", {"c": "?"})).replace(b'"?"', _written(value))
    assert repr(after(written, planned("c"))[0]) == repr(value)


def _written(value: Any) -> bytes:
    return str(value).encode() if isinstance(value, Decimal) else text(value)


MARKED = [
    MARKER,
    "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
    [MARKER],
    ["X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="],
    ["b68a35a7-17ad-35b3-af2a-ae46edb4545a"],
    list(MARKER.encode()),
    {MARKER: MARKER},
    {"wkb": "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==", "srid": 4326},
    {"a": {"b": [MARKER]}, "c": 1},
    MARKER.encode().hex(),
    MARKER[:12],
]


@pytest.mark.parametrize("value", MARKED)
def test_the_marker_is_recognised_in_any_form_in_any_column(value: Any) -> None:
    """Nothing says which form a column would have."""
    assert plain_column(value) is UNAVAILABLE


def test_a_column_that_is_not_there_is_not_null() -> None:
    """A dropped column must not blank a field in every item."""
    with pytest.raises(ConfigError, match=r"no column 'nam' \(did you mean 'name'\?\)"):
        event(text(change("c", ROW)), planned("nam"))


def doubts(value: Any, op: str = "u", **source: Any) -> tuple[Doubt, ...]:
    """Return the doubts about a column that says who may see an item."""
    names = frozenset({"c"})
    plan = planned("c", left_out=names, defaults=names, granting=names)
    got = event(text(change(op, {"c": value}, **source)), plan)
    assert isinstance(got, ChangeEvent)
    return got.doubts


def test_no_value_is_believed_not_to_be_a_default() -> None:
    """Converters write a nullable column's default for null, and no schema tells what it is."""
    for op in ("c", "u", "r"):
        assert doubts("admins", op) == (Doubt("c", DoubtKind.DEFAULT),)
    assert doubts(MARKER) == ()  # that is no value at all


def test_a_null_of_no_known_type_is_doubtful_in_an_update() -> None:
    """It may be of a type without a marker, also of PostgreSQL's connector."""
    assert doubts(None) == (Doubt("c", DoubtKind.LEFT_OUT),)
    assert doubts(None, connector="pelican") == (Doubt("c", DoubtKind.LEFT_OUT),)
    assert doubts(None, "c") == ()
    assert doubts(None, connector="mysql") == ()


def test_columns_that_grant_nothing_are_not_doubted_for_their_values() -> None:
    """Or each row of each table would be."""
    plan = planned("name", defaults=frozenset({"name"}))
    got = event(text(change("c", ROW)), plan)
    assert isinstance(got, ChangeEvent)
    assert got.doubts == ()


KEYS: list[tuple[bytes, ColumnPlan, tuple[Any, ...]]] = [
    (b'{"id":7}', planned(keys=("id",)), (7,)),
    (b'{"b":"x","a":1.50}', planned(keys=("a", "b")), (Decimal("1.50"), "x")),
    (b'{"id":19782}', planned(keys=("id",), types={"id": ColumnType("io.debezium.time.Date")}),
     ("2024-02-29T00:00:00.000Z",)),
    (b'{"id":"AP8Q"}', planned(keys=("id",), types={"id": ColumnType("bytes")}), (b"\0\xff\x10",)),
    (beside({"type": "int32"}, 5), planned(keys=("id",)), (5,)),
    (beside(None, "x"), planned(keys=("id",)), ("x",)),
]  # fmt: skip


@pytest.mark.parametrize(("key", "plan", "expected"), KEYS)
def test_keys_are_objects_of_their_columns(
    key: bytes, plan: ColumnPlan, expected: tuple[Any, ...]
) -> None:
    """Or one value, beside what says that it has no schema."""
    assert event(None, plan, key) == Tombstone(expected)


def test_a_key_must_have_just_the_planned_columns() -> None:
    """With fewer, two rows would share one item."""
    for key in (b'{"id":1,"more":2}', b'{"other":1}', beside(None, 5)):
        with pytest.raises(ConfigError):
            event(None, planned(keys=("id", "tenant")), key)
    assert reason(record(None, beside(None, None)), planned(keys=("id",))) == "null_key"


def test_headers_name_the_other_key_of_a_key_change() -> None:
    """In JSON, as the key itself."""
    moved = ("__debezium.newkey", b'{"id":2}')
    plan = planned("name", keys=("id",))
    one = record(text(change("d", None, ROW)), b'{"id":1}', [moved])
    got: Event = decoder().decode(one, plan)
    assert isinstance(got, ChangeEvent)
    assert (got.key_moved, got.new_key) == (True, (2,))
    assert decoder().decode(record(None, b'{"id":1}', [moved]), plan) == Tombstone((1,), (2,))


def test_a_header_with_a_number_that_nobody_can_write_out_is_unknown() -> None:
    """Headers are as untrusted as the rest; it would take for ever."""
    moved = ("__debezium.newkey", b'{"id":1e999999999}')
    plan = planned("name", keys=("id",), types={"id": ColumnType(DECIMAL, 0)})
    got = decoder().decode(record(text(change("d", None, ROW)), b'{"id":1}', [moved]), plan)
    assert isinstance(got, ChangeEvent)
    assert (got.key_moved, got.new_key) == (True, None)


def test_a_delete_under_a_blank_key_is_not_believed() -> None:
    """PostgreSQL's replica identity is another index, and its zero is a number in any form."""
    for key in (0, Decimal("0.00"), "", None):
        old = text(change("d", None, {"id": "?", "name": "there"})).replace(b'"?"', _written(key))
        assert reason(old, NAME) == "doubtful_key"
    whole = event(text(change("d", None, {"id": 0, "name": "there"}, connector="mysql")), NAME)
    assert isinstance(whole, ChangeEvent)
