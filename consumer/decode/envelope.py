"""What a value's schema is: a change event, one of Debezium's own records, or neither.

Recognised by schema names and shapes; a topic's name is only asked when the schema says nothing
(reference `debezium.md` §1.1, §1.6). Then: what an envelope's parts mean. Imports the domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from consumer.decode import moves
from consumer.decode.avro_types import AvroType, Struct, without_null
from consumer.decode.places import position_in
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Change
from consumer.domain.errors import PoisonError
from consumer.domain.events import (
    ChangeEvent,
    ControlKind,
    ControlRecord,
    Doubt,
    Op,
    Row,
    SourceInfo,
    Truncate,
)
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaRef

_HEARTBEAT_TOPIC: Final = "__debezium-heartbeat."
_CASSANDRA: Final = "cassandra"  # there `r` is a range tombstone and `i` an insert
_ROW_OPS: Final = {op.value: op for op in Op}
_CONTROL_NAMES: Final = {
    "Heartbeat": ControlKind.HEARTBEAT,
    "TransactionMetadataValue": ControlKind.TRANSACTION,
    "SchemaChangeValue": ControlKind.SCHEMA_CHANGE,
    "Notification": ControlKind.NOTIFICATION,
    "MessageValue": ControlKind.LOGICAL_MESSAGE,
}
_CONTROL_SHAPES: Final = (
    (frozenset({"status", "id", "event_count", "data_collections"}), ControlKind.TRANSACTION),
    (frozenset({"ddl", "databaseName", "tableChanges"}), ControlKind.SCHEMA_CHANGE),
    (frozenset({"aggregate_type", "additional_data"}), ControlKind.NOTIFICATION),
)
_SIGNAL_TABLES: Final = frozenset({"debezium_signal", "dbz_signal"})
_SIGNAL_COLUMNS: Final = frozenset({"id", "type", "data"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """The schema of a change event: the struct of either image, where it is there."""

    before: Struct | None
    after: Struct


def classify(root: AvroType, ref: SchemaRef) -> Envelope | ControlKind:
    """Return what values of this schema are. Raises PoisonError for anything else."""
    struct = without_null(root)
    if not isinstance(struct, Struct):
        raise _not_an_envelope(ref, "not a record")
    kind = _control_kind(struct)
    if kind is not None:
        return kind
    if not _looks_like_envelope(struct):
        raise _not_an_envelope(ref, f"{struct.name!r:.120} has no op, before or after")
    after = _image(struct, "after")
    if after is None or not _is_text(struct.fields.get("op")):
        raise _not_an_envelope(ref, "op is no text, or after no row (as with MongoDB)")
    if _is_signal_table(struct, after):
        return ControlKind.SIGNAL
    return Envelope(_image(struct, "before"), after)


def _control_kind(struct: Struct) -> ControlKind | None:
    for name in (struct.traits.connect_name or "", struct.name):
        if name.startswith("io.debezium.connector."):
            kind = _CONTROL_NAMES.get(name.rpartition(".")[2])
            if kind is not None:
                return kind
    for fields, kind in _CONTROL_SHAPES:
        if fields <= struct.fields.keys() and "op" not in struct.fields:
            return kind
    return None


def _looks_like_envelope(struct: Struct) -> bool:
    names = (struct.traits.connect_name or "", struct.name)
    named = any(name.endswith(".Envelope") for name in names)
    shaped = "op" in struct.fields and bool({"before", "after", "source"} & struct.fields.keys())
    return named or shaped


def _image(struct: Struct, name: str) -> Struct | None:
    node = struct.fields.get(name)
    image = None if node is None else without_null(node)
    return image if isinstance(image, Struct) else None


def _is_text(node: AvroType | None) -> bool:
    only = None if node is None else without_null(node)
    return getattr(only, "kind", None) == "string"


def _is_signal_table(struct: Struct, row: Struct) -> bool:
    """Return whether these are rows of the signal table, under either of its usual names."""
    name = struct.traits.connect_name or struct.name
    table = name.removesuffix(".Envelope").rpartition(".")[2]
    return table in _SIGNAL_TABLES and row.fields.keys() == _SIGNAL_COLUMNS


def _not_an_envelope(ref: SchemaRef, why: str) -> PoisonError:
    message = f"schema {ref} is not a Debezium envelope: {why}"
    return poison(PoisonReason.NOT_AN_ENVELOPE, message)


def kind_by_topic(topic: str) -> ControlKind | None:
    """Return the kind of a record whose schema says nothing, if its topic does."""
    return ControlKind.HEARTBEAT if topic.startswith(_HEARTBEAT_TOPIC) else None


def source_info(source: Any) -> SourceInfo:
    """Return where a change happened; what is missing or no text is left empty."""
    source = source if isinstance(source, dict) else {}
    get = source.get
    snapshot = get("snapshot")
    return SourceInfo(
        connector=_text(get("connector")),
        server=_text(get("name")),
        database=_text(get("db")),
        schema=_text(get("schema")),
        table=_text(get("table")),
        ts_ms=ts_ms if isinstance(ts_ms := get("ts_ms"), int) else None,
        snapshot=str(snapshot).lower() if isinstance(snapshot, str | bool) else "false",
        position=position_in(source),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def interpret(change: Change) -> Op | Truncate | ControlRecord:
    """Return what an envelope's op means. Raises PoisonError for what it must not be taken for."""
    if change.source.connector == _CASSANDRA:
        message = "change events of Cassandra give other meanings to op; they are not supported"
        raise poison(PoisonReason.UNSUPPORTED_CONNECTOR, message)
    op = _ROW_OPS.get(change.op)
    if op is None:
        return _interpret_rowless(change)
    if change.after is None and op is not Op.DELETE:
        message = "a create, update or read whose after image is null"
        raise poison(PoisonReason.INCOMPLETE_ENVELOPE, message)
    return op


def _interpret_rowless(change: Change) -> Truncate | ControlRecord:
    match change.op:
        case "t":
            return Truncate(change.source)
        case "m":
            return ControlRecord(ControlKind.LOGICAL_MESSAGE)
        case _:  # the letter is not shown: in a misread payload it could be anybody's data
            message = "op is none of c, u, d, r, t, m"
            raise poison(PoisonReason.UNKNOWN_OP, message)


def change_event(
    op: Op, change: Change, key: Row | None, record: Record, other_key: Row | None = None
) -> ChangeEvent:
    """Return the event of one row; `other_key` is what a header says of its key's change."""
    is_delete = op is Op.DELETE
    return ChangeEvent(
        op=op,
        key=key,
        before=change.before,
        after=None if is_delete else change.after,
        source=change.source,
        key_moved=is_delete and moves.has(moves.NEW_KEY_HEADER, record),
        doubts=() if is_delete else _doubts(op, change, record),
        new_key=other_key if is_delete else None,
        old_key=None if is_delete else other_key,
    )


def _doubts(op: Op, change: Change, record: Record) -> tuple[Doubt, ...]:
    """Return what is doubtful in the new row. A moved row's create is an update in truth."""
    always, if_updated, if_bare = change.doubts
    match op:
        case Op.UPDATE if change.has_before:
            return (*always, *if_updated)
        case Op.UPDATE:
            return (*always, *if_updated, *if_bare)
        case Op.CREATE if moves.has(moves.OLD_KEY_HEADER, record):
            return (*always, *if_updated, *if_bare)
        case _:
            return always
