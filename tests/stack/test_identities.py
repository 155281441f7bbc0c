"""Tables without a usual primary key: none at all, or one in parts."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.databases import Row
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.truth import Indexed, Item, id_part

pytestmark = pytest.mark.stack


def _visit(row: Row) -> Item:
    where = f"{id_part(row['place'])}/{row['number']}"
    return {"documentId": f"v://visits/{where}", "title": row["title"], "data": row["body"]}


VISITS: Final = Indexed(
    table="visits",
    mapping={
        "id": "v://visits/{place}/{number}",
        "full_before_images": True,
        "title": "title",
        "body": "body",
    },
    select="SELECT * FROM visits",
    item=_visit,
)


def _order(row: Row) -> Item:
    return {"documentId": f"v://orders/{row['region']}/{row['id']}", "title": row["title"]}


ORDERS: Final = Indexed(
    table="orders",
    mapping={"id": "v://orders/{region}/{id}", "title": "title"},
    select="SELECT * FROM orders",
    item=_order,
)
CREATING: Final = (
    "CREATE TABLE visits (place text NOT NULL, number int NOT NULL, title text, body text)",
    "ALTER TABLE visits REPLICA IDENTITY FULL",
    """CREATE TABLE orders (id int, region text, title text, PRIMARY KEY (id, region))
    PARTITION BY LIST (region)""",
    "CREATE TABLE orders_eu PARTITION OF orders FOR VALUES IN ('eu')",
    "CREATE TABLE orders_us PARTITION OF orders FOR VALUES IN ('us')",
)
_FILL: Final = (
    "INSERT INTO visits SELECT 'a/b', n, 'visit ' || n, repeat('x', 400)"
    " FROM generate_series(%s::int, %s::int) AS n"
)
_CHANGES: Final = (
    "UPDATE visits SET title = 'changed' WHERE number % 5 = 0",
    "DELETE FROM visits WHERE number % 7 = 0",
    "UPDATE visits SET number = number + 10000 WHERE number % 11 = 0",
    "UPDATE visits SET place = 'ü' WHERE number % 13 = 0",
    "DELETE FROM visits WHERE number % 3 = 0",
)
ORDER_CHANGES: Final = (
    "INSERT INTO orders VALUES (1, 'eu', 'one'), (2, 'us', 'two'), (3, 'eu', 'three')",
    "UPDATE orders SET title = 'changed' WHERE id = 1",
    "UPDATE orders SET region = 'us' WHERE id = 1",
    "UPDATE orders SET id = 30 WHERE id = 3",
    "DELETE FROM orders WHERE id = 2",
    "UPDATE orders SET region = 'eu', title = 'there and back' WHERE id = 1",
    "CREATE TABLE orders_asia PARTITION OF orders FOR VALUES IN ('asia')",
    "INSERT INTO orders VALUES (4, 'asia', 'a partition that came later')",
)
ONE_PARTITION: Final = {
    "topic.creation.groups": "keyless",
    "topic.creation.keyless.include": r".*\.visits",
    "topic.creation.keyless.partitions": 1,
    "topic.creation.keyless.replication.factor": 1,
}
KEYED: Final = {"message.key.columns": r"(.*)\.visits:place,number"}
_ROOT: Final = {"publish.via.partition.root": "true"}


def _paper(row: Row) -> Item:
    return {"documentId": f"v://papers/{row['tenant']}/{row['id']}", "title": row["title"]}


PAPERS: Final = Indexed(
    table="papers",
    mapping={"id": "v://papers/{tenant}/{id}", "title": "title"},
    select="SELECT * FROM papers",
    item=_paper,
)
_PAPERS: Final = (
    """CREATE TABLE papers (tenant int, id int, slug text NOT NULL, title text NOT NULL,
    PRIMARY KEY (tenant, id))""",
    "CREATE UNIQUE INDEX papers_slug ON papers (tenant, slug)",
    "ALTER TABLE papers REPLICA IDENTITY USING INDEX papers_slug",
    "INSERT INTO papers SELECT 1, n, 'slug-' || n, 'paper ' || n FROM generate_series(0, 4) AS n",
)


def test_a_delete_whose_key_is_in_part_made_up_deletes_no_other_row(
    make_scene: SceneMaker,
) -> None:
    """The identity's index shares `tenant` with the primary key: `id` came as 0, a row's own."""
    scene = make_scene(Part.POSTGRES, PAPERS)
    scene.execute(*_PAPERS)
    scene.begin()
    scene.assert_index_is_select()
    scene.execute("DELETE FROM papers WHERE id = 3")
    scene.connector.wait_until_caught_up()
    wait_for(lambda: not scene.product.uncommitted(), "everything is committed")
    reasons = [letter["reason"] for letter in scene.product.dead_letters()]
    assert reasons == ["doubtful_key", "doubtful_key"]  # the delete and its tombstone
    assert scene.differences() == {"papers": ["should not be there: v://papers/1/3"]}


@pytest.mark.parametrize("settings", [ONE_PARTITION, KEYED], ids=["one partition", "keyed"])
def test_tables_without_a_primary_key_or_in_parts_are_indexed(
    make_scene: SceneMaker, settings: dict[str, Any]
) -> None:
    """Rows without a key have an order only in one partition, or by columns in its place."""
    scene = make_scene(Part.POSTGRES, VISITS, ORDERS)
    scene.execute(*CREATING, "INSERT INTO orders VALUES (0, 'eu', 'from the snapshot')")
    fill(scene, 1)
    scene.begin({**settings, **_ROOT})
    scene.assert_index_is_select()
    for round_number in range(5):
        fill(scene, 1_000 * (1 + round_number))
        scene.execute(*_CHANGES)
    scene.execute(*ORDER_CHANGES)
    scene.assert_index_is_select()
    assert scene.product.dead_letters() == []
    scene.execute("DROP TABLE orders_us, orders_asia")  # no record says so: the item stays
    scene.connector.wait_until_caught_up()
    wait_for(lambda: not scene.product.uncommitted(), "everything is committed")
    assert scene.differences() == {"orders": ["should not be there: v://orders/asia/4"]}


def test_changes_of_rows_without_a_key_hold_where_they_have_no_order(
    make_scene: SceneMaker,
) -> None:
    """With a topic's usual partitions the index was wrong, and nothing said so."""
    scene = make_scene(Part.POSTGRES, VISITS)
    scene.execute(*CREATING[:2])
    fill(scene, 1)
    scene.begin()
    scene.assert_index_is_select()
    fill(scene, 1_000)  # inserts alone need no order
    scene.assert_index_is_select()
    for number in range(20):
        fill(scene, 2_000 + 1_000 * number)
        scene.execute("UPDATE visits SET title = title || '!' WHERE number % 5 = 0")
    scene.product.held("visits", "mapping", "no key and lie in several partitions", partitions=3)
    assert scene.product.dead_letters() == []


def fill(scene: Scene, first: int) -> None:
    """Insert 300 rows."""
    with scene.database.session() as session:
        session.execute(_FILL, first, first + 299)
