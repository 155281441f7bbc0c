"""Which rows are known for what they are, and what is declared against it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import (
    ChangeEvent,
    ColumnPlan,
    ControlKind,
    ControlRecord,
    Op,
    Tombstone,
)
from tests.unit.decode import json_samples
from tests.unit.decode.flat_rows import (
    COLUMNS,
    DECLARED,
    FORMS,
    NOWHERE,
    PLAN,
    ROW,
    UPSERT,
    decoded,
    poison,
    schema_of,
)
from tests.unit.decode.json_samples import beside, connect, planned, text
from tests.unit.decode.samples import (
    Registry,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    record,
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("plan", [PLAN, planned("name", keys=("id",), format="debezium")])
def test_a_row_that_could_be_anybodys_is_no_event(form: str, plan: ColumnPlan) -> None:
    """Only what is unmistakable is guessed; the message says what to declare."""
    with pytest.raises(PoisonError, match="'format: flattened' or 'format: upsert'") as caught:
        decoded(form, {**ROW, "__table": "items", "__lsn": 5}, plan)
    assert caught.value.reason == "not_an_envelope"
    assert poison(form, {**ROW, "__deleted": 1}, plan) == "not_an_envelope"


KSQLDB = "io.confluent.ksql.avro_schemas.KsqlDataSourceSchema"
FLINK = "org.apache.flink.avro.generated.record"
NAMED = [
    ("connect.name", "srv.public.items.Value"),
    ("name", KSQLDB),
    ("connect.name", KSQLDB),
    ("name", FLINK),
    ("name", f"{FLINK}.prices_value"),
]
"""What each names its rows: Debezium with Connect's metadata, the others in Avro or both."""
LISTS = planned("teams", keys=("id",), left_out=frozenset({"teams"}))


@pytest.mark.parametrize(("key", "name"), NAMED, ids=str)
def test_a_row_is_known_by_the_name_that_its_writer_gives_it(key: str, name: str) -> None:
    """Nothing has to be declared for the usual producers; what is declared holds all the same."""
    schema = {**schema_of(ROW), "name": "Value", key: name}
    event = decoded("avro", ROW, PLAN, schema=schema)
    assert event == ChangeEvent(Op.UPDATE, (1,), None, ("one", 1), NOWHERE)
    with pytest.raises(PoisonError, match="format: flattened"):
        decoded("avro", ROW, planned("name", keys=("id",), format="debezium"), schema=schema)


@pytest.mark.parametrize("name", [KSQLDB, FLINK])
def test_nulls_that_came_through_another_program_are_not_believed(name: str) -> None:
    """Debezium's null for an unchanged value is a null to it: a list of who is denied is empty."""
    row = {**ROW, "teams": ["a"]}
    schema = {**schema_of(row), "name": name}
    for plan, doubts in ((LISTS, 1), (replace(LISTS, reading=UPSERT.reading), 0)):
        event = decoded("avro", {**row, "teams": None}, plan, schema=schema)
        assert isinstance(event, ChangeEvent)
        assert len(event.doubts) == doubts


def test_nulls_of_a_create_that_does_not_say_where_it_happened_are_not_believed() -> None:
    """Flink makes one of each update (its `debezium-avro-confluent`), and writes no source."""
    teams = field("teams", {"type": "array", "items": "string"}, nullable=True)
    schema = envelope_schema(*COLUMNS, teams)
    schema["fields"] = [each for each in schema["fields"] if each["name"] != "source"]
    row = {**ROW, "teams": None}
    datum = {"op": "c", "before": None, "after": row, "ts_ms": None}
    event = decoded("avro", datum, LISTS, schema=schema)
    assert isinstance(event, ChangeEvent)
    assert (event.op, len(event.doubts)) == (Op.CREATE, 1)


OF_DELETES = ["OP", "__OP", "__DELETED", "BEFORE", "op"]
"""What a stream of ksqlDB may keep of a change event, of a delete as well, in capitals."""


@pytest.mark.parametrize("name", [KSQLDB, FLINK])
@pytest.mark.parametrize("column", OF_DELETES)
def test_a_stream_of_events_is_no_row_for_its_schemas_name(name: str, column: str) -> None:
    """Streams are named as tables are; read as rows, what was deleted would stay."""
    row = {**ROW, column: "d"}
    with pytest.raises(PoisonError, match="format: upsert"):
        decoded("avro", row, PLAN, schema={**schema_of(row), "name": name})


def test_a_row_of_nulls_may_be_what_a_stream_shows_of_a_delete() -> None:
    """Its new row was null, and so is every column of it; taken for a row, it empties the item."""
    columns = [field(name, "string", nullable=True) for name in ("name", "more")]
    schema = {"type": "record", "name": KSQLDB, "fields": columns}
    blank = {"name": None, "more": None}
    plan = planned("name", keys=("id",))
    with pytest.raises(PoisonError, match="nulls may be a delete's"):
        decoded("avro", blank, plan, schema=schema)
    assert isinstance(decoded("avro", {**blank, "more": "x"}, plan, schema=schema), ChangeEvent)
    declared = replace(plan, reading=UPSERT.reading)
    assert isinstance(decoded("avro", blank, declared, schema=schema), ChangeEvent)


@pytest.mark.parametrize("form", ["avro", "json"])
def test_an_outboxs_events_are_no_rows_though_their_name_ends_so(form: str) -> None:
    """EventRouter keeps the last word; its event of a delete looks like any other."""
    schema = {
        "type": "record",
        "name": "srv.public.outbox.order.Value",
        "connect.name": "srv.public.outbox.order.Value",
        "fields": [field("payload", "string"), field("name", "string")],
    }
    row = {"payload": "{}", "name": "OrderDeleted"}
    with pytest.raises((PoisonError, ConfigError), match="format: flattened"):
        decoded(form, row, planned("name", keys=("id",)), schema=schema)


@pytest.mark.parametrize("form", ["avro", "json"])
@pytest.mark.parametrize("declared", [None, "flattened"])
def test_a_signal_without_its_envelope_is_still_one(form: str, declared: str | None) -> None:
    """A pattern of topics finds the signal table too; its columns are nobody's mapping."""
    row = {"id": "s1", "type": "log", "data": "{}", "__deleted": "false"}
    name = "srv.public.debezium_signal.Value"
    fields = [field(each, "string", nullable=True) for each in row]
    schema = {"type": "record", "name": name, "connect.name": name, "fields": fields}
    plan = planned("name", keys=("id",), format=declared)
    assert decoded(form, row, plan, schema=schema) == ControlRecord(ControlKind.SIGNAL)


def test_a_deleted_row_is_one_whoever_wrote_it() -> None:
    """Flink may read flattened rows and write them on."""
    gone = {**ROW, "__deleted": "true"}
    event = decoded("avro", gone, PLAN, schema={**schema_of(gone), "name": FLINK})
    assert event == ChangeEvent(Op.DELETE, (1,), None, None, NOWHERE)


@pytest.mark.parametrize("form", FORMS)
def test_flattened_rows_where_change_events_are_declared_are_poison(form: str) -> None:
    """A transform that was not meant to be there."""
    plan = planned("name", keys=("id",), format="debezium")
    assert poison(form, {**ROW, "__deleted": "false"}, plan) == "not_an_envelope"


@pytest.mark.parametrize("plan", [DECLARED, UPSERT])
def test_change_events_where_rows_are_declared_stop_the_partition(plan: ColumnPlan) -> None:
    """Not one record is wrong but a connector: read as rows, they would empty every item."""
    schema = envelope_schema(*COLUMNS)
    datum = change("c", ROW)
    registry = Registry()
    values = [
        framed(registry.add(schema), encode(schema, datum)),
        beside(json_samples.envelope(id=connect("int64"), name=connect("string")), datum),
        text(datum),
    ]
    for value in values:
        with pytest.raises(ConfigError, match="the mapping says 'format: "):
            Decoder(registry, DecodeSettings()).decode(record(value, b'{"id":1}'), plan)


NAMES_OF_OTHERS = [
    ("op", "source", "before"),
    ("status", "id", "event_count", "data_collections"),
    ("ddl", "databaseName", "tableChanges"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("columns", NAMES_OF_OTHERS, ids=["event", "transaction", "change"])
def test_a_declared_row_may_have_columns_of_other_records_names(
    form: str, columns: tuple[str, ...]
) -> None:
    """A log of changes has an `op` and a `source`; a job has a status and an id."""
    schema = {"type": "record", "name": "V", "fields": [field(each, "string") for each in columns]}
    row = dict.fromkeys(columns, "x")
    event = decoded(form, row, planned(columns[0], keys=("id",), format="upsert"), schema=schema)
    assert isinstance(event, ChangeEvent)
    assert event.after == ("x",)


@pytest.mark.parametrize("form", ["avro", "json"])
def test_debeziums_own_records_are_known_by_name_where_rows_are_declared(form: str) -> None:
    """A heartbeat topic may be matched by the same pattern."""
    name = "io.debezium.connector.common.Heartbeat"
    schema = {
        "type": "record",
        "name": name,
        "connect.name": name,
        "fields": [field("ts_ms", "long")],
    }
    event = decoded(form, {"ts_ms": 9}, UPSERT, schema=schema)
    assert event == ControlRecord(ControlKind.HEARTBEAT, 9)


def test_a_bare_null_text_is_a_tombstone_only_where_nothing_else_is_declared() -> None:
    """JsonConverter writes it for a tombstone that kept a schema."""
    plan = planned(keys=("id",))
    assert json_samples.event(b"null", plan) == Tombstone((1,))
    assert json_samples.reason(b"nul", plan) == "unknown_framing"
