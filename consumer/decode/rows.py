"""Planned columns of a struct → a row in the order of the plan. Imports the domain."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any, Final, TypeAlias

from consumer.decode.avro_types import AvroType, Struct
from consumer.decode.converters import AmbiguousTypeError, Converters
from consumer.decode.logical_type import Convert
from consumer.decode.unavailable import Marker
from consumer.domain.errors import ConfigError
from consumer.domain.events import ColumnPlan, Row
from consumer.domain.schemas import SchemaRef

ToRow: TypeAlias = Callable[[dict[str, Any]], Row]

_MAX_SHOWN: Final = 120
_MAX_LISTED: Final = 50
"""Characters of a name, and names, in a message: a schema may hold two million of either."""
_MAX_COMPARED: Final = 500
"""Names that a missing one is compared with: 30 with 300,000 took 86 s, at each try again."""


def require_columns(struct: Struct, columns: Sequence[str], ref: SchemaRef) -> None:
    """Raise ConfigError naming every planned column that the struct lacks, with close matches."""
    require_names(struct.fields, columns, f"schema {ref} ({plain(struct.name)})")


def require_names(known: Collection[str], columns: Sequence[str], what: str) -> None:
    """Raise ConfigError naming every planned column that is not known in `what`."""
    missing = [each for each in dict.fromkeys(columns) if each not in known]
    if missing:
        wishes = "; ".join(_wish(column, known) for column in missing)
        message = (
            f"{what}: {wishes}; "
            "correct the mapping. A record that was written without the column stays so, also "
            "where the column comes back"
        )
        raise ConfigError(message)


def _wish(column: str, known: Collection[str]) -> str:
    compared = [*itertools.islice(known, _MAX_COMPARED)]
    matches = difflib.get_close_matches(column, compared, n=3)
    hint = f" (did you mean {names(matches)}?)" if matches else ""
    return f"no column {names([column])}{hint}"


def plain(name: str) -> str:
    """Return a name out of a schema, which may hold anything, as a message can show it."""
    shown = repr(name)[1:-1]
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…"


def names(columns: Iterable[str]) -> str:
    """Return names out of a schema or a plan as a message can list them."""
    listed = [f"'{plain(column)}'" for column in itertools.islice(columns, _MAX_LISTED + 1)]
    return ", ".join([*listed[:_MAX_LISTED], *["…"][: len(listed) - _MAX_LISTED]])


def image_row(
    struct: Struct, plan: ColumnPlan, tools: tuple[Converters, Converters], marker: Marker
) -> ToRow:
    """Return a function from a row image to its planned columns, markers recognised.

    The second of the converters is for the exact columns. Raises ConfigError for a column whose
    type has no one meaning, as `key_row` does.
    """
    usual, exact = tools
    chosen = [(column, usual) for column in plan.columns]
    chosen += [(column, exact) for column in plan.exact_columns]
    converters = [_converter(each, struct.fields[name], name, marker) for name, each in chosen]
    return _row([column for column, _ in chosen], converters)


def key_row(
    struct: Struct, columns: Sequence[str], converters: Converters, marker: Marker
) -> ToRow:
    """Return a function from a key to its columns.

    Primary keys are never left out, but `message.key.columns` can make any column a key's.
    """
    chosen = [_converter(converters, struct.fields[name], name, marker) for name in columns]
    return _row(columns, chosen)


def bare_key_row(
    node: AvroType, column: str, converters: Converters, marker: Marker
) -> Callable[[Any], Row]:
    """Return a function from a key that is one bare value to a row of it."""
    convert = _converter(converters, node, column, marker)
    return lambda value: (value if convert is None else convert(value),)


def _converter(
    converters: Converters, node: AvroType, column: str, marker: Marker
) -> Convert | None:
    try:
        return marker.unless_marked(node, converters.of(node))
    except AmbiguousTypeError as ambiguous:
        message = f"column {names([column])} is {ambiguous}; leave it out of the mapping"
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
