"""Readers made with fastavro: checked first, read whole, planned columns converted.

This is the reference that any faster reader must agree with. Imports the domain and fastavro.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeAlias, assert_never

import fastavro
from fastavro.types import Schema

from consumer.decode import changes, walk
from consumer.decode.avro_types import (
    Array,
    AvroType,
    Enumeration,
    Fixed,
    Map,
    Primitive,
    Struct,
    Union,
)
from consumer.decode.changes import Toolbox
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import RowReader, ValueReader
from consumer.domain.events import ColumnPlan, ControlRecord
from consumer.domain.schemas import SchemaRef

_Read: TypeAlias = Callable[[bytes, int], Any]


def value_reader(ref: SchemaRef, root: AvroType, plan: ColumnPlan, tools: Toolbox) -> ValueReader:
    """Return the reader of values. Raises PoisonError (schema) or ConfigError (plan misfits)."""
    interpret = changes.interpreter(ref, root, plan, tools)
    if isinstance(interpret, ControlRecord):
        return _control_reader(interpret, walk.checker(root, ref, tools.max_decoded_bytes))
    read = _reader(ref, root, tools)
    return lambda data, start: interpret(read(data, start))


def key_reader(ref: SchemaRef, root: AvroType, plan: ColumnPlan, tools: Toolbox) -> RowReader:
    """Return the reader of keys. Raises PoisonError (schema) or ConfigError (plan misfits)."""
    to_row = changes.key_interpreter(ref, root, plan, tools)
    read = _reader(ref, root, tools)
    return lambda data, start: to_row(read(data, start))


def _control_reader(meaning: ControlRecord, check: Callable[[bytes, int], None]) -> ValueReader:
    """Return a reader that only makes sure the schema is the payload's: else a row would be lost.

    A row's id, looked up in the wrong space, may be that of a heartbeat's schema.
    """

    def read(data: bytes, start: int) -> ControlRecord:
        check(data, start)
        return meaning

    return read


def _reader(ref: SchemaRef, root: AvroType, tools: Toolbox) -> _Read:
    """Return a function from bytes to fastavro's value. Raises PoisonError."""
    check = walk.checker(root, ref, tools.max_decoded_bytes)
    schema = _parsed(ref, root)

    def read(data: bytes, start: int) -> Any:
        check(data, start)
        stream = io.BytesIO(data)  # shares the bytes
        stream.seek(start)
        try:
            value = fastavro.schemaless_reader(stream, schema, None)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is about this payload
            message = f"payload of schema {ref} cannot be read: {type(error).__name__}"
            raise poison(PoisonReason.UNDECODABLE, message) from None
        if stream.tell() != len(data):  # check and fastavro disagree: neither is to be believed
            message = f"payload of schema {ref} leaves bytes unread"
            raise poison(PoisonReason.TRAILING_BYTES, message)
        return value

    return read


def _parsed(ref: SchemaRef, root: AvroType) -> Schema:
    try:
        return fastavro.parse_schema(_Plain().of(root))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is about this schema
        message = f"schema {ref} is refused: {type(error).__name__}"
        raise poison(PoisonReason.BAD_SCHEMA, message) from None


class _Plain:
    """Writes a tree as the plainest schema: encodings only, named types renamed and written once.

    Nothing of the writer's text reaches fastavro but field names and symbols, so no logical type,
    no default and no name can make it refuse a schema or change a value.
    """

    def __init__(self) -> None:
        self._names: dict[AvroType, str] = {}

    def of(self, node: AvroType) -> Any:
        match node:
            case Primitive():
                return node.kind
            case Array():
                return {"type": "array", "items": self.of(node.items)}
            case Map():
                return {"type": "map", "values": self.of(node.values)}
            case Union():
                return [self.of(branch) for branch in node.branches]
            case Struct() | Enumeration() | Fixed():
                return self._names.get(node) or self._define(node)
            case _:
                assert_never(node)

    def _define(self, node: Struct | Enumeration | Fixed) -> dict[str, Any]:
        name = self._names[node] = f"t{len(self._names)}"
        match node:
            case Struct():
                fields = [{"name": each, "type": self.of(of)} for each, of in node.fields.items()]
                return {"type": "record", "name": name, "fields": fields}
            case Enumeration():
                return {"type": "enum", "name": name, "symbols": [*node.symbols]}
            case Fixed():
                return {"type": "fixed", "name": name, "size": node.byte_count}
            case _:
                assert_never(node)
