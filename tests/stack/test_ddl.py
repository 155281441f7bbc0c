"""Tables change their shape while everything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.converters import Converter
from tests.stack.databases import Row
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.tables import STOCK, creating
from tests.stack.test_membership import owned, shared, start_another
from tests.stack.truth import Indexed, Item, number

pytestmark = pytest.mark.stack

WAYS: Final = [
    pytest.param(Part.POSTGRES, Converter.APICURIO, id="PostgreSQL"),
    pytest.param(Part.POSTGRES, Converter.CONFLUENT, id="PostgreSQL-Confluent"),
    pytest.param(Part.MARIADB, Converter.APICURIO, id="MariaDB"),
    pytest.param(Part.MARIADB, Converter.CONFLUENT, id="MariaDB-Confluent"),
]
PARTS: Final = [
    pytest.param(Part.POSTGRES, id="PostgreSQL"),
    pytest.param(Part.MARIADB, id="MariaDB"),
]
_PRODUCTS: Final = (
    "CREATE TABLE products (id int PRIMARY KEY, name varchar(100) NOT NULL, price numeric(8, 2),"
    " stock int, code varchar(10), maker varchar(50), note varchar(50))"
)
_WIDER: Final[Mapping[Part, Sequence[str]]] = {
    Part.POSTGRES: (
        "ALTER TABLE products ALTER COLUMN stock TYPE bigint",
        "ALTER TABLE products ALTER COLUMN code TYPE text",
        "ALTER TABLE products ALTER COLUMN price TYPE numeric(20, 4)",
    ),
    Part.MARIADB: (
        "ALTER TABLE products MODIFY stock bigint",
        "ALTER TABLE products MODIFY code longtext",
        "ALTER TABLE products MODIFY price numeric(20, 4)",
    ),
}
_INSERT: Final = "INSERT INTO products (id, name, price, stock, code) VALUES (%s, %s, %s, %s, %s)"


def products(title: str, *columns: str) -> Indexed:
    """Return the table, of which these columns are mapped."""

    def item(row: Row) -> Item:
        values = {name: row[name] for name in columns}
        numbers = {name: number(row[name]) for name in ("price", "stock", "rating") if name in row}
        return {
            "documentId": f"shop://products/{row['id']}",
            "title": row[title],
            **values,
            **{name: value for name, value in numbers.items() if name in columns},
        }

    mapping = {
        "id": "shop://products/{id}",
        "title": title,
        "fields": {name: name for name in columns},
    }
    return Indexed("products", mapping, "SELECT * FROM products", item)


FIRST: Final = products("name", "price", "stock", "code", "maker")
WITH_NEW: Final = products("name", "price", "stock", "code", "maker", "colour", "rating")
WITHOUT_MAKER: Final = products("name", "price", "stock", "code", "colour", "rating")
RENAMED: Final = products("label", "price", "stock", "code", "colour", "rating")


@pytest.mark.parametrize(("part", "converter"), WAYS)
def test_columns_are_added_dropped_renamed_and_widened_while_everything_runs(
    make_scene: SceneMaker, part: Part, converter: Converter
) -> None:
    """What a mapping does not use may change as it likes; what it uses must never be blanked."""
    scene = make_scene(part, FIRST, STOCK, converter=converter)
    scene.execute(*creating(part), _PRODUCTS)
    fill(scene, 1, "name")
    scene.begin()
    scene.assert_index_is_select()
    change_what_is_not_mapped(scene, part)
    map_what_was_added(scene)
    drop_what_is_mapped(scene)
    rename_while_it_is_down(scene)
    assert scene.product.dead_letters() == []
    assert scene.product.stop() == 0
    scene.assert_committed_to_the_ends()


def fill(scene: Scene, first: int, title: str) -> None:
    """Insert 50 rows and change most of those that are there."""
    insert = _INSERT.replace("name", title)
    with scene.database.session() as session:
        for n in range(first, first + 50):
            session.execute(insert, n, f"product {n}", f"{n}.50", n, f"c{n}")
        session.execute("UPDATE products SET stock = stock + 1 WHERE id % 3 > 0")
        session.execute("DELETE FROM products WHERE id % 10 = 9")


def change_what_is_not_mapped(scene: Scene, part: Part) -> None:
    """Add two columns, drop one, widen three, and use the room."""
    scene.execute(
        "ALTER TABLE products ADD COLUMN colour varchar(20)",
        "ALTER TABLE products ADD COLUMN rating int NOT NULL DEFAULT 3",
    )
    fill(scene, 101, "name")
    scene.execute("UPDATE products SET colour = 'red', rating = 5, maker = 'm' WHERE id < 20")
    scene.assert_index_is_select()
    scene.execute("ALTER TABLE products DROP COLUMN note", *_WIDER[part])
    fill(scene, 201, "name")
    with scene.database.session() as session:
        wide = (1_099_511_627_776, "x" * 5_000, "1234567890123456.7891")
        where = "UPDATE products SET stock = %s, code = %s, price = %s WHERE id < 10"
        session.execute(where, *wide)
        session.execute("UPDATE products SET stock = %s WHERE id = 2", 2**53 + 1)
    scene.assert_index_is_select()


def map_what_was_added(scene: Scene) -> None:
    """Rows that nobody changes say nothing of new columns: a snapshot by signal brings them."""
    scene.product.remap(WITH_NEW)
    scene.product.restart()
    scene.signal("incremental", "products")
    scene.wait_until_index_is_select()
    scene.assert_index_is_select()


def drop_what_is_mapped(scene: Scene) -> None:
    """The table must hold, other tables go on, and a mapping without the column loses nothing."""
    topic = scene.connector.topic("products")
    before = scene.topics.ends(topic)
    scene.execute("ALTER TABLE products DROP COLUMN maker")
    fill(scene, 301, "name")
    scene.execute("UPDATE products SET stock = 1", "INSERT INTO stock VALUES ('w', 'other', 1)")
    scene.product.held("products", "mapping", "no column 'maker'", "correct the mapping")
    wait_for(lambda: scene.product.items(STOCK), "other tables go on")
    scene.connector.wait_until_caught_up()
    assert committed(scene, topic) == before
    scene.product.remap(WITHOUT_MAKER)
    scene.product.restart()
    scene.assert_index_is_select()


def rename_while_it_is_down(scene: Scene) -> None:
    """Records from before and after need a mapping each; in whatever order, nothing is skipped."""
    assert scene.product.stop() == 0
    fill(scene, 401, "name")
    scene.execute("ALTER TABLE products RENAME COLUMN name TO label")
    fill(scene, 501, "label")
    scene.execute("UPDATE products SET stock = 2")
    scene.connector.wait_until_caught_up()
    for mapping, missing in ((RENAMED, "label"), (WITHOUT_MAKER, "name")):
        scene.product.remap(mapping)
        scene.product.start()
        scene.product.held("products", "mapping", f"no column '{missing}'", partitions=3)
        assert scene.product.stop() == 0
    scene.product.remap(RENAMED)
    scene.product.start()
    scene.assert_index_is_select()


def committed(scene: Scene, topic: str) -> dict[int, int | None]:
    """Return the group's next offsets."""
    found = scene.topics.committed(scene.product.group, topic)
    return {each: one.offset for each, one in found.items()}


def tenants(scene: Scene, *tables: str) -> Indexed:
    """Return tables that one pattern maps, as one."""
    prefix = scene.connector.topic("tenant_")
    pattern = prefix.replace(".", r"\.") + "[a-z]+"

    def item(row: Row) -> Item:
        topic = scene.connector.topic(row["tenant"])
        return {"documentId": f"t://{topic}/{row['id']}", "title": row["title"]}

    selects = (f"SELECT '{name}' AS tenant, id, title FROM {name}" for name in tables)  # noqa: S608
    mapping: dict[str, Any] = {
        "topics": {"pattern": pattern},
        "id": "t://{$topic}/{id}",
        "title": "title",
    }
    return Indexed("tenant_a", mapping, " UNION ALL ".join(selects), item)


_TENANT: Final = "CREATE TABLE {} (id int PRIMARY KEY, title varchar(50))"
_NOTE: Final = "INSERT INTO {} VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four')"


@pytest.mark.parametrize("part", PARTS)
def test_a_table_that_is_created_later_is_read_where_a_pattern_names_it(
    make_scene: SceneMaker, part: Part
) -> None:
    """A tenant more is daily business: nobody restarts anything for it."""
    scene = make_scene(part)
    scene.product.add(tenants(scene, "tenant_a"))
    scene.execute(_TENANT.format("tenant_a"), _NOTE.format("tenant_a"))
    scene.begin()
    scene.assert_index_is_select()
    scene.execute(_TENANT.format("tenant_b"), *published(scene, "tenant_b"))
    scene.execute(_NOTE.format("tenant_b"), "UPDATE tenant_b SET title = 'changed' WHERE id = 2")
    scene.execute("DELETE FROM tenant_b WHERE id = 3", "DELETE FROM tenant_a WHERE id = 3")
    scene.product.indexed[0] = tenants(scene, "tenant_a", "tenant_b")
    scene.wait_until_index_is_select()
    scene.assert_index_is_select()
    assert len(scene.product.programs) == 1
    assert scene.product.dead_letters() == []


def published(scene: Scene, table: str) -> list[str]:
    """Return what makes a new table part of what a connector reads.

    Debezium makes a `filtered` publication of the tables that are there when it starts.
    """
    if scene.database.part is Part.MARIADB:
        return []
    return [f"ALTER PUBLICATION {scene.connector.name} ADD TABLE {table}"]


def test_two_members_share_a_table_that_changes_its_shape(make_scene: SceneMaker) -> None:
    """Each finds out by itself, at its own record; neither may stop or blank anything."""
    scene = make_scene(Part.POSTGRES, FIRST)
    scene.execute(_PRODUCTS)
    fill(scene, 1, "name")
    scene.begin()
    first = scene.product.program
    second = start_another(scene)
    wait_for(lambda: shared(first, second), "both have partitions")
    change_what_is_not_mapped(scene, Part.POSTGRES)
    assert owned(first, second) == [1, 2]
    scene.execute("ALTER TABLE products DROP COLUMN maker", "UPDATE products SET stock = 2")
    held: Callable[[], bool] = lambda: all(each.stuck("partition") for each in (first, second))  # noqa: E731
    wait_for(held, "both hold what they have")
    assert [each.stop() for each in (first, second)] == [0, 0]
    scene.product.remap(products("name", "price", "stock", "code"))
    third, fourth = scene.product.start(), start_another(scene)
    wait_for(lambda: shared(third, fourth), "both have partitions")
    scene.assert_index_is_select()
    assert scene.product.dead_letters() == []
