"""Transactions drawn by a seeded generator that knows which keys there are, and nothing else.

Pure: it makes values, somebody else writes them. The same tables and the same seed give the same
transactions. What a row must become in the index is no concern of this module: it is read from the
database.

Left out is what `docs/delivery.md` says remains: ids over columns outside the key, and truncate.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Final

from tests.stack.random_draft import Draft, Keys, Shape
from tests.stack.row_changes import (
    Savepoint,
    Transaction,
    Undo,
)

_MOST_CHANGES: Final = 12
_MOST_ROWS: Final = 15


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
