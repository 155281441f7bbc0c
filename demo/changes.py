"""Changes after the recorded day is over: written here, in the recorded schemas, for `make demo`.

They are updates of rows that are there: a title, a count, a moment. Nothing checks them afterwards;
`make demo-once` uses the recorded events only.
"""

from __future__ import annotations

import io
import random
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import fastavro

from demo.recording import RecordedEvent

_TOPIC = "kb.public.articles"


@dataclass(frozen=True, slots=True)
class _Row:
    event: RecordedEvent
    schema_id: int
    envelope: dict[str, Any]


class MoreChanges:
    """Follows the recorded events, then goes on with changes of its own."""

    def __init__(self, schemas: Mapping[int, dict[str, Any]], seed: int) -> None:
        """Start without rows."""
        self._schemas = {number: _plain(schema) for number, schema in schemas.items()}
        self._parsed = {n: fastavro.parse_schema(each) for n, each in self._schemas.items()}
        self._rows: dict[bytes, _Row] = {}
        self._random = random.Random(seed)

    def follow(self, event: RecordedEvent) -> None:
        """Remember the articles that exist."""
        if event.topic != _TOPIC or event.key is None:
            return
        self._rows.pop(event.key, None)
        if event.value is None:
            return
        (schema_id,) = struct.unpack(">I", event.value[1:5])
        payload = io.BytesIO(event.value[5:])
        envelope = fastavro.schemaless_reader(payload, self._parsed[schema_id], None)
        assert isinstance(envelope, dict)
        if envelope["op"] != "d":
            self._rows[event.key] = _Row(event, schema_id, envelope)

    def endless(self) -> Iterator[RecordedEvent]:
        """Yield one more update each time, of any article that exists."""
        number = 0
        while True:
            number += 1
            key = self._random.choice(sorted(self._rows))
            yield self._update(key, self._rows[key], number)

    def _update(self, key: bytes, row: _Row, number: int) -> RecordedEvent:
        now_ns = time.time_ns()
        old = row.envelope["after"]
        new = {
            **old,
            "title": f"{old['title'].split(' (edited')[0]} (edited {number})",
            "views": min(old["views"] + self._random.randint(1, 9), 2**53),
            "updated_at": now_ns // 1_000,
        }
        source = {**row.envelope["source"], **_moments(now_ns), "snapshot": "false"}
        envelope = {
            **row.envelope, **_moments(now_ns),
            "op": "u", "before": old, "after": new, "source": source,
        }  # fmt: skip
        sink = io.BytesIO()
        fastavro.schemaless_writer(sink, self._parsed[row.schema_id], envelope)
        value = b"\0" + struct.pack(">I", row.schema_id) + sink.getvalue()
        self._rows[key] = _Row(row.event, row.schema_id, envelope)
        return replace(row.event, value=value, timestamp_ms=now_ns // 1_000_000, headers=[])


def _moments(now_ns: int) -> dict[str, int]:
    return {"ts_ms": now_ns // 1_000_000, "ts_us": now_ns // 1_000, "ts_ns": now_ns}


def _plain(schema: Any) -> Any:
    """Return the schema without logical types: values stay what is on the wire."""
    if isinstance(schema, dict):
        return {k: _plain(v) for k, v in schema.items() if k != "logicalType"}
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    return schema
