"""A table is emptied at one blow: Debezium says so once, in one partition, without a key."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.tables import ARTICLES, STOCK, creating

pytestmark = pytest.mark.stack

PARTS: Final = [
    pytest.param(Part.POSTGRES, id="PostgreSQL"),
    pytest.param(Part.MARIADB, id="MariaDB"),
]
IGNORING: Final = replace(STOCK, mapping={**STOCK.mapping, "on_truncate": "ignore"})


@pytest.mark.parametrize("part", PARTS)
def test_an_emptied_table_holds_until_somebody_has_decided(
    make_scene: SceneMaker, part: Part
) -> None:
    """Its items may be wanted or not; and whatever was decided, rows that came back are right."""
    scene = make_scene(part, STOCK, ARTICLES)
    scene.execute(*creating(part))
    reload(scene, 0)
    scene.begin()
    scene.assert_index_is_select()
    empty(scene)
    reload(scene, 1)
    at = only_truncate(scene)
    assert_it_holds(scene, at)
    scene.product.remap(IGNORING)
    scene.product.restart()
    scene.assert_index_is_select()
    empty(scene)
    reload(scene, 2)
    scene.assert_index_is_select()
    assert scene.product.metric("cdc_records_settled_total", reason="truncate_ignored") == 2
    assert scene.product.dead_letters() == []
    empty(scene)
    assert_items_stay(scene)


def reload(scene: Scene, quantity: int) -> None:
    """Insert the same rows as ever, in all partitions."""
    with scene.database.session() as session, session.transaction():
        for number in range(60):
            session.execute("INSERT INTO stock VALUES ('w', %s, %s)", f"{number}", quantity)


def empty(scene: Scene) -> None:
    """Truncate the table."""
    scene.execute("TRUNCATE TABLE stock")


def only_truncate(scene: Scene) -> tuple[str, int, int]:
    """Return where the one record without a key lies."""
    scene.connector.wait_until_caught_up()
    (record,) = (record for record in scene.records("stock") if record.key is None)
    assert record.value is not None
    return record.place


def assert_it_holds(scene: Scene, at: tuple[str, int, int]) -> None:
    """See that status and log name the decision, and that nothing behind it is committed."""
    topic, partition, offset = at
    said = scene.product.held("stock", "mapping", "was emptied (truncate)", "on_truncate: ignore")
    assert scene.product.source(STOCK) in said
    (event,) = [e for e in scene.product.program.events("partition_held") if e["wait"] == "mapping"]
    assert (event["partition"], "truncate" in event["detail"]) == (f"{topic}/{partition}", True)
    others = {name for name in scene.product.uncommitted() if name != f"{topic}/{partition}"}
    wait_for(lambda: scene.product.uncommitted().keys() == {f"{topic}/{partition}"}, f"{others}")
    assert scene.topics.committed(scene.product.group, topic)[partition].offset == offset
    scene.execute("INSERT INTO articles (id, title, state) VALUES (1, 'goes on', 'shown')")
    wait_for(lambda: scene.product.items(ARTICLES), "other tables go on")


def assert_items_stay(scene: Scene) -> None:
    """See that `ignore` deletes nothing, as documented, and that rows that come later are right."""
    scene.execute("INSERT INTO stock VALUES ('w', 'new', 9)")
    wait_for(lambda: "shop://stock/w/new" in scene.product.items(STOCK), "the new row")
    scene.connector.wait_until_caught_up()
    wait_for(lambda: not scene.product.uncommitted(), "everything is committed")
    lines = [f"should not be there: shop://stock/w/{number}" for number in range(60)]
    assert scene.differences() == {"stock": sorted(lines)}
