"""Snapshot, then every kind of change of a row, through each converter and from each database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from tests.stack.conftest import SceneMaker
from tests.stack.converters import Converter
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.tables import ARTICLES, STOCK, creating

pytestmark = pytest.mark.stack

WAYS: Final = [
    pytest.param(Part.POSTGRES, Converter.APICURIO, id="PostgreSQL"),
    pytest.param(Part.POSTGRES, Converter.CONFLUENT, id="PostgreSQL-Confluent"),
    pytest.param(Part.MARIADB, Converter.APICURIO, id="MariaDB"),
    pytest.param(Part.MARIADB, Converter.CONFLUENT, id="MariaDB-Confluent"),
]

_ARTICLE: Final = (
    "INSERT INTO articles (id, title, body, state, price, views, featured, updated_at, stamp)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_NOON: Final = "2024-02-29 12:00:00.123456"
ROWS: Final[Sequence[tuple[object, ...]]] = [
    (1, "plain", "words", "shown", "12.50", 7, True, _NOON, b"\x00\xff"),
    (2, "nothing", None, "shown", None, None, None, None, None),
    (3, "empty", "", "shown", "0.00", 0, False, "1970-01-01 00:00:00", b""),
    (4, "Ünï — 日本 🎉 \u202e", "a\u0301 \u00e1 \ufeff", "shown", "-0.01", -1, True, _NOON, b"x"),
    (5, "large", "x" * 100_000, "shown", "9999999999.99", 2**53 + 1, True, _NOON, b"y" * 200),
    (6, "hidden", "secret", "hidden", "1.00", 1, True, _NOON, None),
]


@pytest.mark.parametrize(("part", "converter"), WAYS)
def test_the_index_is_the_database_after_the_snapshot_and_every_kind_of_change(
    make_scene: SceneMaker, part: Part, converter: Converter
) -> None:
    """The promise itself, on the real thing: nobody else's idea of an event is in between."""
    scene = make_scene(part, ARTICLES, STOCK, converter=converter)
    scene.execute(*creating(part))
    _fill(scene)
    scene.begin()
    scene.assert_index_is_select()
    _change(scene)
    scene.assert_index_is_select()
    _move(scene)
    scene.assert_index_is_select()
    assert scene.product.dead_letters() == []
    assert scene.product.stop() == 0
    scene.assert_committed_to_the_ends()


def _fill(scene: Scene) -> None:
    with scene.database.session() as session:
        for row in ROWS:
            session.execute(_ARTICLE, *row)
        for number in range(200):
            values = (f"w{number % 7}", f"sku/{number} ü", number)
            session.execute("INSERT INTO stock VALUES (%s, %s, %s)", *values)


def _change(scene: Scene) -> None:
    """Insert, update and delete; to null and back; into the filter and out of it; roll back."""
    scene.execute(
        "UPDATE articles SET title = 'changed', price = NULL, stamp = NULL WHERE id = 1",
        "UPDATE articles SET body = 'something', views = 5, featured = TRUE WHERE id = 2",
        "UPDATE articles SET state = 'hidden' WHERE id = 3",
        "UPDATE articles SET state = 'shown' WHERE id = 6",
        "UPDATE articles SET title = 'large, renamed' WHERE id = 5",
        "DELETE FROM articles WHERE id = 4",
        "UPDATE stock SET quantity = quantity + 1000",
        "DELETE FROM stock WHERE quantity < 1020",
    )
    with scene.database.session() as session:
        again = (4, "back", "deleted and inserted again", *ROWS[3][3:])
        session.execute(_ARTICLE, *again)
        for statement in ("BEGIN", "DELETE FROM articles", "DELETE FROM stock", "ROLLBACK"):
            session.execute(statement)


def _move(scene: Scene) -> None:
    """Keys change, are swapped, and are taken over by other rows, all in one transaction each."""
    with scene.database.session() as session:
        session.execute("UPDATE articles SET id = 100, title = 'moved' WHERE id = 1")
        with session.transaction():
            session.execute("UPDATE articles SET id = -1 WHERE id = 2")
            session.execute("UPDATE articles SET id = 2 WHERE id = 5")
            session.execute("UPDATE articles SET id = 5 WHERE id = -1")
        with session.transaction():
            session.execute("DELETE FROM articles WHERE id = 4")
            session.execute("UPDATE articles SET id = 4 WHERE id = 6")
        session.execute("UPDATE stock SET warehouse = 'w9' WHERE warehouse = 'w1'")
