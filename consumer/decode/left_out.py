"""Which values an update leaves out without a marker: by the connector, and by the type.

PostgreSQL stores large values apart (TOAST) and does not log them again while they stay the same.
Its connector has a marker for most of their types; for the others it writes null (reference
`debezium.md` §2.2). Which of those can be stored apart at all follows from PostgreSQL's own rules,
seen on version 15: a value of 24 bytes or less never is, and a number (storage `main`) only where
the row would not fit a page of 8 kB with it; see ADR 12. Imports the domain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, Final

from consumer.decode.avro_types import Array, AvroType, Fixed, Primitive, Struct, without_null
from consumer.domain.events import DoubtKind


class Habit(Enum):
    """What a connector does about values that did not change."""

    WHOLE = auto()
    """Its rows are whole, or say what they lack; where its database is set up as it asks for."""
    MARKED = auto()
    """The same, as far as is known: a mapping may say otherwise."""
    TOASTED = auto()
    """PostgreSQL's: values stored apart are left out, those of some types without a marker."""
    TEXTS_NULLED = auto()
    """SQL Server's before 3.6: unchanged `varchar(max)` and its like are null, marked nowhere."""
    CHANGES_ONLY = auto()
    """Spanner's, of change streams that capture no whole row."""
    UNKNOWN = auto()
    """Nothing is known: types are judged as PostgreSQL's, other nulls are not quite believed."""


HIDES_BESIDE_OLD_ROWS: Final = frozenset(
    {Habit.MARKED, Habit.TEXTS_NULLED, Habit.CHANGES_ONLY},
)
"""Habits of connectors whose old rows lack what their new rows lack, so that they prove nothing."""

_WHOLE_ROWS: Final = frozenset({"mysql", "mariadb", "oracle", "db2", "informix", "vitess"})
_VERSION: Final = re.compile(r"(\d{1,4})\.(\d{1,4})\.", re.ASCII)
_SQL_SERVER_MARKS_SINCE: Final = (3, 6)

_MAX_UNMOVED_DIGITS: Final = 28
"""A number of so many digits takes at most 24 bytes, wherever its point is."""
_MAX_UNMOVED_BITS: Final = 128
"""A bit string of so many bits takes 24 bytes: eight before its bits."""

_DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"
_BITS: Final = "io.debezium.data.Bits"
_VARIABLE_SCALE: Final = "io.debezium.data.VariableScaleDecimal"
_TEMPORAL: Final = "io.debezium.time."
_SHAPES: Final = "io.debezium.data.geometry."
_FIXED_WIDTH: Final = frozenset({f"{_SHAPES}Point", f"{_SHAPES}Circle", f"{_SHAPES}Line"})
_MARKED_ITEMS: Final[Mapping[str, frozenset[str | None]]] = {
    "string": frozenset({None, "io.debezium.data.Json", "io.debezium.data.Uuid"}),
    "bytes": frozenset({None}),
    "int": frozenset({None, "io.debezium.time.Date", "org.apache.kafka.connect.data.Date"}),
    "long": frozenset({None}),
}
"""Items of arrays for which PostgreSQL's connector has a marker, by their semantic names."""


def habit_of(source: Any) -> Habit:
    """Return the habit of an event's connector, by its `source` as Avro gives it."""
    get = source.get if isinstance(source, dict) else {}.get
    match get("connector"):
        case "postgresql":
            return Habit.TOASTED
        case "sqlserver":
            return Habit.MARKED if _marks(get("version")) else Habit.TEXTS_NULLED
        case "spanner":
            has_rows = "NEW_ROW" in str(get("value_capture_type"))
            return Habit.WHOLE if has_rows else Habit.CHANGES_ONLY
        case str() as name if name in _WHOLE_ROWS:
            return Habit.WHOLE
        case _:
            return Habit.UNKNOWN


def doubt_about(
    node: AvroType, habit: Habit, *, unmarked: bool, is_named: bool = True
) -> DoubtKind | None:
    """Return how doubtful a null of this type is in an update; None if it is null for certain.

    `unmarked` is what a mapping says of the column: it may be left out, whatever its type. Where
    types are not named (`connect.meta.data=false`), `smallint[]` looks like `int[]`, a bit string
    like bytes: only the former of each has no marker.
    """
    match habit:
        case _ if unmarked or habit is Habit.CHANGES_ONLY:
            return DoubtKind.LEFT_OUT
        case Habit.WHOLE | Habit.MARKED:
            return None
        case Habit.TEXTS_NULLED:
            return DoubtKind.LEFT_OUT if _is_text(node) else None
        case Habit.TOASTED:
            return _toasted(node, is_named=is_named)
        case _:
            return _toasted(node, is_named=is_named) or DoubtKind.RARELY_LEFT_OUT


def _toasted(node: AvroType, *, is_named: bool) -> DoubtKind | None:
    match without_null(node):
        case Primitive(kind="bytes") | Fixed() as plain:
            is_known = is_named or plain.traits.connect_name is not None
            return _toasted_bytes(plain) if is_known else DoubtKind.LEFT_OUT
        case Array(items=items):
            is_marked = is_named and _are_marked(without_null(items))
            return None if is_marked else DoubtKind.LEFT_OUT
        case Struct() as struct:
            return _toasted_struct(struct.traits.connect_name or "")
        case None:  # several types: nobody knows which one it was
            return DoubtKind.LEFT_OUT
        case _:
            return None


def _toasted_bytes(node: Primitive | Fixed) -> DoubtKind | None:
    match node.traits.connect_name:
        case name if name == _DECIMAL:
            digits = node.traits.precision or 0
            return None if 0 < digits <= _MAX_UNMOVED_DIGITS else DoubtKind.RARELY_LEFT_OUT
        case name if name == _BITS:
            bits = node.traits.parameters.get("length", "")
            is_small = bits.isdecimal() and len(bits) < 4 and int(bits) <= _MAX_UNMOVED_BITS
            return None if is_small else DoubtKind.LEFT_OUT
        case _:
            return None


def _toasted_struct(connect_name: str) -> DoubtKind | None:
    if connect_name == _VARIABLE_SCALE:
        return DoubtKind.RARELY_LEFT_OUT
    if connect_name in _FIXED_WIDTH or connect_name.startswith(_TEMPORAL):
        return None
    return DoubtKind.LEFT_OUT


def _are_marked(items: AvroType | None) -> bool:
    match items:
        case Primitive(kind=kind, traits=traits):
            names = _MARKED_ITEMS.get(kind, frozenset())
            return traits.connect_name in names and traits.connect_type is None
        case Struct(fields=fields):  # a map with keys of any type
            return fields.keys() == {"key", "value"}
        case _:
            return False


def _is_text(node: AvroType) -> bool:
    """Return whether this may be `varchar(max)` or its like: a schema does not say how long."""
    match without_null(node):
        case Primitive(kind="string" | "bytes") | None:
            return True
        case _:
            return False


def _marks(version: Any) -> bool:
    """Return whether SQL Server's connector of this version marks what CDC left out."""
    found = _VERSION.match(version) if isinstance(version, str) else None
    return found is not None and (int(found[1]), int(found[2])) >= _SQL_SERVER_MARKS_SINCE
