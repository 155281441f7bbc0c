"""The one file format for recorded events (`schemas/capture.schema.json`): lines ⇄ values.

Pure: opening files is the caller's business. Imports the standard library only.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any

from consumer.domain.errors import ConfigError
from consumer.domain.records import Header, Offset, Record, TopicPartition
from consumer.domain.schemas import IdSpace, SchemaRef, WriterSchema, space_of

_IN_JSON = frozenset({"AVRO", "JSON"})
"""Kinds of schemas whose texts are JSON documents; others are kept as text."""


def record_line(record: Record) -> str:
    """Return the line of one record, without its line end: bytes in base64, null kept null."""
    return json.dumps(record_document(record), ensure_ascii=False)


def record_document(record: Record) -> dict[str, Any]:
    """Return the record as the JSON object that its line holds."""
    return {
        "topic": record.tp.topic,
        "partition": record.tp.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "key": _encoded(record.key),
        "value": _encoded(record.value),
        "headers": [[name, _encoded(value)] for name, value in record.headers],
    }


def record_of(line: str) -> Record:
    """Return the record of one line. Raises ConfigError that says what is wrong with the line."""
    document = _object(line)
    try:
        return Record(
            tp=TopicPartition(document["topic"], int(document["partition"])),
            offset=Offset(int(document["offset"])),
            timestamp_ms=int(document["timestamp_ms"] or 0),
            key=_decoded(document["key"]),
            value=_decoded(document["value"]),
            headers=_headers(document["headers"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        msg = f"not a record of the capture format: {type(error).__name__} ({error})"
        raise ConfigError(msg) from error


def schema_line(schema: WriterSchema) -> str:
    """Return the line of one schema, without its line end."""
    kind = schema.schema_type
    space, name = space_of(schema.ref)
    named = {"id": int(name)} if space is IdSpace.NUMBER else {"ref": schema.ref}
    document = {
        **named,
        "schema_type": kind,
        "schema": _parsed(kind, schema.text),
        "references": [
            {"name": name, "schema": _parsed(kind, text)} for name, text in schema.references
        ],
    }
    return json.dumps(document, ensure_ascii=False)


def schema_of(line: str) -> WriterSchema:
    """Return the schema of one line. Raises ConfigError that says what is wrong with the line."""
    document = _object(line)
    try:
        kind = document["schema_type"]
        return WriterSchema(
            ref=_ref_of(document),
            schema_type=kind,
            text=_text(kind, document["schema"]),
            references=tuple(
                (each["name"], _text(kind, each["schema"])) for each in document["references"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        msg = f"not a schema of the capture format: {type(error).__name__} ({error})"
        raise ConfigError(msg) from error


def _ref_of(document: dict[str, Any]) -> SchemaRef:
    if "ref" not in document:
        return IdSpace.NUMBER.ref(int(document["id"]))
    space, name = space_of(document["ref"])
    return space.ref(name)


def _parsed(kind: str, text: str) -> Any:
    """Return a schema's document; its text where that is all it is, or should be but is not."""
    try:
        return json.loads(text) if kind in _IN_JSON else text
    except (ValueError, RecursionError):
        return text


def _text(kind: str, document: Any) -> str:
    return json.dumps(document) if kind in _IN_JSON else str(document)


def schemas_name(records_name: str) -> str:
    """Return the sidecar's file name: `kb.events.jsonl.gz` → `kb.schemas.jsonl`."""
    stem = records_name.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".events")
    return f"{stem}.schemas.jsonl"


def _object(line: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except ValueError as error:
        msg = f"not JSON: {error}"
        raise ConfigError(msg) from error
    if not isinstance(document, dict):
        msg = "not a JSON object"
        raise ConfigError(msg)
    return document


def _headers(pairs: Iterable[tuple[str, str | None]]) -> tuple[Header, ...]:
    return tuple((name, _decoded(value)) for name, value in pairs)


def _encoded(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def _decoded(text: str | None) -> bytes | None:
    try:
        return None if text is None else base64.b64decode(text, validate=True)
    except binascii.Error as error:
        msg = "bytes are not base64"
        raise ValueError(msg) from error
