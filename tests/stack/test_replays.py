"""What a killed connector sends again is counted, to the record, and changes nothing in the end."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Final

import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.tables import STOCK, creating

pytestmark = pytest.mark.stack

WRITERS: Final = 3
ROWS: Final = 2_000
"""Of each writer."""
KILLS: Final = 3


@pytest.mark.parametrize("part", [Part.POSTGRES, Part.MARIADB])
def test_what_connect_sends_again_after_a_kill_is_counted_to_the_record(
    make_scene: SceneMaker, part: Part, record_property: Callable[[str, object], None]
) -> None:
    """Transactions run side by side, so places go up and down; only what is repeated may count."""
    scene = make_scene(part, STOCK)
    scene.execute(*creating(part))
    scene.begin()
    written = kill_connect_while_writing(scene)
    scene.assert_index_is_select()
    repeated = told(scene) - written
    wait_for(lambda: counted(scene, "replayed_records") == repeated, f"{repeated} are counted")
    lines = scene.product.program.events("source_replayed")
    assert len(lines) == counted(scene, "replays")
    assert bool(repeated) == bool(lines)
    record_property(f"{part}: changes that came twice", f"{repeated} of {written}")


def kill_connect_while_writing(scene: Scene) -> int:
    """Write rows from several sessions, each in its own transactions; return how many."""
    writers = [threading.Thread(target=write, args=(scene, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(KILLS):
        began = told(scene)
        wait_for(lambda: told(scene) > began + 200, "it writes")  # noqa: B023 - within the turn
        scene.stack.kill(Part.CONNECT)
        scene.stack.start(Part.CONNECT)
    for writer in writers:
        writer.join()
    scene.connector.wait_until_running()
    return ROWS * WRITERS


def told(scene: Scene) -> int:
    """Return how many changes are in the topic."""
    return sum(scene.topics.ends(scene.connector.topic("stock")).values())


def write(scene: Scene, writer: int) -> None:
    """Insert rows, mostly one and sometimes thirty in a transaction, as two others do."""
    with scene.database.session() as session:
        number = 0
        while number < ROWS:
            many = 30 if number % 100 == 0 else 1
            with session.transaction():
                for one in range(number, min(ROWS, number + many)):
                    values = (f"w{writer}", f"{one}", one)
                    session.execute("INSERT INTO stock VALUES (%s, %s, %s)", *values)
            number += many


def counted(scene: Scene, what: str) -> int:
    """Return a counter of the program, all topics together."""
    text = scene.product.program.get("/metrics")[1]
    found = re.findall(rf"^cdc_source_{what}_total\{{.*\}} (\S+)$", text, re.MULTILINE)
    return int(sum(map(float, found)))
