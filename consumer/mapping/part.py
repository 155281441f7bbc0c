"""Parts of a compiled mapping: which columns they read, and how they read them from a row.

Imports the domain only. A part is known before any topic is; binding it to a topic's plan turns
column names into positions, once, so that mapping a row looks nothing up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from consumer.domain.errors import PoisonError
from consumer.domain.events import UNAVAILABLE, Row, Value
from consumer.mapping.reasons import Reason

T = TypeVar("T")
S = TypeVar("S")

Read: TypeAlias = Callable[[Row], T]
"""Makes something of a row. Raises PoisonError when the row does not allow it, nothing else."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a part is bound to: the topic and the positions of the columns in its rows.

    Columns in `exact_index` are there twice: as fields want them, and as ids need them.
    """

    topic: str
    index: Mapping[str, int]
    exact_index: Mapping[str, int] = field(default_factory=dict)

    def exact(self, name: str) -> int:
        """Return where a column stands whose different values are different; in a key all are."""
        return self.exact_index[name] if name in self.exact_index else self.index[name]


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Something to make of a row, with the columns that it needs, some of them exactly."""

    columns: tuple[str, ...]
    bind: Callable[[Scope], Read[T]]
    exact_columns: tuple[str, ...] = ()


def constant(value: T) -> Part[T]:
    """Return the part that gives `value` for every row."""
    return Part((), lambda _scope: lambda _row: value)


def column(name: str) -> Part[Value]:
    """Return the part that reads a column; a value that was left out of the event is refused."""

    def bind(scope: Scope) -> Read[Value]:
        position = scope.index[name]

        def read(row: Row) -> Value:
            value = row[position]
            if lacks_something(value):
                raise unavailable(name)
            return value

        return read

    return Part((name,), bind)


def lacks_something(value: Value) -> bool:
    """Return whether it was left out, or a part of it, whichever part is asked for."""
    match value:
        case list():
            return any(map(lacks_something, value))
        case dict():
            return any(map(lacks_something, value.values()))
        case _:
            return value is UNAVAILABLE


def then(part: Part[S], step: Callable[[S], T]) -> Part[T]:
    """Return the part that applies `step` to what `part` gives."""

    def bind(scope: Scope) -> Read[T]:
        read = part.bind(scope)
        return lambda row: step(read(row))

    return Part(part.columns, bind, part.exact_columns)


def unavailable(name: str) -> PoisonError:
    """Return the error for a used column whose value the event does not carry."""
    return PoisonError(
        Reason.UNAVAILABLE_VALUE,
        f"column '{name}' is used by the mapping, but the event leaves its unchanged value out; "
        "give the table full row images (PostgreSQL: REPLICA IDENTITY FULL) or unmap the column",
    )
