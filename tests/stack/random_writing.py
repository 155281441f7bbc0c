"""Carries random transactions out in a database, and keeps count of what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.stack.databases import Session
from tests.stack.random_changes import RandomChanges
from tests.stack.random_columns import RandomTable
from tests.stack.row_changes import (
    Change,
    Delete,
    Insert,
    Key,
    Rekey,
    Savepoint,
    Transaction,
    Undo,
    Update,
)

Statement = tuple[str, Sequence[object]]


@dataclass(slots=True)
class Writer:
    """Writes through one connection, one transaction after the other."""

    tables: Sequence[RandomTable]
    changes: RandomChanges
    kinds: Counter[str] = field(default_factory=Counter)
    """Transactions by kind."""
    records: Counter[str] = field(default_factory=Counter)
    """By table, how many records Debezium must write for what was committed, if each came once."""
    lasting: set[object] = field(default_factory=set)
    """The versions that were committed …"""
    undone: set[object] = field(default_factory=set)
    """… and those that never were."""

    def write(self, session: Session) -> Transaction:
        """Draw one transaction and carry it out."""
        transaction = self.changes.draw()
        changes = transaction.changes
        if transaction.commits and len(changes) == 1:
            self._execute(session, changes)  # commits by itself
        else:
            session.execute("BEGIN")
            self._execute(session, changes)
            session.execute("COMMIT" if transaction.commits else "ROLLBACK")
        self.count(transaction)
        return transaction

    def _execute(self, session: Session, changes: Iterable[Change]) -> None:
        keys = {table.name: table.key_columns for table in self.tables}
        for change in changes:
            text, values = statement(change, keys)
            session.execute(text, *values)

    def count(self, transaction: Transaction) -> None:
        """Count one that was carried out."""
        lasting = transaction.lasting()
        self.kinds[transaction.kind] += 1
        for change in lasting:
            if not isinstance(change, Savepoint | Undo):
                self.records[change.table] += _records(change)
        kept = set(_versions(lasting))
        self.lasting |= kept
        self.undone |= set(_versions(transaction.changes)) - kept


def statement(change: Change, keys: dict[str, tuple[str, ...]]) -> Statement:
    """Return a change as SQL with `%s` for its values; all names in it are our own."""
    match change:
        case Insert(table, key, values):
            columns = (*keys[table], *values)
            marks = ", ".join(["%s"] * len(columns))
            text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
            return text, (*key, *values.values())
        case Update(table, rows, values):
            where, which = _where(keys[table], rows)
            text = f"UPDATE {table} SET {_set(values)} {where}"  # noqa: S608
            return text, (*values.values(), *which)
        case Rekey(table, old, new, values):
            where, which = _where(keys[table], (old,))
            text = f"UPDATE {table} SET {_set((*keys[table], *values))} {where}"  # noqa: S608
            return text, (*new, *values.values(), *which)
        case Delete(table, rows):
            where, which = _where(keys[table], rows)
            return f"DELETE FROM {table} {where}", which  # noqa: S608
        case Savepoint():
            return "SAVEPOINT here", ()
        case Undo():
            return "ROLLBACK TO SAVEPOINT here", ()


def _set(columns: Iterable[str]) -> str:
    return ", ".join(f"{name} = %s" for name in columns)


def _where(columns: Sequence[str], keys: Sequence[Key]) -> tuple[str, Sequence[object]]:
    one = f"({' AND '.join(f'{name} = %s' for name in columns)})"
    return f"WHERE {' OR '.join([one] * len(keys))}", [part for key in keys for part in key]


def _records(change: Insert | Update | Rekey | Delete) -> int:
    """Return how many records a change becomes: a delete is two, a changed key is three."""
    match change:
        case Insert():
            return 1
        case Update(keys=keys):
            return len(keys)
        case Rekey():
            return 3
        case Delete(keys=keys):
            return 2 * len(keys)


def _versions(changes: Iterable[Change]) -> Iterable[object]:
    for change in changes:
        if isinstance(change, Insert | Update | Rekey):
            yield change.values["version"]
