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
from typing import Any, Final, TypeAlias

import fastavro

Json: TypeAlias = dict[str, Any]

TOMBSTONE: Final = "T"
UNKNOWN: Final = "?"
_FRAME_BYTES: Final = 5


@dataclass(frozen=True)
class Skeleton:
    """One line of a capture."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    schemas: Mapping[int, Any]

    @cached_property
    def value_schema(self) -> Any:
        """Return the writer schema of the value, if it has one."""
        return self.schemas.get(_id(self.value))

    @cached_property
    def key_schema(self) -> Any:
        """Return the writer schema of the key, if it has one."""
        return self.schemas.get(_id(self.key))

    @cached_property
    def value_data(self) -> Any:
        """Return the value as fastavro reads it; None if it is none or not Avro."""
        return _read(self.value, self.value_schema)

    @cached_property
    def key_data(self) -> Any:
        """Return the key as fastavro reads it."""
        return _read(self.key, self.key_schema)

    @property
    def op(self) -> str:
        """Return Debezium's letter, `T` for a tombstone, `?` for anything else."""
        if self.value is None:
            return TOMBSTONE
        data = self.value_data
        return str(data["op"]) if isinstance(data, dict) and data.get("op") else UNKNOWN

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
    schemas = {each["id"]: each["schema"] for each in _lines(folder / "records.schemas.jsonl")}
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


def _skeleton(line: Json, schemas: Mapping[int, Any]) -> Skeleton:
    return Skeleton(
        line["topic"],
        line["partition"],
        _bytes(line["key"]),
        _bytes(line["value"]),
        tuple((name, _bytes(content)) for name, content in line["headers"]),
        schemas,
    )


def _id(data: bytes | None) -> int:
    if data is None or len(data) < _FRAME_BYTES or data[0] != 0:
        return -1
    return int.from_bytes(data[1:_FRAME_BYTES], "big")


def _read(data: bytes | None, schema: Any) -> Any:
    if data is None or schema is None:
        return None
    parsed = fastavro.parse_schema(_plain(schema))
    return fastavro.schemaless_reader(io.BytesIO(data[_FRAME_BYTES:]), parsed, None)


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
