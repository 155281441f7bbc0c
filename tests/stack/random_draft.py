"""A random transaction in the making: it knows which keys there are while its changes add up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Protocol

from tests.stack.row_changes import Change, Delete, Insert, Key, Rekey, Update, Values

_REMEMBERED: Final = 40
"""How many keys that went away are kept, to be given out again."""


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
