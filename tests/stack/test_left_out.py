"""PostgreSQL's default identity: updates leave large values out, as they did not change.

Until the rows last seen are kept, such an update is set aside. Which ones follows from what a test
did; all other rows are as the database has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.databases import Row
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.truth import Indexed, Item, base64_text, number

pytestmark = pytest.mark.stack


def _text(row: Row) -> Item:
    return {"documentId": f"kb://texts/{row['id']}", "title": row["title"], "data": row["body"]}


TEXTS: Final = Indexed(
    table="texts",
    mapping={
        "id": "kb://texts/{id}",
        "when": 'row.state != "hidden"',
        "title": "title",
        "body": "body",
    },
    select="SELECT * FROM texts WHERE state <> 'hidden'",
    item=_text,
)


def _place(row: Row) -> Item:
    return {
        "documentId": f"kb://places/{row['id']}",
        "title": row["title"],
        "hours": row["hours"],
        "days": row["days"],
        "tags": row["tags"],
        "amount": number(row["amount"]),
        "bounded": number(row["bounded"]),
        "scan": base64_text(row["scan"]),
    }


PLACES: Final = Indexed(
    table="places",
    mapping={
        "id": "kb://places/{id}",
        "never_left_out": ["days"],
        "title": "title",
        "fields": {
            **{name: name for name in ("hours", "days", "tags", "amount", "bounded")},
            "scan": {"column": "scan", "as": "base64"},
        },
    },
    select="SELECT * FROM places",
    item=_place,
)


def _shift(row: Row) -> Item:
    return {"documentId": f"kb://shifts/{row['id']}", "title": row["title"], "hours": row["hours"]}


SHIFTS: Final = Indexed(
    table="shifts",
    mapping={"id": "kb://shifts/{id}", "title": "title", "fields": {"hours": "hours"}},
    select="SELECT * FROM shifts",
    item=_shift,
)
_INDEXED: Final = (
    """CREATE TABLE shifts (id int PRIMARY KEY, team int NOT NULL, title text NOT NULL, note text,
    hours smallint[])""",
    "CREATE UNIQUE INDEX shifts_identity ON shifts (id, team)",
    "ALTER TABLE shifts REPLICA IDENTITY USING INDEX shifts_identity",
    "ALTER TABLE shifts ALTER hours SET STORAGE EXTERNAL",
    """INSERT INTO shifts SELECT n, 1, 'shift ' || n, 'note', CASE WHEN n < 3 THEN
    array_fill(7::smallint, '{3000}') END FROM generate_series(1, 4) AS n""",
)
_SHIFT_STEPS: Final[Sequence[tuple[str, Mapping[int, int]]]] = [
    ("UPDATE shifts SET team = 2 WHERE id IN (1, 3)", {1: 0, 3: 0}),
    ("UPDATE shifts SET title = 'changed' WHERE id = 2", {2: 0}),
]
CREATING: Final = (
    "CREATE TABLE texts (id int PRIMARY KEY, title text NOT NULL, body text, state text NOT NULL)",
    "ALTER TABLE texts ALTER body SET STORAGE EXTERNAL",
    """CREATE TABLE places (id int PRIMARY KEY, title text NOT NULL, hours smallint[],
    days smallint[], tags text[], amount numeric, bounded numeric(10, 2), scan bytea)""",
    *(
        f"ALTER TABLE places ALTER {column} SET STORAGE EXTERNAL"
        for column in ("hours", "tags", "scan")
    ),
)
_TEXTS: Final = (
    "INSERT INTO texts SELECT n, 'text ' || n, repeat('b', CASE WHEN n IN (3, 7) THEN 10 ELSE 9000"
    " END), 'shown' FROM generate_series(1, 12) AS n"
)
_PLACES: Final = (
    "INSERT INTO places SELECT n, 'place ' || n, '{1, 2}', '{3}', '{x}', 1.5, 2.5, '\\x00ff'"
    " FROM generate_series(1, 12) AS n"
)
_BIG_PLACES: Final = (
    "UPDATE places SET hours = array_fill(7::smallint, '{3000}') WHERE id = 2",
    "UPDATE places SET tags = array_fill('tag'::text, '{3000}') WHERE id = 3",
    "UPDATE places SET scan = decode(repeat('ab', 9000), 'hex') WHERE id = 4",
    "UPDATE places SET hours = NULL WHERE id = 5",
    "UPDATE places SET days = NULL, tags = NULL, scan = NULL, bounded = NULL WHERE id = 6",
    "UPDATE places SET amount = NULL WHERE id = 7",
    "UPDATE places SET hours = NULL WHERE id = 8",
)

Step = tuple[str, Mapping[int, int]]
"""A statement, and of which rows it is set aside: by key, which record of that key it is."""

TEXT_STEPS: Final[Sequence[Step]] = [
    ("UPDATE texts SET title = 'changed' WHERE id IN (1, 3)", {1: 0}),
    ("UPDATE texts SET title = 'changed', body = repeat('c', 9000) WHERE id = 2", {}),
    ("UPDATE texts SET title = 'changed' WHERE id = 4", {4: 0}),
    ("UPDATE texts SET body = repeat('d', 9000) WHERE id = 4", {}),
    ("DELETE FROM texts WHERE id = 5", {}),
    ("UPDATE texts SET id = 60 WHERE id = 6", {60: 0}),
    ("UPDATE texts SET id = 70 WHERE id = 7", {}),
    ("UPDATE texts SET title = 'soon gone' WHERE id = 8", {8: 0}),
    ("DELETE FROM texts WHERE id = 8", {}),
    ("UPDATE texts SET state = 'hidden' WHERE id IN (9, 10)", {}),
    ("UPDATE texts SET state = 'shown' WHERE id = 10", {10: 1}),
    ("UPDATE texts SET body = NULL WHERE id = 11", {}),
    ("UPDATE texts SET id = 120, body = repeat('e', 9000) WHERE id = 12", {}),
]
TEXT_DIFFERENCES: Final = [
    "missing: kb://texts/10",
    "missing: kb://texts/60",
    "kb://texts/1: title is 'text 1', the database says 'changed'",
]
PLACE_STEPS: Final[Sequence[Step]] = [
    ("UPDATE places SET title = 'small' WHERE id = 1", {}),
    ("UPDATE places SET title = 'unmarked' WHERE id = 2", {2: 0}),
    ("UPDATE places SET title = 'marked' WHERE id = 3", {3: 0}),
    ("UPDATE places SET title = 'marked' WHERE id = 4", {4: 0}),
    ("UPDATE places SET title = 'a null like 2' WHERE id = 5", {5: 0}),
    ("UPDATE places SET title = 'nulls that are certain' WHERE id = 6", {}),
    ("UPDATE places SET title = 'a null that is believed' WHERE id = 7", {}),
    ("DELETE FROM places WHERE id = 8", {}),
    ("UPDATE places SET hours = NULL WHERE id = 9", {9: 0}),
    ("UPDATE places SET id = 100 WHERE id = 10", {}),
]
PLACE_DIFFERENCES: Final = [
    "kb://places/2: title is 'place 2', the database says 'unmarked'",
    "kb://places/3: title is 'place 3', the database says 'marked'",
    "kb://places/4: title is 'place 4', the database says 'marked'",
    "kb://places/5: title is 'place 5', the database says 'a null like 2'",
    "kb://places/9: hours is [1, 2], the database says absent",
]


def test_exactly_the_updates_that_leave_something_out_are_set_aside(
    make_scene: SceneMaker, record_property: Callable[[str, object], None]
) -> None:
    """Never a marker, never a hole in an item; and never a letter too many."""
    scene = make_scene(Part.POSTGRES, TEXTS, PLACES)
    scene.execute(*CREATING, _TEXTS, _PLACES, *_BIG_PLACES)
    scene.begin()
    scene.assert_index_is_select()
    expected = [*run(scene, "texts", TEXT_STEPS), *run(scene, "places", PLACE_STEPS)]
    differences = {"texts": TEXT_DIFFERENCES, "places": PLACE_DIFFERENCES}
    wait_for(lambda: not scene.product.uncommitted(), "everything is committed")
    wait_for(lambda: scene.differences() == differences, f"not quite: {scene.differences()}")
    found = [letter_of(each) for each in scene.product.dead_letters()]
    assert sorted(found) == sorted(expected)
    record_property("letters", len(found))
    # `hours` of 2, 5, 9 are refused; `amount` of 7 is believed.
    assert scene.product.metric("cdc_values_doubtful_total", kind="left_out") == 3
    assert scene.product.metric("cdc_values_doubtful_total", kind="rarely_left_out") == 1
    mend(scene)


def test_the_columns_of_an_index_are_no_old_row(make_scene: SceneMaker) -> None:
    """They come as one, and `hours` was pushed as none; with the whole rows all is believed."""
    scene = make_scene(Part.POSTGRES, SHIFTS)
    scene.execute(*_INDEXED)
    scene.begin()
    scene.assert_index_is_select()
    expected = run(scene, "shifts", _SHIFT_STEPS)
    wait_for(lambda: not scene.product.uncommitted(), "everything is committed")
    assert sorted(letter_of(each) for each in scene.product.dead_letters()) == sorted(expected)
    assert scene.differences() == {
        "shifts": ["kb://shifts/2: title is 'shift 2', the database says 'changed'"]
    }
    scene.execute(
        "ALTER TABLE shifts REPLICA IDENTITY FULL",
        "UPDATE shifts SET team = 3",
        "UPDATE shifts SET hours = NULL WHERE id = 1",
    )
    scene.assert_index_is_select()
    assert len(scene.product.dead_letters()) == len(expected)


def run(scene: Scene, table: str, steps: Sequence[Step]) -> list[tuple[object, ...]]:
    """Run the steps; return where the records lie that must be set aside, each with its reason."""
    before = {each.place for each in scene.records(table)}
    for statement, _ in steps:
        scene.execute(statement)
    scene.connector.wait_until_caught_up()
    by_key = defaultdict(list)
    for record in scene.records(table):
        if record.place not in before and record.value is not None:
            by_key[record.key_number].append(record.place)
    places = [by_key[key][which] for _, aside in steps for key, which in aside.items()]
    return [(*place, "unavailable_value") for place in places]


def letter_of(letter: Mapping[str, object]) -> tuple[object, ...]:
    """Return where a dead letter's record lies, and its reason."""
    return letter["topic"], letter["partition"], letter["offset"], letter["reason"]


def mend(scene: Scene) -> None:
    """Send the rows that are not right once more, whole, as the runbook says."""
    letters = len(scene.product.dead_letters())
    scene.execute(
        "ALTER TABLE texts REPLICA IDENTITY FULL",
        "ALTER TABLE places REPLICA IDENTITY FULL",
        "UPDATE texts SET title = title || '!'",
        "UPDATE places SET title = title || '!'",
    )
    scene.assert_index_is_select()
    assert len(scene.product.dead_letters()) == letters
