"""What tells one case from another: its sections, and the shape of its records.

A shape is what was written and what happened, without what anybody could have called otherwise: the
writer schemas of keys and values without the names of tables and columns, the columns' types in the
database where they are known, and for each key the kinds of its records in order, repetitions left
out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, TypeAlias

from tests.golden.skeleton import JSON, Frame, Skeleton, fields, semantic_name, skeletons

Shape: TypeAlias = tuple[frozenset[Any], ...]

_MARKER: Final = "__debezium_unavailable_value"
_SEMANTIC: Final = ("io.debezium.", "org.apache.kafka.connect.", "io.confluent.", "event.")
_KEPT: Final = ("type", "items", "values", "connect.name", "connect.type", "connect.parameters")
_KEPT_OF_JSON: Final = ("optional", "keys", "parameters")


def shape(folder: Path) -> Shape:
    """Return the shape of a case's records."""
    records = skeletons(folder)
    keys = frozenset(_written(one.key_frame, one.key_schema, one.key_data) for one in records)
    values = frozenset(
        _written(one.value_frame, one.value_schema, one.value_data) for one in records
    )
    about = json.loads((folder / "about.json").read_text("utf-8"))
    types = frozenset(tuple(each["columns"].values()) for each in _tables(about))
    return keys, values, types, _kinds(records)


def kind(record: Skeleton) -> str:
    """Return what a record is: its letter, or what it says of itself, and its headers."""
    data = record.value_data if isinstance(record.value_data, dict) else {}
    parts = [_letter(record)]
    if data.get("before") is not None and record.op != "d":
        parts.append("old row")
    if data.get("transaction") is not None:
        parts.append("in a transaction")
    row = data.get("after") or ({} if "source" in data else data)
    left_out = [each for each in row.values() if _is_left_out(each)]
    parts += [f"{len(left_out)} left out"] if left_out else []
    parts += [f"{name}: {_form(content)}" for name, content in record.headers if _tells(name)]
    return " ".join(parts)


def _is_left_out(value: Any) -> bool:
    """Return whether this is Debezium's usual marker, in one of its forms."""
    forms = (_MARKER, [*_MARKER.encode()], ["b68a35a7-17ad-35b3-af2a-ae46edb4545a"])
    return value in forms or _MARKER in str(value)


def _tables(about: Any) -> list[Any]:
    return [*about.get("history", {}).values()]


def _kinds(records: Sequence[Skeleton]) -> frozenset[tuple[str, ...]]:
    by_key: dict[tuple[str, bytes | None], list[str]] = {}
    for record in records:
        by_key.setdefault((record.topic, record.key), []).append(kind(record))
    return frozenset(tuple(each for each, _ in groupby(kinds)) for kinds in by_key.values())


def _letter(record: Skeleton) -> str:
    data = record.value_data
    if record.op == "r":
        source = data.get("source") or {"snapshot": data.get("__snapshot")}
        return f"r {source['snapshot']}"
    if record.op != "?" or not isinstance(data, dict):
        return record.op
    says = [str(data[name]) for name in ("aggregate_type", "type", "status") if name in data]
    changes = {each["type"] for each in data.get("tableChanges") or ()}
    return " ".join([semantic_name(record.value_schema), *says, *sorted(changes)])


def _tells(name: str) -> bool:
    return not name.startswith(("__debezium.context", "apicurio."))


def _form(content: bytes | None) -> str:
    """Return how a header's value is written."""
    match (content or b"")[:10]:
        case b'{"schema":':
            return "JSON with schema"
        case start if start[:1] in {b"{", b"["}:
            return "JSON"
        case start if start[:7] == b"Struct{":
            return "Struct"
        case _:
            return "text"


def _written(framed: Frame, schema: Any, data: Any) -> str:
    """Return how a key or a value is written: its framing, and its schema without chosen names."""
    way = f"{JSON} {_kinds_of_json(data)}" if framed.way == JSON else framed.way
    return f"{way} {json.dumps(_nameless(schema), sort_keys=True)}"


def _kinds_of_json(value: Any) -> Any:
    """Return what a JSON value is made of, for one type is written in several ways."""
    match value:
        case dict():
            return sorted(str(_kinds_of_json(each)) for each in value.values())
        case list():
            return ["list", *sorted({str(_kinds_of_json(each)) for each in value})]
        case _:
            return type(value).__name__


def _nameless(schema: Any) -> Any:
    match schema:
        case {"type": "struct", "fields": columns}:
            return ["struct", _name_of_struct(schema), [_nameless(each) for each in columns]]
        case {"type": "record"}:
            return _record(schema)
        case dict():
            kept = {
                name: _nameless(schema[name]) for name in (*_KEPT, *_KEPT_OF_JSON) if name in schema
            }
            return kept | {"default": "default" in schema}
        case list():
            return [_nameless(each) for each in schema]
        case str() if "." in schema or schema in {"Value", "Key"}:
            return schema if schema.startswith(_SEMANTIC) else "row"
        case _:
            return schema


def _name_of_struct(schema: Any) -> str:
    """Return the name of a schema of Connect's, if it is not a table's."""
    name = str(schema.get("name", ""))
    return name if name.startswith(_SEMANTIC) else name.rpartition(".")[2]


def _record(schema: Any) -> Any:
    name = semantic_name(schema) or f"{schema.get('namespace', '')}.{schema['name']}"
    is_row = not name.startswith(_SEMANTIC) and not name.endswith(".Envelope")
    types = {**fields_with_null(schema)}
    columns = [_nameless(each) for each in types.values()]
    own = name if name.startswith(_SEMANTIC) else "row" if is_row else "envelope"
    return [own, columns if is_row else dict(zip(types, columns, strict=True))]


def fields_with_null(schema: Any) -> dict[str, Any]:
    """Return the fields of a record's schema, nullable and with default or not."""
    nullable = {each["name"]: isinstance(each["type"], list) for each in schema["fields"]}
    defaults = {each["name"]: each.get("default") is not None for each in schema["fields"]}
    return {name: [nullable[name], defaults[name], each] for name, each in fields(schema).items()}
