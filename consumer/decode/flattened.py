"""Rows without an envelope: flattened change events, and plain upserts. Imports the domain.

A flattened row is what ExtractNewRecordState leaves of a change event (reference `debezium.md`
§4.1). Without old row it is an update whatever it was, for an update promises least: no image from
before, and values may be left out; only `__op` says more. An upsert is the same, but whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeAlias

from consumer.decode import envelope
from consumer.decode.doubts import FindDoubts
from consumer.decode.identity import CheckDelete
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Change, Doubts
from consumer.decode.rows import ToRow
from consumer.domain.errors import PoisonError
from consumer.domain.events import Op

DELETED: Final = "__deleted"
"""Added to every row when deletes are rewritten: whether this one is a delete."""

OP: Final = "__op"
"""The change event's own letter, where `add.fields` names it."""

ReadRow: TypeAlias = Callable[[dict[str, Any]], Change]
"""From a row as Avro or JSON gives it. Raises PoisonError."""

_NOWHERE: Final = envelope.source_info(None)
_SOURCE_FIELDS: Final = ("version", "connector", "name", "db", "schema", "table", "snapshot")
_SOURCE_TIME: Final = "__source_ts_ms"  # `__ts_ms` is when the connector saw it
_WORDS: Final = {"true": True, "false": False, True: True, False: False}
_POSTGRESQL: Final = "postgresql"
_LETTERS: Final = frozenset(op.value for op in Op)
_CELL: Final = frozenset({"value", "deletion_ts", "set"})


def says_what_happened(deleted: str, op: str) -> bool:
    """Return whether fields of these kinds make a row unmistakably a flattened one.

    The kinds are Avro's, of the two fields above; empty where there is none. Other fields that
    `add.fields` adds could be anybody's.
    """
    return deleted in {"string", "boolean"} or op == "string"


def is_cell(fields: Collection[str]) -> bool:
    """Return whether this is how Cassandra's connector writes a column."""
    return frozenset(fields) == _CELL


def cassandra() -> PoisonError:
    """Return the error for rows of such cells: not all that is there is a value."""
    message = "rows of Cassandra are made of cells with a meaning of their own; not supported"
    return poison(PoisonReason.UNSUPPORTED_CONNECTOR, message)


def flattened_reader(to_row: ToRow, check_delete: CheckDelete, find_doubts: FindDoubts) -> ReadRow:
    """Return a reader of flattened rows; of a delete only the key and `__deleted` are used."""

    def read(row: dict[str, Any]) -> Change:
        source = _source(row)
        info = envelope.source_info(source)
        op = _op(row)
        if op == Op.DELETE:
            # Of a connector that is not known nothing is believed, so not the key either.
            check_delete(row, info.connector or _POSTGRESQL)
            return Change(op, None, None, info)
        after = to_row(row)
        return Change(op, None, after, info, doubts=find_doubts(row, None, source))

    return read


def upsert_reader(to_row: ToRow, find_doubts: FindDoubts) -> ReadRow:
    """Return a reader of whole rows: a null in one is null, whoever wrote it."""

    def read(row: dict[str, Any]) -> Change:
        after = to_row(row)
        doubts = Doubts(always=find_doubts(row, None, None).always)
        return Change(Op.UPDATE, None, after, _NOWHERE, doubts=doubts)

    return read


def _source(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was added to the row of `source`, by either of the names that it can have."""
    found = {field: row.get(f"__source_{field}", row.get(f"__{field}")) for field in _SOURCE_FIELDS}
    return {**found, "ts_ms": row.get(_SOURCE_TIME)}


def _op(row: Mapping[str, Any]) -> str:
    """Return the letter of what happened. Raises PoisonError if the row contradicts itself."""
    op = row.get(OP)
    letter = Op.UPDATE.value if op is None else op if isinstance(op, str) else ""
    if letter not in _LETTERS:
        message = f"{OP} is none of c, u, d, r"
        raise poison(PoisonReason.UNKNOWN_OP, message)
    if DELETED not in row:
        return letter
    deleted = row[DELETED]
    is_delete = _WORDS.get(deleted) if isinstance(deleted, str | bool) else None
    if is_delete is None:
        message = f"{DELETED} is neither true nor false"
        raise poison(PoisonReason.UNKNOWN_OP, message)
    if op is not None and is_delete != (letter == Op.DELETE):
        message = f"{DELETED} and {OP} contradict each other"
        raise poison(PoisonReason.UNKNOWN_OP, message)
    return Op.DELETE if is_delete else letter
