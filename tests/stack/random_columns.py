"""Tables whose rows are drawn: each column with its type, its values and what becomes of them.

What becomes of a value is written down from `docs/mapping.md` and `docs/types.md` once more, for
the value as a SELECT gives it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.stack.databases import Row
from tests.stack.places import Json, Part
from tests.stack.random_values import Draw
from tests.stack.row_changes import Key
from tests.stack.truth import Indexed, Item


def same(value: Any) -> Any:
    """Return what the SELECT gives."""
    return value


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table whose rows are drawn."""

    name: str
    type: str
    """As the database's DDL has it."""
    draw: Draw
    shown: Callable[[Any], object] = same
    """The field that a value of the SELECT becomes; as part of a key, its text in the id."""
    reads: object = None
    """How the mapping reads it into the field of its name, if not just by its name."""
    select: str = "{}"
    """How the SELECT asks for it."""
    indexed: bool = True
    """Whether the field is there."""


@dataclass(frozen=True, slots=True)
class RandomTable:
    """A table with an integer `version` beside its columns, by which every write is known."""

    name: str
    part: Part
    keys: Sequence[Column]
    columns: Sequence[Column]
    id: str
    """Template of the document id; the values of the keys stand for `{}` in order."""
    rows: int = 150
    """About how many rows it has at most."""
    where: str = ""
    """Which rows have an item."""
    mapping: Json = field(default_factory=dict)
    """What the mapping says besides the id and the fields."""
    more: Callable[[Row], Item] = lambda _row: {}
    """What an item has besides the id and the fields."""
    secured: bool = False

    def draw_key(self, chance: random.Random) -> Key:
        """Return a key."""
        return tuple(each.draw(chance) for each in self.keys)

    def draw_values(self, chance: random.Random) -> dict[str, object]:
        """Return a value for every column that is not part of the key."""
        return {each.name: each.draw(chance) for each in self.columns}

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Return the names of the key's columns."""
        return tuple(each.name for each in self.keys)

    def unsigned_in_snapshots(self) -> tuple[str, ...]:
        """Return the columns whose years before Christ a snapshot shows as years after it."""
        dates = [each.name for each in self.columns if each.type == "date"]
        return tuple(dates) if self.part is Part.POSTGRES else ()

    def creating(self) -> list[str]:
        """Return the statements that make it, with whole rows before each change."""
        columns = [f"{each.name} {each.type}" for each in (*self.keys, *self.columns)]
        columns += ["version bigint NOT NULL", f"PRIMARY KEY ({', '.join(self.key_columns)})"]
        statements = [f"CREATE TABLE {self.name} ({', '.join(columns)})"]
        if self.part is Part.POSTGRES:
            statements.append(f"ALTER TABLE {self.name} REPLICA IDENTITY FULL")
        return statements

    def indexed(self) -> Indexed:
        """Return how it is mapped and, apart from that, its items."""
        fields = {each.name: each.reads or each.name for each in self.columns if each.indexed}
        template = self.id.format(*(f"{{{name}}}" for name in self.key_columns))
        mapping = {"id": template, "fields": {**fields, "version": "version"}, **self.mapping}
        asked = [
            f"{each.select.format(each.name)} AS {each.name}"
            for each in (*self.keys, *self.columns)
        ]
        select = f"SELECT {', '.join(asked)}, version FROM {self.name} {self.where}"  # noqa: S608 - names of our own
        return Indexed(self.name, mapping, select, self._item, self.secured)

    def _item(self, row: Mapping[str, Any]) -> Item:
        fields = {each.name: each.shown(row[each.name]) for each in self.columns if each.indexed}
        key = self.id.format(*(each.shown(row[each.name]) for each in self.keys))
        return {"documentId": key, **fields, "version": row["version"], **self.more(dict(row))}
