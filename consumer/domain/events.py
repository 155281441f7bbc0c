"""Change events: our typed form of a Debezium envelope. Imports the standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final, NamedTuple, TypeAlias

from consumer.domain.formats import AS_SHOWN, Reading


class Absent(Enum):
    """Values that are not values."""

    UNAVAILABLE = "unavailable"
    """The row has a value here, the event does not carry it (an unchanged TOASTed column)."""


UNAVAILABLE: Final = Absent.UNAVAILABLE

Scalar: TypeAlias = str | int | float | bool | Decimal | bytes | None
Value: TypeAlias = "Scalar | Absent | list[Value] | dict[str, Value]"
"""A decoded column: temporal types are ISO-8601 strings in UTC, exact numerics are Decimal."""

Row: TypeAlias = tuple[Value, ...]
"""Planned columns only, in the order of the plan; in an image the exact ones come last."""


class Op(StrEnum):
    """What happened to the row, in Debezium's letters."""

    CREATE = "c"
    UPDATE = "u"
    DELETE = "d"
    READ = "r"


class SourcePosition(NamedTuple):
    """Where a change lies in a log of its source.

    Along a stream the places of one `log` never fall, unless a part of it comes again. Places of
    two logs cannot be compared.
    """

    log: tuple[int | str, ...]
    place: tuple[int | str, ...]


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
    position: SourcePosition | None = None
    """Of a streamed change; `None` for snapshots and where the connector gives none that rises."""


class DoubtKind(StrEnum):
    """Why a value that an event carries may not be the row's; a closed set, used as a label."""

    LEFT_OUT = "left_out"
    """It may stand for a value that did not change and was left out without any marker."""
    RARELY_LEFT_OUT = "rarely_left_out"
    """The same of a type that is left out so only where its numbers alone fill a page, or of a
    connector that is not known."""
    DEFAULT = "default"
    """It may stand for null: converters write a nullable column's default for it."""


class Doubt(NamedTuple):
    """A column of the new row whose value may not be the row's."""

    column: str
    kind: DoubtKind


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One row change. `key` follows the plan's key columns, the images its columns.

    `doubts` are about the new row. When a primary key changes, two records say so: a delete with
    `key_moved`, and a create; each names the other's key in a header, which is read if it can be.
    """

    op: Op
    key: Row | None
    before: Row | None
    after: Row | None
    source: SourceInfo
    key_moved: bool = False
    """The row lives on under another key (`__debezium.newkey`): a delete, but not of its data."""
    doubts: tuple[Doubt, ...] = ()
    new_key: Row | None = None
    """Of a delete whose row lives on: its key from now on, if its header can be read."""
    old_key: Row | None = None
    """Of a create that is an update in truth: the row's key until now, if that can be read."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record with a key and no value: the row of that key is gone, or has the new key."""

    key: Row
    new_key: Row | None = None


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
    `exact_columns` follow the others in either image: read as in a key, so that different values
    stay different (a moment is not cut to milliseconds). `left_out` and `defaults` are the columns
    to look at for doubts of these kinds; for `unmarked` ones any null of an event without the old
    row is doubtful.
    """

    columns: tuple[str, ...]
    key_columns: tuple[str, ...]
    before: bool = False
    exact_columns: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    unmarked: frozenset[str] = frozenset()
    defaults: frozenset[str] = frozenset()
    granting: frozenset[str] = frozenset()
    """Columns that say who may see an item: of a record without a schema, that does not say what
    a column's default is, each value of them is looked at as if it were one."""
    reading: Reading = AS_SHOWN
    """How the topic's records are to be read, as far as that is declared."""
