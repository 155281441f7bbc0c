"""What the records of a topic look like, as far as a mapping says so. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RecordFormat(StrEnum):
    """What a record's value is about its row."""

    DEBEZIUM = "debezium"
    """A change event: old row, new row, where it happened, and what."""
    FLATTENED = "flattened"
    """The new row itself, as ExtractNewRecordState leaves it, perhaps with `__deleted`, `__op`, …;
    a delete is a tombstone or a row that says `__deleted`."""
    UPSERT = "upsert"
    """The whole row as it now is, or no value: the row is gone."""


class Encoding(StrEnum):
    """How the bytes of a key or a value are written."""

    AVRO = "avro"
    JSON = "json"
    TEXT = "text"
    """The UTF-8 text of the only key column."""
    INTEGER = "integer"
    """The only key column as an integer of four or eight bytes, big-endian."""


BARE_KEYS: Final = frozenset({Encoding.TEXT, Encoding.INTEGER})
"""Encodings of a key of one column without a frame: its bytes could be taken for anything."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type that records do not carry: one of PLAIN_TYPES or SEMANTIC_TYPES.

    `scale` belongs to decimals, `items` to arrays.
    """

    name: str
    scale: int | None = None
    items: ColumnType | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the records of a topic are to be read; None: as each of them shows."""

    format: RecordFormat | None = None
    value: Encoding | None = None
    key: Encoding | None = None
    types: tuple[tuple[str, ColumnType], ...] = ()
    """Types by column, of keys and rows alike."""


AS_SHOWN: Final = Reading()
"""Nothing is declared."""

ARRAY: Final = "array"
DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"

PLAIN_TYPES: Final = frozenset(
    {"boolean", "int8", "int16", "int32", "int64", "float", "double", "bytes", "string", ARRAY}
)
"""Kafka Connect's types of values that stand for themselves."""

_TIME: Final = "io.debezium.time"
_DATA: Final = "io.debezium.data"
_CONNECT: Final = "org.apache.kafka.connect.data"
SEMANTIC_TYPES: Final = frozenset(
    {
        *(f"{_TIME}.{name}" for name in ("Date", "Time", "MicroTime", "NanoTime", "Year")),
        *(f"{_TIME}.{name}" for name in ("Timestamp", "MicroTimestamp", "NanoTimestamp")),
        *(f"{_TIME}.{name}" for name in ("ZonedTimestamp", "ZonedTime", "Interval")),
        *(f"{_TIME}.{name}" for name in ("MicroDuration", "NanoDuration")),
        *(f"{_TIME}.{name}" for name in ("IsoDate", "IsoTime", "IsoTimestamp")),
        *(f"{_TIME}.Structured{name}" for name in ("Date", "Time", "Timestamp")),
        *(f"{_TIME}.Structured{name}" for name in ("ZonedTime", "ZonedTimestamp", "Duration")),
        *(f"{_CONNECT}.{name}" for name in ("Date", "Time", "Timestamp")),
        DECIMAL,
        *(f"{_DATA}.{name}" for name in ("Json", "Xml", "Uuid", "Ltree", "Tsvector")),
        *(f"{_DATA}.{name}" for name in ("Enum", "EnumSet", "Bits", "VariableScaleDecimal")),
        *(f"{_DATA}.{name}" for name in ("DoubleVector", "FloatVector", "SparseDoubleVector")),
        *(f"{_DATA}.geometry.{name}" for name in ("Point", "Geometry", "Geography")),
        *(f"{_DATA}.geometry.{name}" for name in ("Circle", "Line")),
    }
)
"""Names of Debezium's and Connect's semantic types (reference `debezium.md` §3.2)."""
