"""Where reading starts, asked of a scripted cluster: what holds, what stops, and how long."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from consumer.domain.assignment import Incarnation
from consumer.domain.errors import ConfigError, RetryableError
from consumer.domain.records import TopicPartition
from consumer.kafka.topics import TopicSeen
from tests.unit.kafka.scripted_cluster import TPS, A, B, ScriptedCluster, resolved


@pytest.fixture
def cluster() -> ScriptedCluster:
    """Give a cluster where all goes well."""
    return ScriptedCluster()


OTHER = TopicPartition("other", 0)
REFUSALS = [
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_PARTITION,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
]


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("where", ["refused", "gone"])
def test_a_topic_that_is_not_there_holds_its_own_partitions_only(
    cluster: ScriptedCluster, where: str, code: int
) -> None:
    """New or just deleted, one topic of a pattern must neither stop the program nor the others."""
    getattr(cluster, where)[A] = code
    resolution = resolved(cluster, A, OTHER, seconds=1.0)
    assert [one.tp for one in resolution.ready] == [OTHER]
    assert isinstance(resolution.held[A], RetryableError)
    assert KafkaError(code).name() in str(resolution.held[A])


def test_an_offset_outside_its_log_is_somebodys_to_decide(cluster: ScriptedCluster) -> None:
    """The only thing that asking again cannot mend."""
    cluster.offsets[A] = 50
    assert isinstance(resolved(cluster, A).held[A], ConfigError)


def test_the_time_is_for_all_together_and_who_got_none_is_named(cluster: ScriptedCluster) -> None:
    """It is asked on the thread that polls: with each its own half second nobody would be read."""
    cluster.cost_seconds = 0.2
    resolution = resolved(cluster, *TPS, seconds=0.5)
    assert cluster.now <= 0.7
    assert [one.tp for one in resolution.ready] == TPS[:2]
    assert resolution.unasked == frozenset(TPS[2:]) == resolution.held.keys()


def test_even_without_any_time_one_is_asked(cluster: ScriptedCluster) -> None:
    """Otherwise a slow answer about offsets would keep all of them waiting for ever."""
    cluster.cost_seconds = 0.5
    assert [one.tp for one in resolved(cluster, *TPS, seconds=0.1).ready] == [A]


def test_a_trouble_with_the_commits_of_others_holds_who_has_none(cluster: ScriptedCluster) -> None:
    """Whether a partition was added, and may be read, is known from the others' commits."""
    cluster.offsets[A] = 3
    cluster.refused[TPS[4]] = KafkaError.GROUP_AUTHORIZATION_FAILED
    resolution = resolved(cluster, A, B, seconds=1.0)
    assert [one.tp for one in resolution.ready] == [A]
    assert "GROUP_AUTHORIZATION_FAILED" in str(resolution.held[B])


def test_a_topic_that_is_not_told_holds_its_partitions(cluster: ScriptedCluster) -> None:
    """Without its id nobody knows whether the commit is about it."""
    cluster.topics.trouble = RetryableError("no answer")
    assert str(resolved(cluster, A, B).held[B]) == "no answer"


def test_what_is_taken_over_says_which_topic_it_is_of(cluster: ScriptedCluster) -> None:
    """The next commit says so, too; how many partitions there were stays what it was."""
    cluster.offsets[A], cluster.notes[A] = 3, "v1 clean topic=id-1 partitions=3 seen=1700000000"
    cluster.offsets[B] = 3
    old, older_version, new = resolved(cluster, A, B, TPS[2], seconds=1.0).ready
    assert old.incarnation == Incarnation("id-1", 3)
    assert (old.end_seen_ms, old.begun, old.clean) == (1_700_000_000_000, False, True)
    assert older_version.incarnation == Incarnation("id-1", None)
    assert (new.incarnation, new.begun, new.end_seen_ms) == (Incarnation("id-1", 5), True, None)


def test_how_many_partitions_a_topic_has_is_known_with_its_first_and_when_it_grows(
    cluster: ScriptedCluster,
) -> None:
    """Rows without a key have an order in one partition only, and the first is not to tell."""
    cluster.topics.partitions = 1
    positions = cluster.positions()
    assert positions.resolve([A], 1.0).ready
    assert not positions.counts.has_several("t")
    cluster.watch.answers = {"t": TopicSeen("id-1", 2)}
    assert positions.look_again([A]) == []
    assert positions.counts.has_several("t")
