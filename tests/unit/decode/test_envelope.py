"""What a schema is, and what an envelope's parts mean (reference `debezium.md` §1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consumer.decode import avro_schema, envelope, shapes
from consumer.decode.readers import Change
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ControlKind, ControlRecord, Op, SourceInfo, Truncate
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.unit.decode.samples import envelope_schema, field, record

REF = SchemaRef("id/1")
SOURCE = SourceInfo("postgresql", "srv", "inv", "public", "items", 17, "false")
COMMON = "io.debezium.connector.common"


def classify(schema: Any) -> shapes.Shape:
    """Return what the text of a schema is."""
    text = json.dumps(schema)
    root = avro_schema.parse(WriterSchema(REF, "AVRO", text), DecodeSettings())
    return shapes.classify(root, REF)


def struct(name: str, *fields: str, **more: Any) -> dict[str, Any]:
    """Return the schema of a record of texts."""
    listed = [field(each, "string") for each in fields]
    return {"type": "record", "name": name, "fields": listed, **more}


CONTROL = {
    f"{COMMON}.Heartbeat": ControlKind.HEARTBEAT,
    f"{COMMON}.TransactionMetadataValue": ControlKind.TRANSACTION,
    f"{COMMON}.Notification": ControlKind.NOTIFICATION,
    "io.debezium.connector.mysql.SchemaChangeValue": ControlKind.SCHEMA_CHANGE,
    "io.debezium.connector.postgresql.MessageValue": ControlKind.LOGICAL_MESSAGE,
}


@pytest.mark.parametrize(("name", "kind"), CONTROL.items())
def test_control_records_are_known_by_their_names(name: str, kind: ControlKind) -> None:
    """By Connect's name, or by Avro's where Connect's metadata is off."""
    assert classify(struct(name, "op", "source")) is kind
    assert classify(struct("X", "a", **{"connect.name": name})) is kind


SHAPES = {
    ControlKind.TRANSACTION: ("status", "id", "event_count", "data_collections", "ts_ms"),
    ControlKind.SCHEMA_CHANGE: ("source", "databaseName", "ddl", "tableChanges"),
    ControlKind.NOTIFICATION: ("id", "type", "aggregate_type", "additional_data"),
}


@pytest.mark.parametrize(("kind", "fields"), SHAPES.items())
def test_control_records_are_known_by_their_shapes(
    kind: ControlKind, fields: tuple[str, ...]
) -> None:
    """Names may have been rewritten on the way."""
    assert classify(struct("X", *fields)) is kind


def test_envelope_is_known_by_name_or_by_shape() -> None:
    """A router may have renamed it."""
    renamed = {**envelope_schema(field("a", "int")), "name": "Other", "connect.name": "other"}
    for schema in (envelope_schema(field("a", "int")), renamed, ["null", renamed]):
        shape = classify(schema)
        assert isinstance(shape, shapes.Envelope)
        assert [*shape.after.fields] == ["a"]
        assert shape.before is not None


@pytest.mark.parametrize("table", ["debezium_signal", "dbz_signal"])
def test_rows_of_the_signal_table_are_control_records(table: str) -> None:
    """Incremental snapshots write their marks there."""
    columns = (field("id", "string"), field("type", "string"), field("data", "string"))
    assert (
        classify(envelope_schema(*columns, namespace=f"srv.public.{table}")) is ControlKind.SIGNAL
    )
    other = classify(envelope_schema(*columns, namespace="srv.public.signals"))
    assert isinstance(other, shapes.Envelope)
    more = classify(envelope_schema(*columns, field("x", "int"), namespace=f"srv.public.{table}"))
    assert isinstance(more, shapes.Envelope)


MONGO = struct("mongo.Envelope", "before", "after", "op")
OTHERS: dict[str, Any] = {
    "primitive": "string",
    "flattened row": struct("srv.public.items.Value", "id", "name"),
    "row with an op column": struct("srv.public.items.Value", "id", "op"),
    "MongoDB": MONGO,
    "envelope without op": struct("srv.Envelope", "after"),
    "two records": [struct("A", "x"), struct("B", "x")],
}


@pytest.mark.parametrize("schema", OTHERS.values(), ids=OTHERS.keys())
def test_anything_else_is_not_an_envelope(schema: Any) -> None:
    """Never a silent skip."""
    with pytest.raises(PoisonError) as caught:
        classify(schema)
    assert caught.value.reason == "not_an_envelope"
    assert "id/1" in str(caught.value)


@pytest.mark.parametrize("op", [*Op])
def test_row_ops(op: Op) -> None:
    """Debezium's four letters of row changes."""
    assert envelope.interpret(Change(op.value, None, (1,), SOURCE)) is op


def test_rowless_ops() -> None:
    """A truncated table, and a message in an ordinary envelope."""
    assert envelope.interpret(Change("t", None, None, SOURCE)) == Truncate(SOURCE)
    message = ControlRecord(ControlKind.LOGICAL_MESSAGE)
    assert envelope.interpret(Change("m", None, None, SOURCE)) == message


@pytest.mark.parametrize("op", ["", "i", "x", "C", "cc", "secret"])
def test_unknown_op_is_poison_and_not_shown(op: str) -> None:
    """In a misread payload the letter may be anybody's data."""
    with pytest.raises(PoisonError, match=r"op is none of c, u, d, r, t, m$") as caught:
        envelope.interpret(Change(op, None, (1,), SOURCE))
    assert caught.value.reason == "unknown_op"


@pytest.mark.parametrize("op", ["r", "i", "u", "d"])
def test_cassandras_letters_are_not_confused_with_ours(op: str) -> None:
    """Its `r` is a range tombstone: read as a row it would resurrect what was deleted."""
    source = SourceInfo("cassandra", "srv", "", "", "items", 17, "false")
    with pytest.raises(PoisonError) as caught:
        envelope.interpret(Change(op, None, (1,), source))
    assert caught.value.reason == "unsupported_connector"


@pytest.mark.parametrize("op", ["c", "u", "r"])
def test_change_without_its_row_is_poison(op: str) -> None:
    """MongoDB's lookups and lost images: an empty item must not come of it."""
    with pytest.raises(PoisonError) as caught:
        envelope.interpret(Change(op, (1,), None, SOURCE))
    assert caught.value.reason == "incomplete_envelope"


def test_delete_never_has_an_after_image() -> None:
    """Whatever a transform left there: nothing may take it for a row that exists."""
    event = envelope.change_event(Op.DELETE, Change("d", (1,), (2,), SOURCE), (1,), record(b""))
    assert (event.before, event.after) == ((1,), None)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(None, "false"), ("false", "false"), ("last", "last"), (True, "true"), (False, "false")],
)
def test_snapshot_of_any_age_is_a_word(raw: Any, expected: str) -> None:
    """Null means `false`, and old releases wrote booleans."""
    assert envelope.source_info({"snapshot": raw}).snapshot == expected


def test_source_fields_that_a_connector_lacks_are_empty() -> None:
    """MySQL has no schema; a reshaped event may have no source at all."""
    empty = SourceInfo("", "", "", "", "", None, "false")
    assert envelope.source_info(None) == empty
    assert envelope.source_info("text") == empty
    assert envelope.source_info({"schema": None, "ts_ms": "x", "db": 5}) == empty


def test_only_the_heartbeat_topic_speaks_for_its_records() -> None:
    """Any other name may be a table's."""
    assert envelope.kind_by_topic("__debezium-heartbeat.srv") is ControlKind.HEARTBEAT
    assert envelope.kind_by_topic("srv.public.transaction") is None
