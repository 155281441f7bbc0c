"""Readers made with fastavro: checked first, read whole, planned columns converted.

This is the reference that any faster reader must agree with. Imports the domain and fastavro.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

import fastavro
from fastavro.types import Schema

from consumer.decode import doubts, envelope, identity, rows, walk
from consumer.decode.avro_types import (
    Array,
    AvroType,
    Enumeration,
    Fixed,
    Map,
    Primitive,
    Struct,
    Union,
    without_null,
)
from consumer.decode.converters import Converters
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Change, Doubts, RowReader, ValueReader
from consumer.decode.rows import ToRow
from consumer.decode.unavailable import Marker
from consumer.domain.errors import ConfigError
from consumer.domain.events import ColumnPlan, ControlKind, ControlRecord, Op, Row
from consumer.domain.schemas import SchemaRef

_Read: TypeAlias = Callable[[bytes, int], Any]


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What all readers of one decoder share."""

    converters: Callable[[], tuple[Converters, Converters]]
    """Makes new choosers, the usual one and the one for what ids are made of: they remember types,
    so they live as long as one schema's readers."""
    marker: Marker
    max_decoded_bytes: int


def value_reader(ref: SchemaRef, root: AvroType, plan: ColumnPlan, tools: Toolbox) -> ValueReader:
    """Return the reader of values. Raises PoisonError (schema) or ConfigError (plan misfits)."""
    kind_or_envelope = envelope.classify(root, ref)
    match kind_or_envelope:
        case ControlKind.HEARTBEAT:
            return _heartbeat_reader(_reader(ref, root, tools))
        case ControlKind() as kind:
            return lambda _data, _start: ControlRecord(kind)
        case envelope.Envelope():
            read = _reader(ref, root, tools)
            return _change_reader(read, ref, kind_or_envelope, plan, tools)
        case _:
            assert_never(kind_or_envelope)


def key_reader(ref: SchemaRef, root: AvroType, plan: ColumnPlan, tools: Toolbox) -> RowReader:
    """Return the reader of keys. Raises PoisonError (schema), or ConfigError as `key_row`."""
    to_row = key_row(ref, root, plan, tools)
    read = _reader(ref, root, tools)

    def read_key(data: bytes, start: int) -> Row:
        raw = read(data, start)
        if raw is None:
            message = f"a key of schema {ref} that says null"
            raise poison(PoisonReason.NULL_KEY, message)
        return to_row(raw)

    return read_key


def key_row(ref: SchemaRef, root: AvroType, plan: ColumnPlan, tools: Toolbox) -> ToRow:
    """Return a function from a key as Avro gives it to the plan's key columns.

    Raises ConfigError unless these are exactly the key's: with fewer, two rows would share one
    item.
    """
    node = without_null(root)
    _, exact = tools.converters()
    if isinstance(node, Struct):
        _require_whole_key(ref, node, plan)
        return rows.key_row(node, plan.key_columns, exact, tools.marker)
    if len(plan.key_columns) != 1:
        message = (
            f"schema {ref} is a key of one bare value, the mapping names key columns "
            f"{rows.names(plan.key_columns)}; name one"
        )
        raise ConfigError(message)
    return rows.bare_key_row(root, plan.key_columns[0], exact, tools.marker)


def _require_whole_key(ref: SchemaRef, key: Struct, plan: ColumnPlan) -> None:
    planned = set(plan.key_columns)
    unplanned = [name for name in key.fields if name not in planned]
    absent = [name for name in plan.key_columns if name not in key.fields]
    if unplanned or absent:
        parts = [f"key column {rows.names([name])} is not used" for name in unplanned[:9]]
        parts += [f"there is no key column {rows.names([name])}" for name in absent]
        message = (
            f"schema {ref} ({rows.plain(key.name)}) has key columns {rows.names(key.fields)}, the "
            f"mapping names {rows.names(plan.key_columns)}: {'; '.join(parts)}. The document id "
            "must use every key column and no other, or two rows would share one item"
        )
        raise ConfigError(message)


def _heartbeat_reader(read: _Read) -> ValueReader:
    def read_heartbeat(data: bytes, start: int) -> ControlRecord:
        raw = read(data, start) or {}
        ts_ms = raw.get("ts_ms")
        return ControlRecord(ControlKind.HEARTBEAT, ts_ms if isinstance(ts_ms, int) else None)

    return read_heartbeat


def _change_reader(
    read: _Read, ref: SchemaRef, shape: envelope.Envelope, plan: ColumnPlan, tools: Toolbox
) -> ValueReader:
    to_after, to_before = _image_rows(ref, shape, plan, tools)
    check_delete = identity.delete_check(shape.before, plan.key_columns)
    find_doubts = doubts.finder(shape.after, plan)

    def read_change(data: bytes, start: int) -> Change:
        raw = read(data, start)
        if raw is None:
            message = f"a value of schema {ref} that says null"
            raise poison(PoisonReason.NOT_AN_ENVELOPE, message)
        source = envelope.source_info(raw.get("source"))
        before, after = raw.get("before"), raw["after"]
        if raw["op"] == Op.DELETE:
            check_delete(before, source.connector)
        return Change(
            op=raw["op"] or "",
            before=None if to_before is None or before is None else to_before(before),
            after=None if after is None else to_after(after),
            source=source,
            has_before=before is not None,
            doubts=Doubts() if after is None else find_doubts(after, before, raw.get("source")),
        )

    return read_change


def _image_rows(
    ref: SchemaRef, shape: envelope.Envelope, plan: ColumnPlan, tools: Toolbox
) -> tuple[ToRow, ToRow | None]:
    """Return how both images become rows; the old one only where it is planned and there."""
    converters = tools.converters()
    columns = (*plan.columns, *plan.exact_columns)
    rows.require_columns(shape.after, columns, ref)
    to_after = rows.image_row(shape.after, plan, converters, tools.marker)
    if not plan.before or shape.before is None:
        return to_after, None
    rows.require_columns(shape.before, columns, ref)
    return to_after, rows.image_row(shape.before, plan, converters, tools.marker)


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
