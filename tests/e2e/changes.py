"""Seeded row changes of two tables, and what they must lead to. The only source of truth here."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.e2e.index import Item
from tests.e2e.rows import READER_MARK, Row, Table, Written, partition_of, row
from tests.e2e.stage import document_id, expected_item


@dataclass(frozen=True, slots=True)
class State:
    """What an item became by one record; `version` is `None` where it is gone."""

    offset: int
    version: int | None


@dataclass(slots=True)
class Life:
    """All states of one document id, in the order of its partition."""

    partition: int
    states: list[State] = field(default_factory=list)

    def first_from(self, offset: int) -> int:
        """Return the index of the first state at or behind an offset."""
        return bisect_left(self.states, offset, key=lambda state: state.offset)

    def find(self, version: int | None, start: int) -> int | None:
        """Return the index of the first such state from `start` on."""
        found = (at for at in range(start, len(self.states)) if self.states[at].version == version)
        return next(found, None)


class Changes:
    """Inserts, updates, deletes, key changes and rows that turn invisible, without end."""

    def __init__(self, tables: Mapping[str, Table], seed: int, names: int = 60) -> None:
        """Write to these tables; each has at most `names` rows."""
        self._tables = tables
        self._names = names
        self._random = random.Random(seed)
        self._version = 0
        self.rows: dict[str, dict[str, Row]] = {name: {} for name in tables}
        self.lives: dict[str, dict[str, Life]] = {name: {} for name in tables}
        self.kinds: defaultdict[str, int] = defaultdict(int)

    @property
    def records(self) -> int:
        """Return how many records were written."""
        return sum(len(life.states) for lives in self.lives.values() for life in lives.values())

    def step(self) -> None:
        """Write one change of one row."""
        table = self._random.choice(list(self._tables))
        # Few rows change often: only those can be seen in a wrong order.
        number = min(self._random.randrange(self._names) for _ in range(2))
        name = f"row-{number}"
        old = self.rows[table].get(name)
        kind = "insert" if old is None else self._kind()
        self.kinds[kind] += 1
        if old is None:
            self._put(table, name, "c")
        elif kind == "delete":
            self._delete(table, name)
        elif kind == "move":
            self._move(table, name)
        else:
            self._put(table, name, "u", published=kind != "hide")

    def _kind(self) -> str:
        kinds = {"update": 70, "delete": 12, "move": 9, "hide": 9}
        return self._random.choices(list(kinds), list(kinds.values()))[0]

    def _new(self, name: str, *, published: bool = True) -> Row:
        self._version += 1
        reader = self._random.choice([None, *(f"{READER_MARK}-{n}@example.com" for n in range(3))])
        return row(name, self._version, published=published, reader=reader)

    def _put(self, table: str, name: str, op: str, *, published: bool = True) -> None:
        new = self._new(name, published=published)
        self.rows[table][name] = new
        self._note(table, new, self._tables[table].put(new, op), new["version"])

    def _delete(self, table: str, name: str) -> None:
        old = self.rows[table].pop(name)
        for written in self._tables[table].delete(old):
            self._note(table, old, written, None)

    def _move(self, table: str, name: str) -> None:
        """Change the key to one that is free, if there is one."""
        free = [f"row-{n}" for n in range(self._names) if f"row-{n}" not in self.rows[table]]
        if not free:
            self._delete(table, name)
            return
        old, new = self.rows[table].pop(name), self._new(self._random.choice(free))
        self.rows[table][new["id"].rpartition("nobody-may-log-")[2]] = new
        *deleted, inserted = self._tables[table].move(old, new)
        for written in deleted:
            self._note(table, old, written, None)
        self._note(table, new, inserted, new["version"])

    def _note(self, table: str, row: Row, written: Written, version: int | None) -> None:
        lives, name = self.lives[table], document_id(row)
        life = lives.setdefault(name, Life(partition_of(row["id"])))
        visible = version if row["published"] else None
        life.states.append(State(written.offset, visible))

    def truth(self, table: str) -> dict[str, Item]:
        """Return the index that the tables' present rows must have become."""
        return {
            document_id(row): expected_item(row, secured=table == "secured")
            for row in self.rows[table].values()
            if row["published"]
        }
