"""Planned columns of a struct → a row in the order of the plan. Imports the domain."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from consumer.decode.avro_types import AvroType, Struct
from consumer.decode.converters import AmbiguousTypeError, Converters
from consumer.decode.logical import Convert
from consumer.decode.unavailable import Marker
from consumer.domain.errors import ConfigError
from consumer.domain.events import Row
from consumer.domain.schemas import SchemaRef

ToRow: TypeAlias = Callable[[dict[str, Any]], Row]


def require_columns(struct: Struct, columns: Sequence[str], ref: SchemaRef) -> None:
    """Raise ConfigError naming every planned column that the struct lacks, with close matches."""
    missing = [column for column in columns if column not in struct.fields]
    if missing:
        known = [*struct.fields]
        wishes = "; ".join(_wish(column, known) for column in missing)
        message = (
            f"schema {ref} ({struct.name}): {wishes}; "
            "correct the mapping, or restore the column if it was dropped or renamed"
        )
        raise ConfigError(message)


def _wish(column: str, known: Collection[str]) -> str:
    matches = difflib.get_close_matches(column, known, n=3)
    hint = f" (did you mean {', '.join(map(repr, matches))}?)" if matches else ""
    return f"no column {column!r}{hint}"


def image_row(
    struct: Struct, columns: Sequence[str], converters: Converters, marker: Marker
) -> ToRow:
    """Return a function from a row image to its planned columns, markers recognised.

    Raises ConfigError for a column whose type has no one meaning, as `key_row` does.
    """

    def converter(column: str) -> Convert | None:
        node = struct.fields[column]
        return marker.unless_marked(node, _converter(converters, node, column))

    return _row(columns, [converter(column) for column in columns])


def key_row(struct: Struct, columns: Sequence[str], converters: Converters) -> ToRow:
    """Return a function from a key to its columns; a key is never TOASTed."""
    chosen = [_converter(converters, struct.fields[column], column) for column in columns]
    return _row(columns, chosen)


def bare_key_row(node: AvroType, column: str, converters: Converters) -> Callable[[Any], Row]:
    """Return a function from a key that is one bare value to a row of it."""
    convert = _converter(converters, node, column)
    return lambda value: (value if convert is None else convert(value),)


def _converter(converters: Converters, node: AvroType, column: str) -> Convert | None:
    try:
        return converters.of(node)
    except AmbiguousTypeError as ambiguous:
        message = f"column {column!r} is {ambiguous}; leave it out of the mapping"
        raise ConfigError(message) from None


def _row(columns: Sequence[str], converters: Sequence[Convert | None]) -> ToRow:
    pick = _picker(columns)
    steps = tuple((i, convert) for i, convert in enumerate(converters) if convert is not None)

    def to_row(struct: dict[str, Any]) -> Row:
        values = [*pick(struct)]
        for index, convert in steps:
            value = values[index]
            if value is not None:
                values[index] = convert(value)
        return tuple(values)

    return to_row


def _picker(columns: Sequence[str]) -> Callable[[dict[str, Any]], Sequence[Any]]:
    match columns:
        case []:
            return lambda _struct: ()
        case [column]:
            return lambda struct: (struct[column],)
        case _:
            return itemgetter(*columns)
