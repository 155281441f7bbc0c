"""Transactions drawn by a seeded generator that knows which keys there are, and nothing else.

Pure: it makes values, somebody else writes them. The same tables and the same seed give the same
transactions. What a row must become in the index is no concern of this module: it is read from the
database.

Left out is what `docs/delivery.md` says remains: ids over columns outside the key, and truncate.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Protocol

Key = tuple[object, ...]
Values = Mapping[str, object]

_REMEMBERED: Final = 40
"""How many keys that went away are kept, to be given out again."""
_MOST_CHANGES: Final = 12
_MOST_ROWS: Final = 15


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


class Shape(Protocol):
    """What the generator must know of a table."""

    @property
    def name(self) -> str:
        """Return its name."""
        ...

    @property
    def rows(self) -> int:
        """Return about how many rows it may have."""
        ...

    def draw_key(self, chance: random.Random) -> Key:
        """Return any key."""
        ...

    def draw_values(self, chance: random.Random) -> dict[str, object]:
        """Return a value for every column outside the key."""
        ...


@dataclass(slots=True)
class Keys:
    """The keys of one table: those that are there, and some that were."""

    live: list[Key] = field(default_factory=list)
    gone: list[Key] = field(default_factory=list)

    def copy(self) -> Keys:
        """Return a copy to go back to."""
        return Keys([*self.live], [*self.gone])

    def add(self, key: Key) -> None:
        """Note that a row came."""
        self.live.append(key)

    def remove(self, key: Key) -> None:
        """Note that a row went."""
        self.live.remove(key)
        self.gone = [*self.gone[-_REMEMBERED:], key]


class Draft:
    """A transaction in the making."""

    def __init__(
        self,
        chance: random.Random,
        shapes: Sequence[Shape],
        keys: dict[str, Keys],
        versions: count[int],
    ) -> None:
        """Change `keys` in place."""
        self.chance, self.shapes, self.keys, self._versions = chance, shapes, keys, versions
        self.changes: list[Change] = []

    def shape(self, rows: int = 0) -> Shape:
        """Return a table with at least so many rows; some are made where there are too few."""
        shape = self.chance.choice(self.shapes)
        while len(self.keys[shape.name].live) < rows:
            self.insert(shape)
        return shape

    def some(self, shape: Shape, number: int) -> list[Key]:
        """Return some keys of rows."""
        return self.chance.sample(self.keys[shape.name].live, number)

    def free(self, shape: Shape) -> Key:
        """Return a key that no row has, often one that a row had."""
        keys = self.keys[shape.name]
        if keys.gone and self.chance.random() < 0.4:
            key = self.chance.choice(keys.gone)
            if key not in keys.live:
                return key
        while (key := shape.draw_key(self.chance)) in keys.live:
            pass
        return key

    def near(self, shape: Shape, old: Key) -> Key:
        """Return a free key; of a composite one, parts may be the old ones."""
        pairs = zip(old, shape.draw_key(self.chance), strict=True)
        mixed = tuple(self.chance.choice(pair) for pair in pairs)
        return self.free(shape) if mixed in self.keys[shape.name].live else mixed

    def insert(self, shape: Shape, key: Key | None = None) -> Key:
        """Insert a row."""
        new = self.free(shape) if key is None else key
        self.keys[shape.name].add(new)
        self.changes.append(
            Insert(shape.name, new, self._versioned(shape.draw_values(self.chance)))
        )
        return new

    def update(self, shape: Shape, *keys: Key) -> None:
        """Update some columns, sometimes all, sometimes none but the version."""
        self.changes.append(Update(shape.name, keys, self._some_values(shape)))

    def rekey(self, shape: Shape, old: Key, new: Key) -> None:
        """Give a row another key."""
        self.keys[shape.name].remove(old)
        self.keys[shape.name].add(new)
        self.changes.append(Rekey(shape.name, old, new, self._some_values(shape)))

    def delete(self, shape: Shape, *keys: Key) -> None:
        """Delete rows."""
        for key in keys:
            self.keys[shape.name].remove(key)
        self.changes.append(Delete(shape.name, keys))

    def _some_values(self, shape: Shape) -> Values:
        drawn = shape.draw_values(self.chance)
        names = self.chance.sample(list(drawn), self.chance.randint(0, len(drawn)))
        return self._versioned({name: drawn[name] for name in names})

    def _versioned(self, values: Values) -> Values:
        return {**values, "version": next(self._versions)}


class RandomChanges:
    """Draws transactions without end."""

    def __init__(self, shapes: Sequence[Shape], seed: int) -> None:
        """Begin with empty tables."""
        self.keys = {shape.name: Keys() for shape in shapes}
        self._chance, self._shapes, self._versions = random.Random(seed), shapes, count(1)

    def draw(self) -> Transaction:
        """Return the next transaction. Its keys are free, or there, when it is carried out."""
        before = {name: keys.copy() for name, keys in self.keys.items()}
        draft = Draft(self._chance, self._shapes, self.keys, self._versions)
        kind = self._chance.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
        KINDS[kind][1](draft)
        commits = kind != "rolled back"
        if not commits:
            self.keys = before
        return Transaction(kind, tuple(draft.changes), commits)


def _insert(draft: Draft) -> None:
    draft.insert(draft.shape())


def _update(draft: Draft) -> None:
    shape = draft.shape(rows=1)
    draft.update(shape, *draft.some(shape, 1))


def _update_rows(draft: Draft) -> None:
    shape = draft.shape(rows=2)
    draft.update(shape, *draft.some(shape, _several(draft, shape)))


def _delete(draft: Draft) -> None:
    shape = draft.shape(rows=1)
    draft.delete(shape, *draft.some(shape, 1))


def _delete_rows(draft: Draft) -> None:
    shape = draft.shape(rows=2)
    draft.delete(shape, *draft.some(shape, _several(draft, shape)))


def _several(draft: Draft, shape: Shape) -> int:
    return draft.chance.randint(2, min(_MOST_ROWS, len(draft.keys[shape.name].live)))


def _even_out(draft: Draft) -> None:
    """Delete where there are many rows, insert where there are few: the tables keep their size."""
    for shape in draft.shapes:
        keys = draft.keys[shape.name].live
        if len(keys) > shape.rows:
            draft.delete(shape, *draft.some(shape, len(keys) - shape.rows))
        for _ in range(min(_MOST_ROWS, shape.rows // 2 - len(keys))):
            draft.insert(shape)
    if not draft.changes:
        _update(draft)


def _rekey(draft: Draft) -> None:
    shape = draft.shape(rows=1)
    (old,) = draft.some(shape, 1)
    draft.rekey(shape, old, draft.near(shape, old))


def _swap(draft: Draft) -> None:
    """Two rows exchange their keys, or three pass them round; a fourth key helps."""
    shape = draft.shape(rows=3)
    first, *others = draft.some(shape, draft.chance.choice((2, 2, 3)))
    spare = draft.free(shape)
    draft.rekey(shape, first, spare)
    hole = first
    for key in others:
        draft.rekey(shape, key, hole)
        hole = key
    draft.rekey(shape, spare, hole)


def _take_over(draft: Draft) -> None:
    """A row goes, and another one gets its key."""
    shape = draft.shape(rows=2)
    gone, moved = draft.some(shape, 2)
    draft.delete(shape, gone)
    draft.rekey(shape, moved, gone)


def _replace(draft: Draft) -> None:
    """A row goes, and a new one comes under its key."""
    shape = draft.shape(rows=1)
    (key,) = draft.some(shape, 1)
    draft.delete(shape, key)
    draft.insert(shape, key)


def _flash(draft: Draft) -> None:
    """A row comes and goes."""
    shape = draft.shape()
    draft.delete(shape, draft.insert(shape))


def _whole_life(draft: Draft) -> None:
    """A row comes, changes, gets another key and perhaps its old one back."""
    shape = draft.shape()
    key = draft.insert(shape)
    draft.update(shape, key)
    other = draft.near(shape, key)
    draft.rekey(shape, key, other)
    if draft.chance.random() < 0.5:
        draft.rekey(shape, other, key)


def _many(draft: Draft) -> None:
    """Changes of several tables."""
    parts = (_insert, _update, _update, _delete, _rekey, _replace, _swap)
    for _ in range(draft.chance.randint(2, _MOST_CHANGES)):
        draft.chance.choice(parts)(draft)


def _partly(draft: Draft) -> None:
    """Some changes last, those after a savepoint do not, and some more do."""
    _many(draft)
    before = {name: keys.copy() for name, keys in draft.keys.items()}
    draft.changes.append(Savepoint())
    _many(draft)
    draft.changes.append(Undo())
    draft.keys.update(before)
    _update(draft)


KINDS: Final[Mapping[str, tuple[int, Callable[[Draft], None]]]] = {
    "insert": (18, _insert),
    "update": (30, _update),
    "update of rows": (5, _update_rows),
    "delete": (7, _delete),
    "delete of rows": (1, _delete_rows),
    "evened out": (3, _even_out),
    "key changed": (8, _rekey),
    "keys swapped": (5, _swap),
    "key taken over": (4, _take_over),
    "row replaced": (4, _replace),
    "came and went": (3, _flash),
    "whole life": (3, _whole_life),
    "many changes": (6, _many),
    "partly rolled back": (3, _partly),
    "rolled back": (4, _many),
}
"""Kinds of transactions, each with its weight."""
