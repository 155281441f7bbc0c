"""Nulls and defaults that may stand for something else (reference `debezium.md` §2.2, §3.1)."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.events import ChangeEvent, ColumnPlan, Doubt, DoubtKind
from consumer.domain.records import Header
from tests.unit.decode.samples import (
    Json,
    Registry,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    named,
    record,
)

NULL = (Doubt("c", DoubtKind.NULL),)
DEFAULT = (Doubt("c", DoubtKind.DEFAULT),)
MOVED = ("__debezium.oldkey", b"{}")
SMALL = {"type": "int", "connect.type": "int16"}
DECIMAL = {"type": "bytes", "scale": 2, "connect.name": "org.apache.kafka.connect.data.Decimal"}
GEOMETRY = {
    "type": "record",
    "name": "Geometry",
    "connect.name": "io.debezium.data.geometry.Geometry",
    "fields": [field("wkb", "bytes")],
}


def array(items: Any) -> Json:
    """Return an array as PostgreSQL's connector writes it."""
    return {"type": "array", "items": ["null", items]}


SMALL_ARRAY = array(SMALL)


def doubts(
    type_: Any,
    value: Any = None,
    *,
    op: str = "u",
    headers: tuple[Header, ...] = (),
    before: bool = False,
    **more: Any,
) -> tuple[Doubt, ...]:
    """Return the doubts about a row of one strict column."""
    plan = ColumnPlan(("c",), (), strict=frozenset("c"), unmarked=more.pop("unmarked", frozenset()))
    column = field("c", type_, nullable=more.pop("nullable", True)) | more.pop("column", {})
    schema, registry = envelope_schema(column), Registry()
    row = {"c": value}
    datum = change(op, row, row if before else None, **more)
    one = record(framed(registry.add(schema), encode(schema, datum)), headers=headers)
    event = Decoder(registry, DecodeSettings()).decode(one, plan)
    assert isinstance(event, ChangeEvent)
    return event.doubts


BARE = {
    "smallint[]": SMALL_ARRAY,
    "numeric[]": array(DECIMAL),
    "timestamp[]": array(named("long", "io.debezium.time.MicroTimestamp")),
    "timestamptz[]": array(named("string", "io.debezium.time.ZonedTimestamp")),
    "enum[]": {"type": "array", "items": named("string", "io.debezium.data.Enum")},
    "boolean[]": array("boolean"),
    "float8[]": array("double"),
    "numeric": DECIMAL,
    "bit varying": named("bytes", "io.debezium.data.Bits"),
    "geometry": GEOMETRY,
}
MARKED_OR_SMALL = {
    "text": "string",
    "jsonb": named("string", "io.debezium.data.Json"),
    "bytea": "bytes",
    "text[]": array("string"),
    "uuid[]": array(named("string", "io.debezium.data.Uuid")),
    "int[]": array("int"),
    "date[]": array(named("int", "io.debezium.time.Date")),
    "bigint[]": array("long"),
    "bytea[]": array("bytes"),
    "hstore": {"type": "map", "values": ["null", "string"]},
    "bigint": "long",
    "boolean": "boolean",
    "timestamp": named("long", "io.debezium.time.MicroTimestamp"),
}


@pytest.mark.parametrize("type_", BARE.values(), ids=BARE)
def test_null_of_a_type_without_a_marker_is_doubtful_in_an_update(type_: Any) -> None:
    """Unchanged and stored apart it arrives as null, as a real null does."""
    assert doubts(type_) == NULL


@pytest.mark.parametrize("type_", MARKED_OR_SMALL.values(), ids=MARKED_OR_SMALL)
def test_null_of_a_type_with_a_marker_is_null(type_: Any) -> None:
    """Left out, it would say so; values of a fixed width are never left out."""
    assert doubts(type_) == ()
    assert doubts(type_, unmarked=frozenset("c")) == NULL


def test_null_in_a_whole_row_is_null() -> None:
    """An insert and a snapshot have every value, an update with its full old row as well."""
    assert [doubts(SMALL_ARRAY, op=op) for op in "cr"] == [(), ()]
    assert doubts(SMALL_ARRAY, before=True) == ()
    assert doubts(SMALL_ARRAY, before=True, unmarked=frozenset("c")) == ()
    assert doubts(SMALL_ARRAY, [1]) == ()


def test_insert_of_a_moved_row_is_an_update() -> None:
    """A primary key that changes arrives as delete and insert; what did not change is left out."""
    assert doubts(SMALL_ARRAY, op="c", headers=(MOVED,)) == NULL


@pytest.mark.parametrize("connector", ["mysql", "mariadb", "oracle"])
def test_null_of_a_connector_that_logs_whole_rows_is_null(connector: str) -> None:
    """Or that marks each value it leaves out."""
    assert doubts(SMALL_ARRAY, connector=connector, unmarked=frozenset("c")) == ()


def test_any_null_of_an_unknown_connector_is_doubtful() -> None:
    """Unknown is denied."""
    assert doubts("long", connector="pelican") == NULL
    assert doubts("long", connector="pelican", before=True) == ()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("version", "found"),
    [("3.5.2.Final", NULL), ("3.6.0.Final", ()), ("4.0.0.Final", ()), ("", NULL)],
)
def test_null_text_of_an_older_sql_server_connector_is_doubtful(
    version: str, found: tuple[Doubt, ...], *, before: bool
) -> None:
    """`varchar(max)` looks like any text, and change tables lack it in old rows as well."""
    server = "sqlserver"
    assert doubts("string", before=before, connector=server, version=version) == found
    assert doubts("long", before=before, connector=server, version=version) == ()


DEFAULTS: dict[str, tuple[Any, Any, Any]] = {
    "text": ("string", "none", "none"),
    "int": ("int", 5, 5),
    "bytes": ("bytes", b"\xe4{", "ä{"),
    "list": ({"type": "array", "items": "bytes"}, [b"a"], ["a"]),
}


@pytest.mark.parametrize(("type_", "value", "written"), DEFAULTS.values(), ids=DEFAULTS)
@pytest.mark.parametrize("op", ["c", "u", "r"])
def test_default_of_a_nullable_column_is_doubtful_in_any_row(
    op: str, type_: Any, value: Any, written: Any
) -> None:
    """Converters write it for null, of whichever connector and whatever else the event has."""
    column = {"type": [type_, "null"], "default": written}
    assert doubts("string", value, op=op, column=column) == DEFAULT
    assert doubts("string", value, op=op, column=column, before=True, connector="mysql") == DEFAULT
    other = {"type": [type_, "null"], "default": None}
    assert doubts("string", value, op=op, column=other) == ()


def test_default_of_another_column_is_a_value() -> None:
    """But of a type without a marker: left out of an update, it may be written for it."""
    column = {"default": [3]}
    required = {"type": "array", "items": SMALL}
    assert doubts("string", "none", nullable=False, column={"default": "none"}) == ()
    assert doubts(required, [3], nullable=False, column=column) == DEFAULT
    assert doubts(required, [3], nullable=False, column=column, before=True) == ()
    assert doubts(required, [3], nullable=False, column=column, op="c") == ()


def test_only_strict_columns_are_looked_at() -> None:
    """What a column is for is the mapping's to know."""
    schema, registry = envelope_schema(field("c", SMALL_ARRAY, nullable=True)), Registry()
    one = record(framed(registry.add(schema), encode(schema, change("u", {"c": None}))))
    event = Decoder(registry, DecodeSettings()).decode(one, ColumnPlan(("c",), ()))
    assert isinstance(event, ChangeEvent)
    assert event.doubts == ()
