"""Values of a new row that may not be the row's: nulls and defaults that stand in for others.

A null can stand for a large value that did not change, of a type for which the connector has no
marker; a default for null (reference `debezium.md` §0, §2.2, §3.1). Only who knows what a column is
for can decide what follows, so they are told, for the plan's strict columns. Imports the domain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from consumer.decode.avro_types import (
    Array,
    AvroType,
    Fixed,
    Primitive,
    Struct,
    Union,
    is_null,
    without_null,
)
from consumer.decode.readers import Doubts
from consumer.domain.events import ColumnPlan, Doubt, DoubtKind

FindDoubts: TypeAlias = Callable[[Mapping[str, Any], Any], Doubts]
"""Takes a new row and the `source` of its event, both as Avro gives them."""

SQL_SERVER: Final = "sqlserver"
_POSTGRESQL: Final = "postgresql"
_WHOLE_ROWS: Final = frozenset({"mysql", "mariadb", "oracle", "db2", "informix", "vitess"})
"""Connectors whose new rows are whole, or marked where they are not."""

_VERSION: Final = re.compile(r"(\d{1,4})\.(\d{1,4})\.", re.ASCII)
_SQL_SERVER_MARKS_SINCE: Final = (3, 6)
_DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"
_UNMARKED_BYTES: Final = frozenset({_DECIMAL, "io.debezium.data.Bits"})
_MARKED_ITEMS: Final[Mapping[str, frozenset[str | None]]] = {
    "string": frozenset({None, "io.debezium.data.Json", "io.debezium.data.Uuid"}),
    "bytes": frozenset({None}),
    "int": frozenset({None, "io.debezium.time.Date", "org.apache.kafka.connect.data.Date"}),
    "long": frozenset({None}),
}
"""Items of arrays for which PostgreSQL's connector has a marker, by their semantic names."""

_NONE: Final = Doubts()


@dataclass(frozen=True, slots=True)
class _Watched:
    """A strict column: what its schema says, and what the plan says of it."""

    name: str
    nullable: bool
    default: Any
    node: AvroType
    unmarked: bool


def finder(row: Struct, plan: ColumnPlan) -> FindDoubts:
    """Return a function that finds the doubts about rows of this struct."""
    watched = [
        _watched(row, name, unmarked=name in plan.unmarked)
        for name in plan.columns
        if name in plan.strict
    ]
    if not watched:
        return lambda _row, _source: _NONE

    def find(values: Mapping[str, Any], source: Any) -> Doubts:
        always, if_partial = list[Doubt](), list[Doubt]()
        for column in watched:
            kind = _kind(column, values[column.name])
            if kind is DoubtKind.DEFAULT and column.nullable:
                always.append(Doubt(column.name, kind))
            elif kind is not None and _is_left_out_bare(column, source):
                if_partial.append(Doubt(column.name, kind))
        return Doubts((*always,), (*if_partial,))

    return find


def _watched(row: Struct, name: str, *, unmarked: bool) -> _Watched:
    node = row.fields[name]
    nullable = isinstance(node, Union) and any(map(is_null, node.branches))
    return _Watched(name, nullable, row.defaults.get(name), node, unmarked)


def _kind(column: _Watched, raw: Any) -> DoubtKind | None:
    if raw is None:
        return DoubtKind.NULL
    if column.default is not None and _as_written(raw) == column.default:
        return DoubtKind.DEFAULT
    return None


def _is_left_out_bare(column: _Watched, source: Any) -> bool:
    """Return whether an event of this source may leave the column out without saying so.

    Of a connector that is not known nothing is believed.
    """
    get = source.get if isinstance(source, dict) else {}.get
    connector = get("connector")
    if connector in _WHOLE_ROWS:
        return False
    if column.unmarked:
        return True
    if connector == SQL_SERVER:
        return _is_text(column.node) and not _marks(get("version"))
    return connector != _POSTGRESQL or _is_large_and_unmarked(column.node)


def _is_large_and_unmarked(node: AvroType) -> bool:
    """Return whether PostgreSQL may store such a value apart and its connector has no marker."""
    match without_null(node):
        case Primitive(kind="bytes") | Fixed() as plain:
            return plain.traits.connect_name in _UNMARKED_BYTES
        case Array(items=items):
            return not _are_marked(without_null(items))
        case Struct() | None:
            return True
        case _:
            return False


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


def _as_written(raw: Any) -> Any:
    """Return a value as a schema writes it as a default: bytes are ISO-8859-1 text."""
    match raw:
        case bytes():
            return raw.decode("latin-1")
        case list():
            return [_as_written(each) for each in raw]
        case _:
            return raw
