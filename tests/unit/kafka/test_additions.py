"""Partitions that a topic got later wait for the older ones, whose records are older."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consumer.domain.errors import RetryableError
from consumer.domain.hazards import Hazard, HazardKind
from consumer.domain.records import TopicPartition
from consumer.kafka.additions import SWITCH_SECONDS
from consumer.kafka.positions import Rules
from consumer.kafka.starts import Start
from tests.unit.kafka.scripted_cluster import TPS, A, B, ScriptedCluster

if TYPE_CHECKING:
    from consumer.kafka.positions import ClusterPositions

ADDED = TPS[2]


@pytest.fixture
def cluster() -> ScriptedCluster:
    """Give a topic that had two partitions, read to their ends, and has four by now."""
    cluster = ScriptedCluster()
    cluster.topics.partitions = 4
    for tp in (A, B):
        cluster.offsets[tp], cluster.notes[tp] = 9, "v1 open topic=id-1 partitions=2"
    return cluster


def held(positions: ClusterPositions, tp: TopicPartition = ADDED) -> str | None:
    """Ask once; return why it is held, or `None`."""
    resolution = positions.resolve([tp], 1.0)
    error = resolution.held.get(tp)
    assert error is None or isinstance(error, RetryableError)
    return None if error is None else str(error)


def hazard(positions: ClusterPositions) -> Hazard:
    """Return the one that there is."""
    (found,) = positions.hazards()
    assert found.kind is HazardKind.PARTITION_ADDED
    return found


def test_an_added_partition_waits_until_the_older_ones_are_settled(
    cluster: ScriptedCluster,
) -> None:
    """Else a delete in the new one would be pushed before an older upsert of the same row."""
    positions = cluster.positions()
    cluster.offsets[B] = 5
    assert held(positions) is not None
    cluster.now += SWITCH_SECONDS
    assert held(positions) == "t/2: it waits for the older ones: t/1 is settled to 5 of 9"
    assert hazard(positions).holds
    cluster.offsets[B] = 9
    assert held(positions) is None
    assert hazard(positions).why.endswith("it is read, the older ones were first")
    assert not hazard(positions).holds


def test_what_the_older_ones_get_later_is_not_waited_for(cluster: ScriptedCluster) -> None:
    """By then the producer writes by the new count; else it would never end."""
    positions = cluster.positions()
    held(positions)
    cluster.now += SWITCH_SECONDS
    cluster.offsets[A] = 8
    assert held(positions) is not None
    cluster.logs[A] = (0, 500)
    cluster.offsets[A] = 9
    assert held(positions) is None


def test_the_ends_are_looked_at_after_its_first_record_not_before(cluster: ScriptedCluster) -> None:
    """Until then the producer may not know of it, and writes its keys to the older ones."""
    positions = cluster.positions()
    cluster.logs[ADDED] = (0, 0)
    cluster.now += 10 * SWITCH_SECONDS
    assert held(positions) == "t/2: it has no record yet"
    assert not hazard(positions).holds
    cluster.logs[ADDED] = (0, 1)
    cluster.logs[A] = (0, 20)
    assert held(positions) is not None
    cluster.now += SWITCH_SECONDS
    assert "t/0 is settled to 9 of 20" in (held(positions) or "")


def test_it_then_starts_at_its_beginning_whatever_start_says(cluster: ScriptedCluster) -> None:
    """What was written before we heard of it is a change like any other."""
    positions = cluster.positions(Rules(Start.LATEST))
    held(positions)
    cluster.now += SWITCH_SECONDS
    (start,) = positions.resolve([ADDED], 1.0).ready
    assert (start.next_offset, start.begun, start.incarnation.partitions) == (0, True, 4)


def test_partitions_of_a_first_start_are_not_added(cluster: ScriptedCluster) -> None:
    """Another member may have committed its share a moment before."""
    cluster.notes = dict.fromkeys((A, B), "v1 open topic=id-1 partitions=4")
    positions = cluster.positions()
    assert held(positions) is None
    assert positions.hazards() == []


def test_commits_of_earlier_versions_say_nothing_of_it(cluster: ScriptedCluster) -> None:
    """Then a partition without a commit beside some that have one counts as added."""
    cluster.notes = dict.fromkeys((A, B), "open")
    positions = cluster.positions()
    assert held(positions) is not None
    assert "had 2 partitions and has 4 now" in hazard(positions).why


def test_a_count_that_is_no_multiple_is_told(cluster: ScriptedCluster) -> None:
    """Keys then move between the older ones as well; nothing can hold these against each other."""
    cluster.topics.partitions = 3
    positions = cluster.positions()
    held(positions)
    assert "no multiple" in hazard(positions).why
    cluster.topics.partitions = 4
    again = cluster.positions()
    held(again)
    assert "no multiple" not in hazard(again).why


def test_an_end_that_is_not_told_keeps_it_waiting(cluster: ScriptedCluster) -> None:
    """A guess would let older states through."""
    positions = cluster.positions()
    held(positions)
    cluster.now += SWITCH_SECONDS
    cluster.topics.ends_trouble = RetryableError("no answer")
    assert held(positions) == "no answer"
    cluster.topics.ends_trouble = None
    assert held(positions) is None


def test_commits_of_a_former_topic_do_not_make_partitions_added(cluster: ScriptedCluster) -> None:
    """A topic created anew begins with as many as it has."""
    cluster.topics.topic_id = "id-2"
    positions = cluster.positions(Rules(topic_ids={"t": "id-2"}))
    assert held(positions) is None


@example("v1 open topic=id-1 partitions=0")
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"))
    | st.builds("v1 open topic=id-1 partitions={} seen={}".format, st.integers(), st.integers())
)
def test_whatever_the_notes_of_older_partitions_say_there_is_an_answer(note: str) -> None:
    """Anybody may have written them; an exception in a rebalance would end every start."""
    cluster = ScriptedCluster()
    cluster.offsets[A], cluster.notes[A] = 9, note
    resolution = cluster.positions().resolve([A, B], 1.0)
    assert {one.tp for one in resolution.ready} | resolution.held.keys() == {A, B}
