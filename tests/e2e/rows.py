"""A small table as Debezium writes it: schemas, and the records of a change."""

from __future__ import annotations

import io
import struct
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import fastavro

from tests.e2e.broker import PARTITIONS, Broker
from tests.e2e.registry import Registry

Row = dict[str, Any]

BODY_MARK = "body-nobody-may-log"
KEY_MARK = "key-nobody-may-log"
READER_MARK = "reader-nobody-may-log"
"""Parts of every body, key and name: whatever holds one of them was data of a row."""

COLUMNS = {"id": "string", "version": "long", "title": "string", "body": "string",
           "published": "boolean", "reader": ["null", "string"]}  # fmt: skip
_SOURCE = ("version", "connector", "name", "snapshot", "db", "schema", "table")


def row(name: str, version: int, **more: Any) -> Row:
    """Return a whole row; its id, body and reader bear the marks."""
    return {
        "id": f"{KEY_MARK}-{name}",
        "version": version,
        "title": f"{name} in version {version}",
        "body": f"{BODY_MARK} of {name}, {version}",
        "published": True,
        "reader": f"{READER_MARK}@example.com",
        **more,
    }


@dataclass(frozen=True, slots=True)
class Written:
    """Where a record lies in its topic."""

    partition: int
    offset: int


@dataclass(slots=True)
class Table:
    """A topic that holds the changes of one table. Nothing is in the log before `broker.flush`."""

    broker: Broker
    registry: Registry
    topic: str
    columns: dict[str, Any] = field(default_factory=lambda: dict(COLUMNS))
    key_id: int = 0
    value_id: int = 0
    parsed: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Register both schemas."""
        self.key_id = self._register(_key_schema(self.topic))
        self.value_id = self._register(_envelope_schema(self.topic, self.columns))

    def _register(self, schema: Row) -> int:
        number = self.registry.add(schema)
        self.parsed[number] = fastavro.parse_schema(schema)
        return number

    def put(self, row: Row, op: str = "c", headers: Sequence[tuple[str, bytes]] = ()) -> Written:
        """Append a row's insert (`c`), update (`u`) or snapshot (`r`)."""
        return self._append(row["id"], self.envelope(op, after=row), headers)

    def delete(self, row: Row, headers: Sequence[tuple[str, bytes]] = ()) -> tuple[Written, ...]:
        """Append a row's delete and the tombstone behind it."""
        before = {
            name: row[name] if name == "id" else _EMPTY.get(name, row[name])
            for name in self.columns
        }
        envelope = self.envelope("d", before=before)
        return (
            self._append(row["id"], envelope, headers),
            self._append(row["id"], None, headers),
        )

    def move(self, old: Row, new: Row) -> tuple[Written, ...]:
        """Append what a change of the primary key becomes: delete, tombstone, insert."""
        deleted = self.delete(old, [("__debezium.newkey", self.key(new["id"]))])
        return (*deleted, self.put(new, "c", [("__debezium.oldkey", self.key(old["id"]))]))

    def raw(self, name: str, value: bytes | None) -> Written:
        """Append any bytes under the key of `name`."""
        return self._append(f"{KEY_MARK}-{name}", value, ())

    def key(self, row_id: str) -> bytes:
        """Return a framed key."""
        return self._framed(self.key_id, {"id": row_id})

    def envelope(self, op: str, before: Row | None = None, after: Row | None = None) -> bytes:
        """Return a framed change event."""
        source = {"version": "3.6.3.Final", "connector": "postgresql", "name": "e2e",
                  "snapshot": "false", "db": "e2e", "schema": "public", "table": "rows",
                  "ts_ms": int(time.time() * 1000)}  # fmt: skip
        datum = {"before": before, "after": after, "source": source, "op": op, "ts_ms": None}
        return self._framed(self.value_id, datum)

    def _framed(self, schema_id: int, datum: Row) -> bytes:
        sink = io.BytesIO()
        fastavro.schemaless_writer(sink, self.parsed[schema_id], datum)
        return b"\0" + struct.pack(">I", schema_id) + sink.getvalue()

    def _append(
        self, row_id: str, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> Written:
        partition = partition_of(row_id)
        key = self.key(row_id)
        return Written(partition, self.broker.append(self.topic, partition, key, value, headers))


_EMPTY: Row = {"id": "", "version": 0, "title": "", "body": "", "published": False, "reader": None}


def partition_of(row_id: str) -> int:
    """Return the partition of a row's records: always the same one."""
    return zlib.crc32(row_id.encode()) % PARTITIONS


def _key_schema(topic: str) -> Row:
    return {"type": "record", "name": "Key", "namespace": _space(topic),
            "fields": [{"name": "id", "type": "string"}]}  # fmt: skip


def _envelope_schema(topic: str, columns: dict[str, Any]) -> Row:
    fields = [{"name": name, **_typed(kind)} for name, kind in columns.items()]
    value = {"type": "record", "name": "Value", "fields": fields}
    source = {"type": "record", "name": "Source",
              "namespace": "io.debezium.connector.postgresql",
              "fields": [*({"name": name, "type": "string"} for name in _SOURCE),
                         {"name": "ts_ms", "type": "long"}]}  # fmt: skip
    return {
        "type": "record",
        "name": "Envelope",
        "namespace": _space(topic),
        "connect.name": f"{_space(topic)}.Envelope",
        "fields": [
            {"name": "before", "type": ["null", value], "default": None},
            {"name": "after", "type": ["null", "Value"], "default": None},
            {"name": "source", "type": source},
            {"name": "op", "type": "string"},
            {"name": "ts_ms", "type": ["null", "long"], "default": None},
        ],
    }


def _typed(kind: Any) -> Row:
    """Return a column's type, with its default where it has one."""
    return kind if isinstance(kind, dict) and "default" in kind else {"type": kind}


def _space(topic: str) -> str:
    return topic.replace("-", "_")
