"""Logs that change under their reader, on a real broker: told, and never passed over in silence."""

from __future__ import annotations

import re
import signal
import time
from typing import Final

import pytest

from emulator.faults import Status
from tests.e2e.program import Program, wait_for
from tests.e2e.stage import changed
from tests.stack.conftest import SceneMaker
from tests.stack.lost_records import lose_last_batches
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.tables import STOCK, creating

pytestmark = pytest.mark.stack

SOMEBODY_MUST_ACT: Final = 2
"""The exit code of whatever an operator must decide."""
_LATER_SECONDS: Final = 6.0
_ID: Final = re.compile(r"kafka\.topic_ids\.\S+ to (\S{22})")
_PROTOCOLS: Final = {
    "classic": {
        "kafka.group_protocol": "classic",
        "kafka.settings": {
            "session.timeout.ms": 6_000,
            "heartbeat.interval.ms": 500,
            "topic.metadata.refresh.interval.ms": 1_000,
        },
    },
    "KIP-848": {},
}


def filled(make_scene: SceneMaker, rows: int = 60) -> Scene:
    """Return a scene with a table of rows and its program, not started yet."""
    scene = make_scene(Part.POSTGRES, STOCK)
    scene.execute(*creating(Part.POSTGRES))
    with scene.database.session() as session:
        for number in range(rows):
            session.execute("INSERT INTO stock VALUES (%s, %s, %s)", "w", f"sku-{number}", 0)
    return scene


def touch(scene: Scene) -> None:
    """Change every row."""
    scene.execute("UPDATE stock SET quantity = quantity + 1")
    scene.connector.wait_until_caught_up()


def message(program: Program, event: str) -> str:
    """Return the message of the one line of this event."""
    (line,) = program.events(event)
    return str(line["message"])


def recreate(scene: Scene, topic: str, *, later: bool) -> None:
    """Delete a topic and create it anew, at once or when the program has long heard of it.

    Connect is away: its producer would bring the topic back by asking for it. We must not do so.
    """
    scene.stack.stop(Part.CONNECT)
    scene.topics.delete(topic)
    if later:
        time.sleep(_LATER_SECONDS)
        assert scene.topics.partitions(topic) == []
    scene.topics.create(topic)
    scene.stack.start(Part.CONNECT)
    scene.connector.wait_until_running()


def told(program: Program) -> set[str]:
    """Return the partitions of which it told that they were added."""
    return {str(line["about"]) for line in program.events("partition_added")}


@pytest.mark.parametrize("protocol", _PROTOCOLS.values(), ids=_PROTOCOLS)
@pytest.mark.parametrize("later", [False, True], ids=["at once", "later"])
def test_a_topic_created_anew_stops_the_program_until_its_id_is_named(
    make_scene: SceneMaker, protocol: dict[str, object], *, later: bool
) -> None:
    """Kafka forgets the commits with the topic: no restart may take the new one for an old one."""
    scene = filled(make_scene)
    changed(scene.product.configuration, protocol)
    scene.begin()
    scene.assert_index_is_select()
    topic = scene.connector.topic("stock")
    recreate(scene, topic, later=later)
    touch(scene)
    assert scene.product.program.wait() == SOMEBODY_MUST_ACT
    said = message(scene.product.program, "topic_created_anew")
    again = scene.product.launch()
    assert again.wait() == SOMEBODY_MUST_ACT
    assert message(again, "topic_created_anew") == said
    found = _ID.search(said)
    assert found is not None
    scene.product.configuration["kafka"]["topic_ids"] = {topic: found[1]}
    scene.product.start()
    scene.assert_index_is_select()
    assert scene.product.stop() == 0
    scene.product.start()
    touch(scene)
    scene.assert_index_is_select()
    assert scene.product.program.events("partitions_begun") == []


def test_a_topic_created_anew_while_nobody_reads_is_begun_aloud_and_stops_if_it_was_named(
    make_scene: SceneMaker,
) -> None:
    """Kafka has forgotten everything by then: only a name in the configuration still knows."""
    scene = filled(make_scene)
    scene.begin()
    scene.assert_index_is_select()
    topic = scene.connector.topic("stock")
    (begun,) = scene.product.program.events("partitions_begun")
    assert scene.product.stop() == 0
    recreate(scene, topic, later=False)
    touch(scene)
    scene.product.configuration["kafka"]["topic_ids"] = begun["topic_ids"]
    named = scene.product.launch()
    assert named.wait() == SOMEBODY_MUST_ACT
    assert "another one is meant" in message(named, "topic_created_anew")
    del scene.product.configuration["kafka"]["topic_ids"]
    scene.product.start()
    scene.assert_index_is_select()
    (again,) = scene.product.program.events("partitions_begun")
    assert again["topic_ids"][topic] != begun["topic_ids"][topic]


def test_retention_that_passed_the_commit_stops_the_start_before_anything_is_read(
    make_scene: SceneMaker,
) -> None:
    """Going on at the beginning of what is left would lose changes without a word."""
    scene = filled(make_scene)
    scene.begin()
    scene.assert_index_is_select()
    assert scene.product.stop() == 0
    topic = scene.connector.topic("stock")
    committed = scene.topics.committed(scene.product.group, topic)
    touch(scene)
    scene.topics.delete_records(topic)
    touch(scene)
    program = scene.product.launch()
    assert program.wait() == SOMEBODY_MUST_ACT
    lines = program.events("offset_outside_log")
    assert {line["topic"] for line in lines} == {topic}
    for line in lines:
        offset = committed[int(line["about"].rpartition("/")[2])].offset
        assert f"the next offset to read, {offset}, is before the log" in line["message"]
    assert program.events("batch_accepted") == []
    assert scene.topics.committed(scene.product.group, topic) == committed


def test_retention_that_passes_a_reader_stops_it(make_scene: SceneMaker) -> None:
    """The client is told `error`: it must not jump to either end by itself."""
    scene = filled(make_scene)
    scene.begin()
    scene.assert_index_is_select()
    program, topic = scene.product.program, scene.connector.topic("stock")
    program.signal(signal.Signals.SIGSTOP)
    for _ in range(3):
        touch(scene)
    scene.topics.delete_records(topic)
    touch(scene)
    program.signal(signal.Signals.SIGCONT)
    assert program.wait() == SOMEBODY_MUST_ACT
    (line, *_) = program.events("offset_outside_log")
    assert "is before the log, which holds" in line["message"]


def test_records_that_a_leader_lost_stop_the_next_start_though_the_log_has_grown_again(
    make_scene: SceneMaker,
) -> None:
    """Others have their offsets by then: the commit lies in the log as if nothing had happened."""
    scene = filled(make_scene)
    scene.begin()
    touch(scene)
    scene.assert_index_is_select()
    assert scene.product.stop() == 0
    topic = scene.connector.topic("stock")
    committed = scene.topics.committed(scene.product.group, topic)
    scene.stack.stop(Part.CONNECT)
    ends = lose_last_batches(scene.stack, topic)
    assert all(end < (committed[number].offset or 0) for number, end in enumerate(ends))
    scene.stack.start(Part.CONNECT)
    scene.connector.wait_until_running()
    for _ in range(3):
        touch(scene)
    assert all(
        end > (committed[number].offset or 0) for number, end in scene.topics.ends(topic).items()
    )
    program = scene.product.launch()
    assert program.wait() == SOMEBODY_MUST_ACT
    for line in program.events("offset_outside_log"):
        assert "is in a log that is not what was read" in line["message"]
    assert program.events("batch_accepted") == []
    after = scene.topics.committed(scene.product.group, topic)
    assert {n: c.offset for n, c in after.items()} == {n: c.offset for n, c in committed.items()}
    assert scene.product.launch().wait() == SOMEBODY_MUST_ACT


def test_an_added_partition_is_read_after_what_was_in_the_older_ones(
    make_scene: SceneMaker,
) -> None:
    """Half of the rows move: their newer state must not be pushed before their older one."""
    scene = filled(make_scene)
    scene.begin()
    scene.assert_index_is_select()
    program, topic = scene.product.program, scene.connector.topic("stock")
    scene.product.index.fault(Status(503))
    touch(scene)
    scene.topics.add_partitions(topic, 6)
    scene.connector.restart()  # its producer learns of new partitions within five minutes else
    touch(scene)
    added = {f"{topic}/{number}" for number in (3, 4, 5)}
    wait_for(lambda: told(program) == added, "all three are told")
    wait_for(lambda: "is settled to" in str(program.stuck("log of")), "they wait for the older")
    scene.product.index.heal()
    scene.assert_index_is_select()
    assert program.stuck() == []
    assert {one["what"] for one in program.status()["warnings"]} == {f"log of {a}" for a in added}
    hazards = f'cdc_log_hazards{{hazard="partition_added",topic="{topic}"}} 3.0'
    assert hazards in program.get("/metrics")[1]
    assert scene.product.stop() == 0
    assert scene.product.start().events("partition_added") == []


def test_a_compacted_topic_is_read_over_its_gaps_and_told_when_deletes_may_be_gone(
    make_scene: SceneMaker,
) -> None:
    """It keeps deletes for a second here; the program was away for longer."""
    scene = filled(make_scene)
    scene.begin()
    scene.assert_index_is_select()
    assert scene.product.stop() == 0
    topic = scene.connector.topic("stock")
    settings = {"delete_retention_ms": 1_000, "segment_ms": 100, "min_cleanable_dirty_ratio": 0.01}
    scene.topics.configure(topic, cleanup_policy="compact", **settings)
    for _ in range(3):
        touch(scene)
    ends = sum(scene.topics.ends(topic).values())
    wait_for(lambda: scene.topics.count(topic) < ends, "it is compacted", 120.0)
    program = scene.product.start()
    scene.assert_index_is_select()
    wait_for(lambda: program.events("deletes_may_be_missing"), "it is told")
    (warning,) = program.status()["warnings"]
    assert "is compacted and keeps deletes for 0.0 hours" in warning["why"]
