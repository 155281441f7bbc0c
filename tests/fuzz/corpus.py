"""What inputs are made from: the records and schemas of the recorded cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from consumer.domain.captures import record_of, schema_of
from consumer.domain.records import Record
from consumer.domain.schemas import WriterSchema
from tests.golden.cases import FOLDERS

FRAMING_BYTES: Final = 5


@dataclass(frozen=True, slots=True)
class Side:
    """A key or a value: its bytes behind the framing, and its writer schema as JSON."""

    payload: bytes | None
    schema: Any


@dataclass(frozen=True, slots=True)
class Specimen:
    """A record in parts that can be changed one by one. A side without a schema stays as it is."""

    record: Record
    key: Side
    value: Side


@cache
def specimens() -> tuple[Specimen, ...]:
    """Return one specimen for each combination of schemas, topic and headers recorded."""
    kept: dict[tuple[Any, ...], Specimen] = {}
    for record, schemas in _recorded():
        one = Specimen(record, _side(record.key, schemas), _side(record.value, schemas))
        names = tuple(name for name, _ in record.headers)
        shape = (record.tp.topic, _text(one.key), _text(one.value), names)
        kept.setdefault(shape, one)
    return (*kept.values(),)


def _recorded() -> Iterator[tuple[Record, dict[int, WriterSchema]]]:
    for folder in FOLDERS:
        lines = (folder / "records.schemas.jsonl").read_text("utf-8").splitlines()
        schemas = {int(schema.ref.rpartition("/")[2]): schema for schema in map(schema_of, lines)}
        for line in (folder / "records.jsonl").read_text("utf-8").splitlines():
            yield record_of(line), schemas


def _side(data: bytes | None, schemas: dict[int, WriterSchema]) -> Side:
    if data is None or len(data) < FRAMING_BYTES or data[0]:
        return Side(data, None)
    schema = schemas.get(int.from_bytes(data[1:FRAMING_BYTES], "big"))
    if schema is None:
        return Side(data, None)
    return Side(data[FRAMING_BYTES:], json.loads(schema.text))


def _text(side: Side) -> str:
    return json.dumps(side.schema, sort_keys=True)
