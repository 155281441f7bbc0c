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

LEFT_OUT = (Doubt("c", DoubtKind.LEFT_OUT),)
RARELY = (Doubt("c", DoubtKind.RARELY_LEFT_OUT),)
DEFAULT = (Doubt("c", DoubtKind.DEFAULT),)
C = frozenset("c")
MOVED = ("__debezium.oldkey", b"{}")
SMALL = {"type": "int", "connect.type": "int16"}
DECIMAL = {"type": "bytes", "scale": 2, "connect.name": "org.apache.kafka.connect.data.Decimal"}
VARIABLE_SCALE = {
    "type": "record",
    "name": "VariableScaleDecimal",
    "connect.name": "io.debezium.data.VariableScaleDecimal",
    "fields": [field("scale", "int"), field("value", "bytes")],
}
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
    """Return the doubts about a column, all kinds of which are looked for.

    Beside it there is one whose value shows that old rows are whole.
    """
    unmarked = more.pop("unmarked", frozenset())
    plan = ColumnPlan(("c",), (), left_out=C, unmarked=unmarked, defaults=C)
    column = field("c", type_, nullable=more.pop("nullable", True)) | more.pop("column", {})
    schema, registry = envelope_schema(column, field("other", "string", nullable=True)), Registry()
    row = {"c": value, "other": "kept"}
    datum = change(op, row, row if before else None, **more)
    one = record(framed(registry.add(schema), encode(schema, datum)), headers=headers)
    event = Decoder(registry, DecodeSettings()).decode(one, plan)
    assert isinstance(event, ChangeEvent)
    return event.doubts


def decimal(precision: int, **parameters: str) -> Json:
    """Return a decimal as the converter writes it: the parameter is the database's precision."""
    return {**DECIMAL, "precision": precision, "connect.parameters": {"scale": "2", **parameters}}


def bits(length: int) -> Json:
    """Return a bit string as Debezium writes it."""
    return named(
        "bytes", "io.debezium.data.Bits", **{"connect.parameters": {"length": str(length)}}
    )


BARE = {
    "smallint[]": SMALL_ARRAY,
    "numeric[]": array(DECIMAL),
    "timestamp[]": array(named("long", "io.debezium.time.MicroTimestamp")),
    "timestamptz[]": array(named("string", "io.debezium.time.ZonedTimestamp")),
    "enum[]": {"type": "array", "items": named("string", "io.debezium.data.Enum")},
    "boolean[]": array("boolean"),
    "float8[]": array("double"),
    "bit varying": bits(2_147_483_647),
    "bit(129)": bits(129),
    "bits of a length that is not said": named("bytes", "io.debezium.data.Bits"),
    "geometry": GEOMETRY,
}
HUGE_ONLY = {
    "numeric": VARIABLE_SCALE,
    "numeric(29, 2)": decimal(29, **{"connect.decimal.precision": "29"}),
    "money": decimal(64),
    "decimal without a precision": DECIMAL,
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
    "numeric(28, 2)": decimal(28, **{"connect.decimal.precision": "28"}),
    "numeric(10, 2) without Connect's metadata": decimal(10),
    "bit(128)": bits(128),
    "point": GEOMETRY | {"name": "Point", "connect.name": "io.debezium.data.geometry.Point"},
}


@pytest.mark.parametrize("type_", BARE.values(), ids=BARE)
def test_null_of_a_type_without_a_marker_is_doubtful_in_an_update(type_: Any) -> None:
    """Unchanged and stored apart it arrives as null, as a real null does."""
    assert doubts(type_) == LEFT_OUT


@pytest.mark.parametrize("type_", HUGE_ONLY.values(), ids=HUGE_ONLY)
def test_null_of_a_number_without_a_bound_is_hardly_doubtful(type_: Any) -> None:
    """PostgreSQL stores it apart only where a row's numbers do not fit a page together."""
    assert doubts(type_) == RARELY
    assert doubts(type_, unmarked=C) == LEFT_OUT
    assert doubts(type_, op="c") == ()


@pytest.mark.parametrize("type_", MARKED_OR_SMALL.values(), ids=MARKED_OR_SMALL)
def test_null_of_a_type_with_a_marker_is_null(type_: Any) -> None:
    """Left out, it would say so; what takes at most 24 bytes is never left out."""
    assert doubts(type_) == ()
    assert doubts(type_, unmarked=C) == LEFT_OUT


def test_null_in_a_whole_row_is_null() -> None:
    """An insert and a snapshot have every value, an update with its full old row as well."""
    assert [doubts(SMALL_ARRAY, op=op) for op in "cr"] == [(), ()]
    assert doubts(SMALL_ARRAY, before=True) == ()
    assert doubts(SMALL_ARRAY, before=True, unmarked=C) == ()
    assert doubts(SMALL_ARRAY, [1]) == ()


def test_insert_of_a_moved_row_is_an_update() -> None:
    """A primary key that changes arrives as delete and insert; what did not change is left out."""
    assert doubts(SMALL_ARRAY, op="c", headers=(MOVED,)) == LEFT_OUT


@pytest.mark.parametrize("connector", ["mysql", "mariadb", "oracle"])
def test_null_of_a_connector_that_logs_whole_rows_is_null(connector: str) -> None:
    """Or that marks each value it leaves out. A mapping that knows better is believed."""
    assert doubts(SMALL_ARRAY, connector=connector) == ()
    assert doubts(SMALL_ARRAY, connector=connector, unmarked=C) == LEFT_OUT
    assert doubts(SMALL_ARRAY, connector=connector, unmarked=C, before=True) == ()


def test_null_of_an_unknown_connector_is_doubtful() -> None:
    """What PostgreSQL's would leave out, as its null; any other one may be null."""
    assert doubts("long", connector="pelican") == RARELY
    assert doubts(SMALL_ARRAY, connector="pelican") == LEFT_OUT
    assert doubts("long", connector="pelican", before=True) == ()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("version", "found"),
    [("3.5.2.Final", LEFT_OUT), ("3.6.0.Final", ()), ("4.0.0.Final", ()), ("", LEFT_OUT)],
)
def test_null_text_of_an_older_sql_server_connector_is_doubtful(
    version: str, found: tuple[Doubt, ...], *, before: bool
) -> None:
    """`varchar(max)` looks like any text, and change tables lack it in old rows as well."""
    server = "sqlserver"
    assert doubts("string", before=before, connector=server, version=version) == found
    assert doubts("long", before=before, connector=server, version=version) == ()
    declared = doubts("long", before=before, connector=server, version=version, unmarked=C)
    assert declared == LEFT_OUT


def test_an_old_value_says_that_a_text_of_sql_server_became_null() -> None:
    """What did not change is in neither row."""
    place = change("u", {"c": None}, {"c": "x"}, connector="sqlserver", version="3.5.2.Final")
    assert found_in(envelope_schema(field("c", "string", nullable=True)), place) == ()


@pytest.mark.parametrize("captured", ["NEW_VALUES", "OLD_AND_NEW_VALUES", None])
def test_any_null_is_doubtful_where_only_changes_are_captured(captured: str | None) -> None:
    """Spanner's change streams leave unchanged columns out of both rows."""
    schema = envelope_schema(field("c", "long", nullable=True))
    source = next(each for each in schema["fields"] if each["name"] == "source")
    wider = [*source["type"]["fields"], field("value_capture_type", "string", nullable=True)]
    source["type"] = {**source["type"], "fields": wider}
    found = {}
    for capture in (captured, "NEW_ROW", "NEW_ROW_AND_OLD_VALUES"):
        datum = change("u", {"c": None}, connector="spanner", value_capture_type=capture)
        found[capture] = found_in(schema, datum)
    assert found == {captured: LEFT_OUT, "NEW_ROW": (), "NEW_ROW_AND_OLD_VALUES": ()}


def found_in(schema: Json, datum: Json, plan: ColumnPlan | None = None) -> tuple[Doubt, ...]:
    """Return the doubts about an event of this schema."""
    registry = Registry()
    one = record(framed(registry.add(schema), encode(schema, datum)))
    chosen = plan or ColumnPlan(("c",), (), left_out=C, defaults=C)
    event = Decoder(registry, DecodeSettings()).decode(one, chosen)
    assert isinstance(event, ChangeEvent)
    return event.doubts


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


def test_default_may_stand_for_a_value_that_was_left_out() -> None:
    """The connector gives null, or what stands in for it where the column is not nullable."""
    column = {"default": [3]}
    required = {"type": "array", "items": SMALL}
    assert doubts("string", "none", nullable=False, column={"default": "none"}) == ()
    assert doubts(required, [3], nullable=False, column=column) == LEFT_OUT
    assert doubts(required, [3], nullable=False, column=column, before=True) == ()
    assert doubts(required, [3], nullable=False, column=column, op="c") == ()
    nullable = {"type": [required, "null"], "default": [3]}
    assert doubts("string", [3], column=nullable) == (*DEFAULT, *LEFT_OUT)


def test_only_columns_that_the_plan_names_are_looked_at() -> None:
    """What a column is for is the mapping's to know; each kind of doubt by itself."""
    column = {"type": [SMALL_ARRAY, "null"], "default": [3], "name": "c"}
    datum = change("u", {"c": [3]})
    plans = (
        ColumnPlan(("c",), ()),
        ColumnPlan(("c",), (), left_out=C),
        ColumnPlan(("c",), (), defaults=C),
        ColumnPlan((), (), exact_columns=("c",), left_out=C),
    )
    found = [found_in(envelope_schema(column), datum, plan) for plan in plans]
    assert found == [(), LEFT_OUT, DEFAULT, LEFT_OUT]
