"""What the parts of a change event mean: where it happened, its op, its doubts.

Which schemas are change events is `shapes.py`'s business; a topic's name is only asked when a
schema says nothing (reference `debezium.md` §1.1, §1.6). Imports the domain.
"""

from __future__ import annotations

from typing import Any, Final

from consumer.decode import moves
from consumer.decode.places import position_in
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Change
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

_HEARTBEAT_TOPIC: Final = "__debezium-heartbeat."
_CASSANDRA: Final = "cassandra"  # there `r` is a range tombstone and `i` an insert
_ROW_OPS: Final = {op.value: op for op in Op}


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
