"""Changes of rows and the transactions they make, as values. Imports the standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Key = tuple[object, ...]
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Insert:
    """A new row."""

    table: str
    key: Key
    values: Values


@dataclass(frozen=True, slots=True)
class Update:
    """Some columns of some rows, in one statement."""

    table: str
    keys: tuple[Key, ...]
    values: Values


@dataclass(frozen=True, slots=True)
class Rekey:
    """A row gets another key, which no row has, and other values in some columns."""

    table: str
    old: Key
    new: Key
    values: Values


@dataclass(frozen=True, slots=True)
class Delete:
    """Some rows, in one statement."""

    table: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Savepoint:
    """Where `Undo` goes back to."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Everything since the savepoint is undone, the transaction goes on."""


Change = Insert | Update | Rekey | Delete | Savepoint | Undo


@dataclass(frozen=True, slots=True)
class Transaction:
    """Changes that take effect together, or not at all."""

    kind: str
    changes: tuple[Change, ...]
    commits: bool = True

    def lasting(self) -> tuple[Change, ...]:
        """Return the changes that are not undone."""
        kept: list[Change] = []
        start = 0
        for change in self.changes:
            match change:
                case Savepoint():
                    start = len(kept)
                case Undo():
                    del kept[start:]
                case _:
                    kept.append(change)
        return tuple(kept) if self.commits else ()
