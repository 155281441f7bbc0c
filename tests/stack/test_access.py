"""Who may see an item is a part of it: columns of the row say so, on real events."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.databases import Row
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.truth import Indexed, Item

pytestmark = pytest.mark.stack

PARTS: Final = [
    pytest.param(Part.POSTGRES, id="PostgreSQL"),
    pytest.param(Part.MARIADB, id="MariaDB"),
]
_MEMOS: Final = (
    "CREATE TABLE memos (id int PRIMARY KEY, title varchar(100) NOT NULL, body {text},"
    " owner varchar(100), teams {text}, barred varchar(100), state varchar(20) NOT NULL)"
)


def _identity(name: str, kind: str) -> Item:
    return {"identity": name, "identityType": kind}


def _names(text: str | None) -> list[str]:
    """Return the names in a text, each once, in their order."""
    return list(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))


def _memo(row: Row) -> Item:
    allowed = [_identity(row["owner"], "User")] if row["owner"] else []
    allowed += [_identity(name, "Group") for name in _names(row["teams"])]
    denied = [_identity(row["barred"], "User")] if row["barred"] else []
    who: dict[str, Any] = {"allowedPermissions": allowed, "deniedPermissions": denied}
    nobody: dict[str, Any] = {"allowedPermissions": [], "deniedPermissions": []}
    return {
        "documentId": f"memo://memos/{row['id']}",
        "title": row["title"],
        "data": row["body"],
        "permissions": [{"allowAnonymous": False, **(who if allowed else nobody)}],
    }


MEMOS: Final = Indexed(
    table="memos",
    mapping={
        "id": "memo://memos/{id}",
        "when": 'row.state == "final"',
        "title": "title",
        "body": "body",
        "permissions": {
            "allowed": [
                {"type": "user", "column": "owner"},
                {"type": "group", "column": "teams", "split": ","},
            ],
            "denied": [{"type": "user", "column": "barred"}],
        },
    },
    select="SELECT * FROM memos WHERE state = 'final'",
    item=_memo,
    secured=True,
)
ROWS: Final = [
    (1, "ann's", "words", "ann", None, None, "final"),
    (2, "teams'", "words", None, "red, blue ,red", None, "final"),
    (3, "nobody's", "words", None, None, None, "final"),
    (4, "but not bob's", "words", None, "red", "bob", "final"),
    (5, "a draft", "words", "ann", None, None, "draft"),
    (6, "nobody's, for all that", "words", None, " , ", "bob", "final"),
    (7, "to be deleted", "words", "ann", None, None, "final"),
]
CHANGES: Final = (
    "UPDATE memos SET owner = NULL WHERE id = 1",
    "UPDATE memos SET teams = 'blue' WHERE id = 2",
    "UPDATE memos SET owner = 'Ünï', teams = 'a/b,c' WHERE id = 3",
    "UPDATE memos SET barred = 'eve' WHERE id = 4",
    "UPDATE memos SET state = 'final' WHERE id = 5",
    "UPDATE memos SET state = 'draft', owner = 'eve' WHERE id = 6",
    "DELETE FROM memos WHERE id = 7",
    "INSERT INTO memos VALUES (8, 'new', NULL, 'ann', 'red', 'bob', 'final')",
    "UPDATE memos SET id = 20, barred = 'ann' WHERE id = 2",
    "UPDATE memos SET title = 'nobody again', owner = NULL, teams = NULL WHERE id = 3",
)


def creating(part: Part) -> str:
    """Return the statement that makes the table."""
    return _MEMOS.format(text="text" if part is Part.POSTGRES else "longtext")


def fill(scene: Scene) -> None:
    """Insert the rows."""
    with scene.database.session() as session:
        for row in ROWS:
            session.execute("INSERT INTO memos VALUES (%s, %s, %s, %s, %s, %s, %s)", *row)


@pytest.mark.parametrize("part", PARTS)
def test_who_may_see_an_item_is_what_its_row_says(make_scene: SceneMaker, part: Part) -> None:
    """Narrowed, widened, emptied, moved: nobody may see more than the row grants, nor less."""
    scene = make_scene(part, MEMOS)
    scene.execute(creating(part))
    fill(scene)
    scene.begin()
    scene.assert_index_is_select()
    for statement in CHANGES:
        scene.execute(statement)
    scene.assert_index_is_select()
    scene.product.kill()
    scene.execute("UPDATE memos SET owner = 'zoe', barred = NULL", "DELETE FROM memos WHERE id = 5")
    scene.product.start()
    scene.assert_index_is_select()
    assert scene.product.dead_letters() == []


def test_an_item_whose_new_row_is_not_whole_disappears(make_scene: SceneMaker) -> None:
    """It may have been narrowed: on a secured target, what cannot be told is not shown."""
    scene = make_scene(Part.POSTGRES, MEMOS)
    scene.execute(
        creating(Part.POSTGRES),
        *(f"ALTER TABLE memos ALTER {each} SET STORAGE EXTERNAL" for each in ("body", "teams")),
    )
    fill(scene)
    scene.execute("UPDATE memos SET body = repeat('x', 9000) WHERE id IN (1, 2)")
    scene.execute("UPDATE memos SET teams = repeat('team,', 900) WHERE id = 4")
    scene.begin()
    scene.assert_index_is_select()
    assert len(scene.product.items(MEMOS)) == 6
    scene.execute("UPDATE memos SET owner = 'eve' WHERE id IN (1, 4)")
    scene.execute("UPDATE memos SET state = 'draft' WHERE id = 2")
    gone = {"memos": [f"missing: memo://memos/{number}" for number in (1, 4)]}
    wait_for(lambda: scene.differences() == gone, "both are gone, and nothing else")
    letters = [each["reason"] for each in scene.product.dead_letters()]
    assert letters == ["unavailable_value"] * 2
    scene.execute(
        "UPDATE memos SET body = 'short' WHERE id = 1", "UPDATE memos SET teams = 'x' WHERE id = 4"
    )
    scene.assert_index_is_select()
