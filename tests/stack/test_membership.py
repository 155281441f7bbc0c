"""The group on a real broker: members join, are killed, leave, by each protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.e2e.program import Program, wait_for
from tests.e2e.stage import changed, free_port
from tests.stack.conftest import SceneMaker
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.tables import STOCK, creating

pytestmark = pytest.mark.stack

_SESSION: Final = {"session.timeout.ms": 2_000, "heartbeat.interval.ms": 200}
PROTOCOLS: Final = {
    "classic": {"kafka.group_protocol": "classic", "kafka.settings": _SESSION},
    "eager": {
        "kafka.group_protocol": "classic",
        "kafka.settings": {**_SESSION, "partition.assignment.strategy": "range"},
    },
    "KIP-848": {"kafka.group_protocol": "consumer"},
}


def stocked(make_scene: SceneMaker, protocol: Mapping[str, Any]) -> Scene:
    """Make the scene with its empty table; nothing runs yet."""
    scene = make_scene(Part.POSTGRES, STOCK)
    changed(scene.product.configuration, protocol)
    scene.execute(*creating(Part.POSTGRES))
    return scene


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_partitions_go_from_member_to_member_and_the_index_follows_the_database(
    make_scene: SceneMaker, protocol: Mapping[str, Any]
) -> None:
    """A rollout, an eviction, a scale-down: none may lose, repeat for ever or stop anything."""
    scene = stocked(make_scene, protocol)
    fill(scene, 0)
    scene.begin()
    first = scene.product.program
    second = start_another(scene)
    wait_for(lambda: shared(first, second), "both have partitions")
    fill(scene, 1)
    scene.assert_index_is_select()
    first.kill()
    fill(scene, 2)
    scene.assert_index_is_select()
    third = start_another(scene)
    wait_for(lambda: shared(second, third), "both have partitions")
    assert second.stop() == 0
    fill(scene, 3)
    scene.assert_index_is_select()
    assert third.stop() == 0
    scene.assert_committed_to_the_ends()
    assert unwanted(second, third) == []


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_a_topic_that_comes_later_is_waited_for_and_then_read(
    make_scene: SceneMaker, protocol: Mapping[str, Any]
) -> None:
    """Debezium makes a topic with its table's first row; an empty table is no broken deployment."""
    scene = stocked(make_scene, protocol)
    scene.begin()
    program, topic = scene.product.program, scene.connector.topic("stock")
    wait_for(lambda: "no such topic yet" in str(program.stuck()), "it says what is missing")
    assert topic in str(program.stuck())
    fill(scene, 0)
    scene.assert_index_is_select()
    wait_for(lambda: program.stuck() == [], "nothing is missing any more")


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_a_member_for_which_no_partition_is_left_is_ready(
    make_scene: SceneMaker, protocol: Mapping[str, Any]
) -> None:
    """Otherwise a rollout that starts the new one first would wait for ever."""
    scene = stocked(make_scene, protocol)
    fill(scene, 0)
    scene.begin()
    members = [scene.product.program, *(start_another(scene) for _ in range(3))]
    wait_for(lambda: owned(*members) == [0, 1, 1, 1], "one has none")
    assert all(member.ready() for member in members)
    assert unwanted(*members) == []


def start_another(scene: Scene) -> Program:
    """Start one more member, with a port of its own."""
    changed(scene.product.configuration, {"server.port": free_port()})
    return scene.product.start()


def fill(scene: Scene, warehouse: int) -> None:
    """Write rows to all partitions."""
    with scene.database.session() as session, session.transaction():
        for number in range(300):
            values = (f"w{warehouse}", f"{number}", number)
            session.execute("INSERT INTO stock VALUES (%s, %s, %s)", *values)


def shared(first: Program, second: Program) -> bool:
    """Return whether the three partitions are with both members."""
    return owned(first, second) == [1, 2]


def owned(*programs: Program) -> list[int]:
    """Return how many partitions each member has, the fewest first."""
    return sorted(len(one.status().get("partitions", [])) for one in programs)


def unwanted(*programs: Program) -> list[str]:
    """Return the warnings and errors of members that nothing was done to."""
    lines = [line for one in programs for line in one.events()]
    bad = [line for line in lines if line["level"] not in {"info", "debug"}]
    return [f"{line['event']}: {line}" for line in bad]
