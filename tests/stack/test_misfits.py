"""Changes of a table that no mapping can follow by itself: they hold, and say what to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.databases import Row
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.truth import Indexed, Item

pytestmark = pytest.mark.stack


def loud(title: object) -> Indexed:
    """Return a table with a generated column, which PostgreSQL has in snapshots only (≤ 17)."""

    def item(row: Row) -> Item:
        return {"documentId": f"m://loud/{row['id']}", "title": row["loud"]}

    return Indexed("loud", {"id": "m://loud/{id}", "title": title}, "SELECT * FROM loud", item)


def pages(document_id: str, made: Callable[[Row], str]) -> Indexed:
    """Return a table whose primary key gets a column more."""

    def item(row: Row) -> Item:
        return {"documentId": made(row), "title": row["title"]}

    mapping = {"id": document_id, "title": "title"}
    return Indexed("pages", mapping, "SELECT * FROM pages", item)


BEFORE: Final = (loud("loud"), pages("m://pages/{id}", lambda row: f"m://pages/{row['id']}"))
AFTER: Final = (
    loud({"expression": "row.quiet.upperAscii()"}),
    pages("m://pages/{id}/{lang}", lambda row: f"m://pages/{row['id']}/{row['lang']}"),
)
CREATING: Final = (
    """CREATE TABLE loud (id int PRIMARY KEY, quiet text NOT NULL,
    loud text GENERATED ALWAYS AS (upper(quiet)) STORED)""",
    "CREATE TABLE pages (id int PRIMARY KEY, lang text NOT NULL DEFAULT 'en', title text)",
    "INSERT INTO loud (id, quiet) SELECT n, 'word ' || n FROM generate_series(1, 20) AS n",
    "INSERT INTO pages (id, title) SELECT n, 'page ' || n FROM generate_series(1, 20) AS n",
)
CHANGES: Final = (
    "UPDATE loud SET quiet = 'another ' || quiet",
    "ALTER TABLE pages DROP CONSTRAINT pages_pkey",
    "ALTER TABLE pages ADD PRIMARY KEY (id, lang)",
    "UPDATE pages SET title = title || '!'",
    "INSERT INTO pages VALUES (1, 'fr', 'la page')",
    "DELETE FROM pages WHERE id = 3",
    "UPDATE pages SET id = 100 WHERE id = 4",
)


def test_another_key_and_a_generated_column_hold_until_the_mapping_fits(
    make_scene: SceneMaker,
) -> None:
    """Two rows would share an item, or a field be blanked: both cost somebody's decision."""
    scene = make_scene(Part.POSTGRES, *BEFORE)
    scene.execute(*CREATING)
    scene.begin()
    scene.assert_index_is_select()
    scene.execute(*CHANGES)
    scene.product.held("loud", "no column 'loud'", "correct the mapping", partitions=3)
    scene.product.held("pages", "key column 'lang' is not used", partitions=3)
    for table in AFTER:
        scene.product.remap(table)
    scene.product.restart()
    assert_only_old_ids_are_left(scene)


def assert_only_old_ids_are_left(scene: Scene) -> None:
    """See that rows under their new ids are right; nothing says that the old ids are over."""
    scene.connector.wait_until_caught_up()
    wait_for(lambda: not scene.product.uncommitted(), "everything is committed")
    lines = sorted(f"should not be there: m://pages/{number}" for number in range(1, 21))
    wait_for(lambda: scene.differences() == {"pages": lines}, "only the old ids are left over")
    assert scene.product.dead_letters() == []
