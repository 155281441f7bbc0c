"""Snapshots by signal, while the rows that they read change."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.databases import Session
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.tables import STOCK, creating

pytestmark = pytest.mark.stack

PARTS: Final = [
    pytest.param(Part.POSTGRES, id="PostgreSQL"),
    pytest.param(Part.MARIADB, id="MariaDB"),
]
ROWS: Final = 2_000
_CHUNKS: Final = {"incremental.snapshot.chunk.size": 100}
SEED: Final = 20_240_229


@pytest.mark.parametrize("part", PARTS)
def test_a_snapshot_by_signal_brings_lost_items_back_while_rows_change(
    make_scene: SceneMaker, part: Part, record_property: Callable[[str, object], None]
) -> None:
    """It is the way to repair an index, so it must be right about rows that move meanwhile."""
    scene = make_scene(part, STOCK)
    scene.execute(*creating(part))
    with scene.database.session() as session, session.transaction():
        for number in range(ROWS):
            session.execute("INSERT INTO stock VALUES ('w', %s, %s)", f"{number}", number)
    scene.begin(_CHUNKS)
    scene.assert_index_is_select()
    for kind in ("incremental", "blocking"):
        before = reads(scene)
        lose_items(scene)
        changes = snapshot_while_rows_change(scene, kind)
        scene.wait_until_index_is_select()
        scene.assert_index_is_select()
        record_property(f"{kind}: changes meanwhile", changes)
        record_property(f"{kind}: rows read", reads(scene) - before)
        assert changes > 0
    assert scene.product.dead_letters() == []


def snapshot_while_rows_change(scene: Scene, kind: str) -> int:
    """Ask for a snapshot, change rows until half of it was read; return how many changes."""
    enough = reads(scene) + ROWS // 2
    with changing(scene, kind[0]) as changes:
        scene.signal(kind, "stock")
        wait_for(lambda: reads(scene) >= enough, f"the {kind} snapshot is under way")
    return len(changes)


def lose_items(scene: Scene) -> None:
    """Take every item out of the index, as somebody can who owns the source."""
    world = scene.product.index.world
    with world.lock:
        world.sources[scene.product.source(STOCK)].items.clear()


def reads(scene: Scene) -> int:
    """Return how many rows of snapshots the program has taken."""
    return int(scene.product.metric("cdc_events_total", event="read"))


@contextmanager
def changing(scene: Scene, name: str) -> Iterator[list[int]]:
    """Change rows all the time, in a thread of its own; give the numbers of the changes."""
    changes: list[int] = []
    over = threading.Event()

    def work() -> None:
        chance = random.Random(SEED)
        with scene.database.session() as session:
            while not over.is_set():
                change(session, chance, f"{name} {len(changes)}")
                changes.append(len(changes))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield changes
    finally:
        over.set()
        worker.join()


def change(session: Session, chance: random.Random, name: str) -> None:
    """Insert, update, delete, or give a row another key: any of it, anywhere in the table."""
    sku = f"{chance.randrange(ROWS)}"
    match chance.randrange(6):
        case 0:
            session.execute("DELETE FROM stock WHERE sku = %s", sku)
        case 1:
            session.execute("INSERT INTO stock VALUES ('w', %s, 1)", f"new {name}")
        case 2:
            moved = f"moved {name}"
            session.execute("UPDATE stock SET sku = %s WHERE sku = %s", moved, sku)
        case _:
            update = "UPDATE stock SET quantity = %s WHERE sku = %s"
            session.execute(update, chance.randrange(10**6), sku)
