"""What inputs are made from: the records and schemas of the recorded cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from consumer.domain.captures import record_of, schema_of
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.golden.cases import expectations

FRAMING_BYTES: Final = 5


@dataclass(frozen=True, slots=True)
class Side:
    """A key or a value: its bytes behind the framing, and its writer schema as JSON."""

    payload: bytes | None
    schema: Any


@dataclass(frozen=True, slots=True)
class Specimen:
    """A record in parts that can be changed one by one. A side without a schema stays as it is."""

    mapping: str
    """The configuration that maps its topic: elsewhere nothing of it would be read."""
    record: Record
    key: Side
    value: Side
    schemas: tuple[WriterSchema, ...]
    """The schemas of sides that stay as they are: headers or longer ids name them."""


@cache
def specimens() -> tuple[Specimen, ...]:
    """Return one specimen for each combination of mapping, schemas, topic and headers recorded."""
    kept: dict[tuple[Any, ...], Specimen] = {}
    for one in _recorded():
        names = tuple(name for name, _ in one.record.headers)
        shape = (one.mapping, one.record.tp.topic, _text(one.key), _text(one.value), names)
        kept.setdefault(shape, one)
    return (*kept.values(),)


def _recorded() -> Iterator[Specimen]:
    for case in expectations():
        lines = (case.folder / "records.schemas.jsonl").read_text("utf-8").splitlines()
        schemas = {schema.ref: schema for schema in map(schema_of, lines)}
        others = tuple(schema for ref, schema in schemas.items() if not ref.startswith("id/"))
        for line in (case.folder / "records.jsonl").read_text("utf-8").splitlines():
            record = record_of(line)
            key, value = _side(record.key, schemas), _side(record.value, schemas)
            yield Specimen(case.mapping, record, key, value, others)


def _side(data: bytes | None, schemas: dict[SchemaRef, WriterSchema]) -> Side:
    if data is None or len(data) < FRAMING_BYTES or data[0]:
        return Side(data, None)
    schema = schemas.get(SchemaRef(f"id/{int.from_bytes(data[1:FRAMING_BYTES], 'big')}"))
    if schema is None:
        return Side(data, None)
    return Side(data[FRAMING_BYTES:], json.loads(schema.text))


def _text(side: Side) -> str:
    return json.dumps(side.schema, sort_keys=True)
