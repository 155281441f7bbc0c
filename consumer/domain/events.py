"""Change events: our typed form of a Debezium envelope. Imports the standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final, TypeAlias


class Absent(Enum):
    """Values that are not values."""

    UNAVAILABLE = "unavailable"
    """The row has a value here, the event does not carry it (an unchanged TOASTed column)."""


UNAVAILABLE: Final = Absent.UNAVAILABLE

Scalar: TypeAlias = str | int | float | bool | Decimal | bytes | None
Value: TypeAlias = "Scalar | Absent | list[Value] | dict[str, Value]"
"""A decoded column: temporal types are ISO-8601 strings in UTC, exact numerics are Decimal."""

Row: TypeAlias = tuple[Value, ...]
"""Planned columns only, in the order of the plan."""


class Op(StrEnum):
    """What happened to the row, in Debezium's letters."""

    CREATE = "c"
    UPDATE = "u"
    DELETE = "d"
    READ = "r"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where the change happened. `ts_ms` is the commit time there; never used for ordering."""

    connector: str
    server: str
    database: str
    schema: str
    table: str
    ts_ms: int | None
    snapshot: str
    """Debezium's word: `false`, `true`, `first`, `last`, `incremental`, …; null reads `false`."""


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One row change. `key` follows the plan's key columns, the images its columns."""

    op: Op
    key: Row | None
    before: Row | None
    after: Row | None
    source: SourceInfo
    key_moved: bool = False
    """The row lives on under another key (`__debezium.newkey`): a delete, but not of its data."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record with a key and no value: the row of that key is gone."""

    key: Row


@dataclass(frozen=True, slots=True)
class Truncate:
    """Every row of the table is gone; no row events follow."""

    source: SourceInfo


class ControlKind(StrEnum):
    """Records that are not about a row; each is skipped under its own name."""

    HEARTBEAT = "heartbeat"
    TRANSACTION = "transaction"
    SCHEMA_CHANGE = "schema_change"
    NOTIFICATION = "notification"
    SIGNAL = "signal"
    LOGICAL_MESSAGE = "logical_message"
    NULL_KEY_TOMBSTONE = "null_key_tombstone"


@dataclass(frozen=True, slots=True)
class ControlRecord:
    """A record of Debezium's own bookkeeping. `ts_ms` is set on heartbeats."""

    kind: ControlKind
    ts_ms: int | None = None


Event: TypeAlias = ChangeEvent | Tombstone | Truncate | ControlRecord


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """What decoding and mapping agree on: the columns asked for, in this order.

    `key_columns` are read from the record's key. With `before`, the old image is decoded too.
    """

    columns: tuple[str, ...]
    key_columns: tuple[str, ...]
    before: bool = False
