"""Rows without an envelope, in Avro and in JSON (reference `debezium.md` §4.1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consumer.decode import avro_schema, shapes
from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import (
    UNAVAILABLE,
    ChangeEvent,
    ColumnPlan,
    ControlKind,
    ControlRecord,
    Event,
    Op,
    SourceInfo,
    Tombstone,
)
from consumer.domain.records import Header
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.unit.decode import json_samples
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
from tests.unit.decode.to_json import connect_schema, json_value

REF = SchemaRef("id/1")
ROW = {"id": 1, "name": "one"}
COLUMNS = (field("id", "long"), field("name", "string", nullable=True))
NOWHERE = SourceInfo("", "", "", "", "", None, "false")
NEW_KEY = ("__debezium.newkey", b'{"id":2}')
FORMS = ["avro", "json", "plain"]


def schema_of(row: dict[str, Any]) -> Any:
    """Return the Avro schema of a row with whatever was added to it."""
    kinds = {bool: "boolean", int: "long", list: {"type": "array", "items": "string"}}
    added = [
        field(name, kinds.get(type(value), "string"), nullable=True)
        for name, value in row.items()
        if name not in ROW
    ]
    return {"type": "record", "name": "srv.public.items.Value", "fields": [*COLUMNS, *added]}


def decoded(
    form: str, row: dict[str, Any] | None, plan: ColumnPlan, *headers: Header, schema: Any = None
) -> Event:
    """Return what a row says in Avro, in JSON beside its schema, or in plain JSON."""
    avro, registry = schema or schema_of(row or ROW), Registry()
    if form == "avro":
        union = ["null", avro] if row is None else avro
        value = framed(registry.add(union), encode(union, row))
    elif form == "json":
        value = beside(connect_schema(avro), None if row is None else json_value(avro, row))
    else:
        value = text(row)
    return Decoder(registry, DecodeSettings()).decode(record(value, b'{"id":1}', headers), plan)


def poison(form: str, row: dict[str, Any], plan: ColumnPlan) -> str:
    """Return why a row is poison."""
    with pytest.raises(PoisonError) as caught:
        decoded(form, row, plan)
    return caught.value.reason


PLAN = planned("name", "id", keys=("id",))
DECLARED = planned("name", "id", keys=("id",), format="flattened")
UPSERT = planned("name", "id", keys=("id",), format="upsert")


@pytest.mark.parametrize("form", FORMS)
def test_a_row_that_says_it_is_deleted_is_a_delete_by_key(form: str) -> None:
    """What else is in it is empty or a default: only key and `__deleted` are used."""
    for deleted in ("true", True):
        event = decoded(form, {"id": 1, "name": "", "__deleted": deleted}, PLAN)
        assert event == ChangeEvent(Op.DELETE, (1,), None, None, NOWHERE)
    moved = decoded(form, {**ROW, "__deleted": "true"}, PLAN, NEW_KEY)
    assert moved == ChangeEvent(Op.DELETE, (1,), None, None, NOWHERE, key_moved=True, new_key=(2,))


@pytest.mark.parametrize("form", FORMS)
def test_any_other_row_is_an_update_without_its_old_row(form: str) -> None:
    """It promises least: what was before is not known, nor whether the row is whole."""
    for deleted in ("false", False):
        event = decoded(form, {**ROW, "__deleted": deleted}, PLAN)
        assert event == ChangeEvent(Op.UPDATE, (1,), None, ("one", 1), NOWHERE)
    assert decoded(form, ROW, DECLARED) == ChangeEvent(Op.UPDATE, (1,), None, ("one", 1), NOWHERE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("op", [*Op])
def test_the_added_letter_says_what_happened(form: str, op: Op) -> None:
    """A create and a snapshot's row are whole; a delete without `__deleted` is one all the same."""
    event = decoded(form, {**ROW, "__op": op.value}, PLAN)
    assert isinstance(event, ChangeEvent)
    assert (event.op, event.after) == (op, None if op is Op.DELETE else ("one", 1))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("said", [{"__deleted": "false"}, {"__op": "u"}])
def test_a_row_is_not_skipped_for_the_names_of_its_columns(form: str, said: dict[str, Any]) -> None:
    """A table with those of a notification: its rows went without a trace, deletes as well."""
    row = {**ROW, "aggregate_type": "order", "additional_data": "x", **said}
    assert isinstance(decoded(form, row, PLAN), ChangeEvent)


BAD_OPS: list[dict[str, Any]] = [
    {"__op": "t"},
    {"__op": "m"},
    {"__op": "i"},
    {"__op": "secret"},
    {"__deleted": "yes"},
    {"__deleted": None, "__op": "u"},
    {"__deleted": "true", "__op": "u"},
    {"__deleted": "false", "__op": "d"},
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("added", BAD_OPS)
def test_a_row_that_says_nothing_clear_is_poison(form: str, added: dict[str, Any]) -> None:
    """Neither deleted nor kept by a guess, nor skipped as if it were no row."""
    assert poison(form, {**ROW, **added}, DECLARED) == "unknown_op"


@pytest.mark.parametrize("form", FORMS)
def test_a_letter_that_is_no_text_is_poison(form: str) -> None:
    """Schemas are untrusted: it may be a list."""
    assert poison(form, {**ROW, "__op": ["u"]}, DECLARED) == "unknown_op"
    assert poison(form, {**ROW, "__deleted": ["true"]}, DECLARED) == "unknown_op"


@pytest.mark.parametrize("form", FORMS)
def test_added_fields_are_columns_where_they_are_named_and_tell_the_source(form: str) -> None:
    """By either of the names that `add.fields` gives them; the connector's clock is not one."""
    row = {**ROW, "__op": "u", "__table": "items", "__source_connector": "postgresql",
           "__source_ts_ms": 17, "__ts_ms": 18, "__snapshot": "last"}  # fmt: skip
    event = decoded(form, row, planned("__table", "name", keys=("id",)))
    source = SourceInfo("postgresql", "", "", "", "items", 17, "last")
    assert event == ChangeEvent(Op.UPDATE, (1,), None, ("items", "one"), source)


@pytest.mark.parametrize("form", FORMS)
def test_cassandra_gives_letters_another_meaning_here_too(form: str) -> None:
    """Its `r` removes rows."""
    row = {**ROW, "__op": "r", "__connector": "cassandra"}
    assert poison(form, row, PLAN) == "unsupported_connector"


@pytest.mark.parametrize("form", FORMS)
def test_cells_of_cassandra_are_no_values(form: str) -> None:
    """Where the connector is not told, its columns still look like nobody else's."""
    parts = (field("value", "string"), field("deletion_ts", "long"), field("set", "boolean"))
    cell = {"type": "record", "name": "Cell", "fields": [*parts]}
    schema = {"type": "record", "name": "Value", "fields": [field("id", cell)]}
    row = {"id": {"value": "1", "deletion_ts": 0, "set": True}}
    with pytest.raises(PoisonError) as caught:
        decoded(form, row, planned("id", format="flattened"), schema=schema)
    assert caught.value.reason == "unsupported_connector"


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
NAMED = {
    ("connect.name", "srv.public.items.Value"): "flattened",
    ("name", KSQLDB): "upsert",
    ("connect.name", KSQLDB): "upsert",
    ("name", FLINK): "upsert",
    ("name", f"{FLINK}.prices_value"): "upsert",
}
"""What each names its rows: Debezium with Connect's metadata, the others in Avro or both."""


@pytest.mark.parametrize(("where", "format_"), NAMED.items(), ids=str)
def test_a_row_is_known_by_the_name_that_its_writer_gives_it(
    where: tuple[str, str], format_: str
) -> None:
    """Nothing has to be declared for the usual producers; what is declared holds all the same."""
    key, name = where
    schema = {**schema_of(ROW), "name": "Value", key: name}
    event = decoded("avro", ROW, PLAN, schema=schema)
    assert event == ChangeEvent(Op.UPDATE, (1,), None, ("one", 1), NOWHERE)
    writer = WriterSchema(REF, "AVRO", json.dumps(schema))
    shape = shapes.classify(avro_schema.parse(writer, DecodeSettings()), REF)
    assert isinstance(shape, shapes.FlatRow)
    assert shape.format == format_
    with pytest.raises(PoisonError, match="format: flattened"):
        decoded("avro", ROW, planned("name", keys=("id",), format="debezium"), schema=schema)


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


@pytest.mark.parametrize("form", FORMS)
def test_an_upsert_is_taken_as_it_is(form: str) -> None:
    """There, `__deleted` is a column like any other."""
    plan = planned("name", "__deleted", "__op", keys=("id",), format="upsert")
    event = decoded(form, {**ROW, "__deleted": "true", "__op": "d"}, plan)
    assert event == ChangeEvent(Op.UPDATE, (1,), None, ("one", "true", "d"), NOWHERE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("plan", [DECLARED, UPSERT])
def test_no_row_is_a_tombstone(form: str, plan: ColumnPlan) -> None:
    """A value that says null, in whichever way, beside a value that is not there."""
    assert decoded(form, None, plan) == Tombstone((1,))
    one = record(None, b'{"id":1}')
    assert Decoder(Registry(), DecodeSettings()).decode(one, plan) == Tombstone((1,))


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


@pytest.mark.parametrize("form", FORMS)
def test_the_marker_is_recognised_in_a_row(form: str) -> None:
    """An unchanged value is left out of a flattened event as well, and of whole rows of one."""
    row = {**ROW, "name": "__debezium_unavailable_value"}
    for plan in (DECLARED, UPSERT):
        event = decoded(form, row, plan)
        assert isinstance(event, ChangeEvent)
        assert event.after == (UNAVAILABLE, 1)


@pytest.mark.parametrize("form", FORMS)
def test_a_delete_under_a_blank_key_is_not_believed(form: str) -> None:
    """Of PostgreSQL's connector, and of one that is not known; what was added proves nothing."""

    def told(name: str = "there", **added: str) -> str:
        row = {"id": 0, "name": name, "__deleted": "true", "__table": "items", **added}
        texts = [field(each, "string") for each in row if each != "id"]  # none of them nullable
        schema = {"type": "record", "name": "V", "fields": [field("id", "long"), *texts]}
        try:
            event = decoded(form, row, planned("name", keys=("id",)), schema=schema)
        except PoisonError as error:
            return error.reason
        assert isinstance(event, ChangeEvent)
        return event.op.value

    assert told() == told(__connector="postgresql") == "doubtful_key"
    assert told("") == told(__connector="mysql") == "d"


def test_a_bare_null_text_is_a_tombstone_only_where_nothing_else_is_declared() -> None:
    """JsonConverter writes it for a tombstone that kept a schema."""
    plan = planned(keys=("id",))
    assert json_samples.event(b"null", plan) == Tombstone((1,))
    assert json_samples.reason(b"nul", plan) == "unknown_framing"
