"""Made-up schemas and records in the shapes that Debezium writes; a registry that holds them."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import fastavro
import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.poison import PoisonReason
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan, Event
from consumer.domain.records import Header, Offset, Record, TopicPartition
from consumer.domain.schemas import SchemaRef, WriterSchema

TOPIC = "srv.public.items"
ROOT = Path(__file__).parents[3]

Json = dict[str, Any]


class Registry:
    """Schemas by number, at hand at once."""

    def __init__(self) -> None:
        """Start empty."""
        self.schemas: dict[SchemaRef, WriterSchema] = {}

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return the schema, or None."""
        return self.schemas.get(ref)

    def add(self, schema: Any, schema_type: str = "AVRO") -> int:
        """Keep a schema, given as text or as JSON, and return its number."""
        number = len(self.schemas) + 1
        text = schema if isinstance(schema, str) else json.dumps(schema)
        ref = SchemaRef(f"id/{number}")
        self.schemas[ref] = WriterSchema(ref, schema_type, text)
        return number


def field(name: str, type_: Any, *, nullable: bool = False) -> Json:
    """Return a field of a record."""
    return {"name": name, "type": ["null", type_] if nullable else type_}


def named(kind: str, connect_name: str, **more: Any) -> Json:
    """Return a primitive type with a semantic name."""
    return {"type": kind, "connect.name": connect_name, "connect.version": 1, **more}


def key_schema(*fields: Json) -> Json:
    """Return the schema of a key."""
    return {"type": "record", "name": "Key", "namespace": TOPIC, "fields": [*fields]}


def envelope_schema(*columns: Json, namespace: str = TOPIC) -> Json:
    """Return the schema of a change event whose rows have these columns."""
    value = {"type": "record", "name": "Value", "fields": [*columns]}
    fields = [
        {"name": "before", "type": ["null", value], "default": None},
        {"name": "after", "type": ["null", "Value"], "default": None},
        {"name": "source", "type": _SOURCE},
        {"name": "op", "type": "string"},
        {"name": "ts_ms", "type": ["null", "long"], "default": None},
    ]
    return {
        "type": "record",
        "name": "Envelope",
        "namespace": namespace,
        "fields": fields,
        "connect.version": 2,
        "connect.name": f"{namespace}.Envelope",
    }


_SOURCE = {
    "type": "record",
    "name": "Source",
    "namespace": "io.debezium.connector.postgresql",
    "fields": [
        {"name": "version", "type": "string"},
        {"name": "connector", "type": "string"},
        {"name": "name", "type": "string"},
        {"name": "ts_ms", "type": "long"},
        {"name": "snapshot", "type": ["string", "null"], "default": "false"},
        {"name": "db", "type": "string"},
        {"name": "schema", "type": "string"},
        {"name": "table", "type": "string"},
    ],
}


def change(op: str, after: Json | None = None, before: Json | None = None, **source: Any) -> Json:
    """Return an envelope as a datum."""
    defaults = {"version": "3.6.3.Final", "connector": "postgresql", "name": "srv", "ts_ms": 17}
    place = {"snapshot": "false", "db": "inv", "schema": "public", "table": "items"}
    return {
        "before": before,
        "after": after,
        "source": {**defaults, **place, **source},
        "op": op,
        "ts_ms": 18,
    }


def encode(schema: Any, datum: Any) -> bytes:
    """Return the Avro bytes of a datum."""
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(json.loads(json.dumps(schema))), datum)
    return stream.getvalue()


def framed(number: int, payload: bytes) -> bytes:
    """Return a payload in Confluent's framing."""
    return b"\0" + number.to_bytes(4, "big") + payload


def record(
    value: bytes | None,
    key: bytes | None = None,
    headers: Sequence[Header] = (),
    topic: str = TOPIC,
) -> Record:
    """Return a Kafka record."""
    return Record(TopicPartition(topic, 0), Offset(7), 1_700_000_000_000, key, value, (*headers,))


def decode_column(type_: Any, raw: Any, *, nullable: bool = False) -> Any:
    """Return what one column of this type and raw value becomes in the after image."""
    registry = Registry()
    schema = envelope_schema(field("c", type_, nullable=nullable))
    number = registry.add(schema)
    value = framed(number, encode(schema, change("c", {"c": raw})))
    event = Decoder(registry, DecodeSettings()).decode(record(value), ColumnPlan(("c",), ()))
    assert isinstance(event, ChangeEvent)
    assert event.after is not None
    return event.after[0]


VALUE = envelope_schema(
    field("tenant", "string"),
    field("sku", "string"),
    field("qty", "int"),
    field("made", named("int", "io.debezium.time.Date"), nullable=True),
)
KEY = key_schema(field("tenant", "string"), field("sku", "string"))
ROW = {"tenant": "t1", "sku": "a", "qty": 1, "made": 0}
PLAN = ColumnPlan(("qty", "sku"), ("sku", "tenant"), before=True)


SMALL = DecodeSettings(max_payload_bytes=100_000, max_decoded_bytes=1_000_000)


def outcome(decoder: Decoder, one: Record, plan: ColumnPlan) -> Event | None:
    """Decode; None for a typed error, anything else fails the test."""
    try:
        return decoder.decode(one, plan)
    except PoisonError as error:
        PoisonReason(error.reason)  # a closed set: ValueError otherwise
    except ConfigError:
        pass
    return None


class Table:
    """A decoder with the schemas of one table."""

    def __init__(self, **settings: Any) -> None:
        """Register both schemas."""
        self.registry = Registry()
        self.value_id = self.registry.add(VALUE)
        self.key_id = self.registry.add(KEY)
        self.decoder = Decoder(self.registry, DecodeSettings(**settings))

    def record(self, op: str, *headers: Header, **images: Any) -> Record:
        """Return a record of the table."""
        value = framed(self.value_id, encode(VALUE, change(op, **images)))
        return record(value, self.key(), headers)

    def key(self) -> bytes:
        """Return the bytes of its key."""
        return framed(self.key_id, encode(KEY, {"tenant": "t1", "sku": "a"}))

    def poison(self, bad: Record, plan: ColumnPlan = PLAN) -> str:
        """Return why a record is poison."""
        with pytest.raises(PoisonError) as caught:
            self.decoder.decode(bad, plan)
        return caught.value.reason

    def misfit(self, plan: ColumnPlan) -> str:
        """Return why a plan does not fit, the same for every record."""
        good = self.record("c", after=ROW)
        messages = set()
        for _ in range(2):
            with pytest.raises(ConfigError) as caught:
                self.decoder.decode(good, plan)
            messages.add(str(caught.value))
        return messages.pop()


def capture(path: Path) -> tuple[list[Record], dict[SchemaRef, WriterSchema]]:
    """Return the records of a capture and the schemas beside it."""
    stem = path.name.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".events")
    schemas = {}
    for line in _lines(path.with_name(f"{stem}.schemas.jsonl")):
        ref = SchemaRef(line.get("ref", f"id/{line.get('id')}"))
        schemas[ref] = WriterSchema(ref, line["schema_type"], json.dumps(line["schema"]))
    return [_record(line) for line in _lines(path)], schemas


def _lines(path: Path) -> Iterator[Json]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _record(line: Json) -> Record:
    return Record(
        TopicPartition(line["topic"], line["partition"]),
        Offset(line["offset"]),
        line["timestamp_ms"] or 0,
        _bytes(line["key"]),
        _bytes(line["value"]),
        tuple((name, _bytes(content)) for name, content in line["headers"]),
    )


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
