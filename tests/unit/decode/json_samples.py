"""JSON as Kafka Connect's JsonConverter writes it: schemas, texts, and what one column becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan, Event
from consumer.domain.formats import ColumnType, Reading, RecordFormat
from consumer.domain.records import Record
from tests.unit.decode.samples import TOPIC, Registry, change, record

Json = dict[str, Any]
SOURCE: Json = change("c")["source"]


def connect(kind: str, name: str | None = None, **more: Any) -> Json:
    """Return a schema of Connect's."""
    return {"type": kind, **({} if name is None else {"name": name, "version": 1}), **more}


def optional(schema: Json, **more: Any) -> Json:
    """Return the schema, nullable."""
    return {**schema, "optional": True, **more}


def struct(name: str, /, **fields: Json) -> Json:
    """Return the schema of a struct."""
    listed = [{**schema, "field": field} for field, schema in fields.items()]
    return {"type": "struct", "name": name, "optional": False, "fields": listed}


def envelope(**columns: Json) -> Json:
    """Return the schema of a change event whose rows have these columns."""
    row = {**struct(f"{TOPIC}.Value", **columns), "optional": True}
    source = struct(
        "io.debezium.connector.postgresql.Source",
        **{name: connect("int64" if name == "ts_ms" else "string") for name in SOURCE},
    )
    op, ts_ms = connect("string"), connect("int64", optional=True)
    return struct(f"{TOPIC}.Envelope", before=row, after=row, source=source, op=op, ts_ms=ts_ms)


def row(**columns: Json) -> Json:
    """Return the schema of a flattened row."""
    return struct(f"{TOPIC}.Value", **columns)


def text(value: Any) -> bytes:
    """Return a value as JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def beside(schema: Json | None, payload: Any) -> bytes:
    """Return a payload beside its schema, as the converter writes it."""
    return text({"schema": schema, "payload": payload})


def decoder(**settings: Any) -> Decoder:
    """Return a decoder that has no registry."""
    return Decoder(Registry(), DecodeSettings(**settings))


def planned(*columns: str, **more: Any) -> ColumnPlan:
    """Return a plan for these columns; `format` and `types` are declared."""
    declared = more.pop("format", None)
    reading = Reading(
        format=None if declared is None else RecordFormat(declared),
        types=tuple(more.pop("types", {}).items()),
    )
    return ColumnPlan(columns, more.pop("keys", ()), reading=reading, **more)


def event(value: bytes | None, plan: ColumnPlan, key: bytes | None = b'{"id":1}') -> Event:
    """Return what one record says."""
    return decoder().decode(record(value, key), plan)


def after(value: bytes, plan: ColumnPlan) -> tuple[Any, ...]:
    """Return the new row of a record."""
    change_event = event(value, plan)
    assert isinstance(change_event, ChangeEvent)
    assert change_event.after is not None
    return change_event.after


def column(schema: Json, value: Any) -> Any:
    """Return what one column beside its schema becomes."""
    return after(beside(envelope(c=schema), change("c", {"c": value})), planned("c"))[0]


def plain_column(value: Any, declared: ColumnType | None = None) -> Any:
    """Return what one column without a schema becomes."""
    types = {} if declared is None else {"c": declared}
    return after(text(change("c", {"c": value})), planned("c", types=types))[0]


def reason(one: Record | bytes, plan: ColumnPlan) -> str:
    """Return why a record is poison."""
    bad = record(one, b'{"id":1}') if isinstance(one, bytes) else one
    with pytest.raises(PoisonError) as caught:
        decoder().decode(bad, plan)
    return caught.value.reason
