"""The recorded events and schemas of the demonstration (`demo/data/README.md`)."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One Kafka record as it was recorded."""

    topic: str
    partition: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, str | bytes | None]]


def events() -> Iterator[RecordedEvent]:
    """Yield all records in the order in which they happened."""
    with gzip.open(DATA / "kb.events.jsonl.gz", "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            row = json.loads(line)
            yield RecordedEvent(
                row["topic"],
                row["partition"],
                row["timestamp_ms"],
                _bytes(row["key"]),
                _bytes(row["value"]),
                [(name, _bytes(value)) for name, value in row["headers"]],
            )


def schemas() -> dict[int, dict[str, Any]]:
    """Return the Avro schemas by the ids that the records name."""
    with (DATA / "kb.schemas.jsonl").open(encoding="utf-8", newline="\n") as lines:
        rows = map(json.loads, lines)
        return {row["id"]: row["schema"] for row in rows}


def dump() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (table, row) of the database at the end, as SELECT gave them."""
    with gzip.open(DATA / "kb.dump.jsonl.gz", "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            entry = json.loads(line)
            yield entry["table"], entry["row"]


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
