"""What a record is, read without the program: kind, row, key, schemas, framing.

Decoding here is fastavro's own over the writer schema and nothing else, so that what is expected of
a case does not come from the code that it is to test.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import fastavro

Json: TypeAlias = dict[str, Any]

TOMBSTONE: Final = "T"
UNKNOWN: Final = "?"
JSON: Final = "JSON"
"""The way of a frame that is none: the text of JsonConverter's, with its schema or without."""
_FRAME_BYTES: Final = 5


class Frame(NamedTuple):
    """How a key or a value names its schema: in which way, which one, and where its bytes begin."""

    way: str
    ref: str = ""
    start: int = 0


def frame(data: bytes | None, headers: Sequence[tuple[str, bytes | None]], side: str) -> Frame:
    """Return how bytes name their schema, as the converters of the scenarios write it.

    A header of Apicurio's, or zero and an id: of eight bytes if its first half is zero.
    """
    named = dict(headers).get(f"apicurio.{side}.globalId")
    if data is not None and named is not None:
        return Frame("header", f"global/{int.from_bytes(named, 'big')}")
    if data is not None and (data.startswith(b"{") or data == b"null"):
        return Frame(JSON)
    if data is None or len(data) < _FRAME_BYTES or data[0] != 0:
        return Frame("none")
    number = int.from_bytes(data[1:_FRAME_BYTES], "big")
    if number:
        return Frame("4 bytes", f"id/{number}", _FRAME_BYTES)
    return Frame("8 bytes", f"global/{int.from_bytes(data[1:9], 'big')}", 9)


@dataclass(frozen=True)
class Skeleton:
    """One line of a capture."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    schemas: Mapping[str, Any]

    @cached_property
    def value_frame(self) -> Frame:
        """Return how the value names its schema."""
        return frame(self.value, self.headers, "value")

    @cached_property
    def key_frame(self) -> Frame:
        """Return how the key names its schema."""
        return frame(self.key, self.headers, "key")

    @property
    def value_schema(self) -> Any:
        """Return the writer schema of the value, if it has one; Connect's if it is JSON."""
        return self.schemas.get(self.value_frame.ref) or _json(self.value, self.value_frame)[0]

    @property
    def key_schema(self) -> Any:
        """Return the writer schema of the key, if it has one; Connect's if it is JSON."""
        return self.schemas.get(self.key_frame.ref) or _json(self.key, self.key_frame)[0]

    @cached_property
    def value_data(self) -> Any:
        """Return the value as fastavro or JSON reads it; None if it is none or neither."""
        return _read(self.value, self.value_frame, self.value_schema)

    @cached_property
    def key_data(self) -> Any:
        """Return the key as fastavro or JSON reads it."""
        return _read(self.key, self.key_frame, self.key_schema)

    @property
    def op(self) -> str:
        """Return Debezium's letter, `T` for a tombstone, `?` for anything else."""
        if self.value is None:
            return TOMBSTONE
        data = self.value_data if isinstance(self.value_data, dict) else {}
        if data.get("__deleted") == "true":
            return "d"
        return str(data.get("op") or data.get("__op") or UNKNOWN)

    @property
    def table(self) -> str:
        """Return the table that the event names, or what its topic ends with."""
        data = self.value_data
        source = data.get("source") if isinstance(data, dict) else None
        own = source.get("table") if isinstance(source, dict) else None
        return own or self.topic.rpartition(".")[2]

    def row(self) -> tuple[Any, Json | None]:
        """Return the schema and the content of what tells the row: its image, or the key."""
        for name in ("after", "before"):
            data = self.value_data
            if isinstance(data, dict) and isinstance(data.get(name), dict):
                return _image_schema(self.value_schema), data[name]
        return self.key_schema, self.key_data if isinstance(self.key_data, dict) else None

    def header_names(self) -> tuple[str, ...]:
        """Return the names of headers that say something about a row."""
        return tuple(name for name, _ in self.headers if not name.startswith("__debezium.context"))


def skeletons(folder: Path) -> list[Skeleton]:
    """Return the records of a case."""
    lines = _lines(folder / "records.schemas.jsonl")
    schemas = {each.get("ref", f"id/{each.get('id')}"): each["schema"] for each in lines}
    return [_skeleton(line, schemas) for line in _lines(folder / "records.jsonl")]


def fields(record: Any) -> dict[str, Any]:
    """Return the fields of a record's schema and their types, null taken out."""
    return {each["name"]: without_null(each["type"]) for each in record["fields"]}


def without_null(schema: Any) -> Any:
    """Return the one other branch of a nullable type."""
    if isinstance(schema, list):
        others = [each for each in schema if each != "null"]
        return others[0] if len(others) == 1 else others
    return schema


def semantic_name(schema: Any) -> str:
    """Return what Debezium or Connect call a type."""
    return str(schema.get("connect.name", "")) if isinstance(schema, dict) else ""


def _image_schema(envelope: Any) -> Any:
    return fields(envelope)["before"]


def _skeleton(line: Json, schemas: Mapping[str, Any]) -> Skeleton:
    return Skeleton(
        line["topic"],
        line["partition"],
        _bytes(line["key"]),
        _bytes(line["value"]),
        tuple((name, _bytes(content)) for name, content in line["headers"]),
        schemas,
    )


def _json(data: bytes | None, framed: Frame) -> tuple[Any, Any]:
    """Return schema and payload of a text of JsonConverter's, nothing of anything else."""
    if data is None or framed.way != JSON:
        return None, None
    document = json.loads(data)
    if isinstance(document, dict) and document.keys() == {"schema", "payload"}:
        return document["schema"], document["payload"]
    return None, document


def _read(data: bytes | None, framed: Frame, schema: Any) -> Any:
    if framed.way == JSON:
        return _json(data, framed)[1]
    if data is None or schema is None:
        return None
    parsed = fastavro.parse_schema(_plain(schema))
    return fastavro.schemaless_reader(io.BytesIO(data[framed.start :]), parsed, None)


def _plain(schema: Any) -> Any:
    """Take out what fastavro would convert or refuse."""
    if isinstance(schema, dict):
        left_out = {"logicalType", "default"} if "type" in schema else set[str]()
        return {name: _plain(each) for name, each in schema.items() if name not in left_out}
    return [_plain(each) for each in schema] if isinstance(schema, list) else schema


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def _lines(path: Path) -> Sequence[Json]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
