"""The generator draws what it claims to draw. Needs no stack."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stack.places import Part
from tests.stack.random_changes import KINDS, RandomChanges
from tests.stack.random_tables import random_tables
from tests.stack.random_writing import Writer, statement
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

PARTS = [Part.POSTGRES, Part.MARIADB]
Rows = dict[tuple[str, Key], object]


class TinyDatabase:
    """Rows by table and key, each with its version; refuses what a database refuses."""

    def __init__(self) -> None:
        """Begin empty."""
        self.rows: Rows = {}
        self._saved: Rows = {}

    def carry_out(self, transaction: Transaction) -> None:
        """Change the rows; leave them as they were if it is rolled back."""
        before = dict(self.rows)
        for change in transaction.changes:
            self._one(change)
        if not transaction.commits:
            self.rows = before

    def _one(self, change: Change) -> None:
        match change:
            case Insert(table, key, values):
                assert (table, key) not in self.rows
                self.rows[table, key] = values["version"]
            case Update(table, keys, values):
                assert all((table, key) in self.rows for key in keys)
                self.rows |= {(table, key): values["version"] for key in keys}
            case Rekey(table, old, new, values):
                assert (table, new) not in self.rows
                del self.rows[table, old]
                self.rows[table, new] = values["version"]
            case Delete(table, keys):
                for key in keys:
                    del self.rows[table, key]
            case Savepoint():
                self._saved = dict(self.rows)
            case Undo():
                self.rows = self._saved


@given(seed=st.integers(0, 2**32), part=st.sampled_from(PARTS))
def test_no_transaction_is_refused_and_the_generator_knows_which_rows_there_are(
    seed: int, part: Part
) -> None:
    """A duplicate key would end a scenario; a key forgotten would never be changed again."""
    changes, database = RandomChanges(random_tables(part), seed), TinyDatabase()
    for _ in range(40):
        database.carry_out(changes.draw())
    known = {(name, key) for name, keys in changes.keys.items() for key in keys.live}
    assert known == database.rows.keys()
    assert len(known) == sum(len(keys.live) for keys in changes.keys.values())


@given(seed=st.integers(0, 2**32))
def test_what_lasts_of_a_transaction_leads_to_the_same_rows(seed: int) -> None:
    """It is what the expected number of records and the versions that may be shown are made of."""
    changes = RandomChanges(random_tables(Part.POSTGRES), seed)
    whole, lasting = TinyDatabase(), TinyDatabase()
    for _ in range(40):
        drawn = changes.draw()
        whole.carry_out(drawn)
        lasting.carry_out(Transaction(drawn.kind, drawn.lasting()))
    assert whole.rows == lasting.rows


@pytest.mark.parametrize("part", PARTS)
def test_the_same_seed_draws_the_same(part: Part) -> None:
    """A run that failed can be played again."""
    first, second = (RandomChanges(random_tables(part), 7) for _ in range(2))
    assert [first.draw() for _ in range(200)] == [second.draw() for _ in range(200)]
    assert (
        RandomChanges(random_tables(part), 8).draw() != RandomChanges(random_tables(part), 7).draw()
    )


def test_every_kind_is_drawn_and_the_tables_neither_empty_nor_grow_without_end() -> None:
    """A deadlock of the weights would make a scenario of inserts, or one of nothing."""
    tables = random_tables(Part.POSTGRES)
    changes = RandomChanges(tables, 1)
    kinds = Counter(changes.draw().kind for _ in range(2_000))
    assert kinds.keys() == KINDS.keys()
    for table in tables:
        assert table.rows / 4 < len(changes.keys[table.name].live) < 2 * table.rows


def test_versions_are_never_used_twice() -> None:
    """By them a push is known to be of one write, and a repeated one to be repeated."""
    changes = RandomChanges(random_tables(Part.POSTGRES), 3)
    drawn = [change for _ in range(500) for change in changes.draw().changes]
    versions = [c.values["version"] for c in drawn if isinstance(c, Insert | Update | Rekey)]
    assert len(versions) == len(set(versions))


@pytest.mark.parametrize("part", PARTS)
def test_changes_are_counted_as_the_records_that_debezium_writes(part: Part) -> None:
    """Insert 1, update 1 a row, delete 2, changed key 3; nothing for what is undone."""
    writer = Writer(random_tables(part), RandomChanges(random_tables(part), 1))
    changes = (
        Insert("notes", (1,), {"version": 1}),
        Savepoint(),
        Insert("notes", (2,), {"version": 2}),
        Undo(),
        Update("notes", ((1,),), {"version": 3}),
        Rekey("notes", (1,), (5,), {"version": 4}),
        Delete("notes", ((5,),)),
    )
    writer.count(Transaction("made up", changes))
    writer.count(Transaction("made up", changes, commits=False))
    assert writer.records == {"notes": 1 + 1 + 3 + 2}
    assert (writer.lasting, writer.undone - writer.lasting) == ({1, 3, 4}, {2})


def test_a_change_of_several_rows_is_one_statement() -> None:
    """Each row of a composite key is named whole."""
    change = Update("stock", (("a", 1), ("b", 2)), {"quantity": 3})
    text, values = statement(change, {"stock": ("place", "number")})
    where = "(place = %s AND number = %s) OR (place = %s AND number = %s)"
    assert text == f"UPDATE stock SET quantity = %s WHERE {where}"  # noqa: S608
    assert values == (3, "a", 1, "b", 2)


@pytest.mark.parametrize("part", PARTS)
def test_most_rows_have_something_extreme(part: Part) -> None:
    """Each column's pool is drawn from about as often as not, and null now and then."""
    things = next(table for table in random_tables(part) if table.name == "things")
    rows = [things.draw_values(random.Random(seed)) for seed in range(200)]
    for column in things.columns:
        drawn = [row[column.name] for row in rows]
        assert None in drawn
        assert len({repr(each) for each in drawn}) > 2
