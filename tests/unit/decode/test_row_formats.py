"""Which rows are known for what they are, and what is declared against it."""

from __future__ import annotations

import json

import pytest

from consumer.decode import avro_schema, shapes
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
from consumer.domain.schemas import WriterSchema
from tests.unit.decode import json_samples
from tests.unit.decode.flat_rows import (
    COLUMNS,
    DECLARED,
    FORMS,
    NOWHERE,
    PLAN,
    REF,
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
