"""A topic that was deleted and created anew is another topic, whatever its name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.domain.errors import CdcError, ConfigError, RetryableError
from consumer.domain.hazards import HazardKind
from consumer.kafka.changed import LogChangedError
from consumer.kafka.positions import Rules
from consumer.kafka.starts import Start
from consumer.kafka.topics import TopicSeen
from tests.unit.kafka.scripted_cluster import A, B, ScriptedCluster

MEANT = Rules(topic_ids={"t": "id-2"})


@pytest.fixture
def cluster() -> ScriptedCluster:
    """Give a cluster where A was read of a topic with the id `id-1`."""
    cluster = ScriptedCluster()
    cluster.offsets[A], cluster.notes[A] = 3, "v1 clean topic=id-1 partitions=5"
    return cluster


def stop_of(error: CdcError | None) -> LogChangedError:
    """Return it as what it must be."""
    assert isinstance(error, LogChangedError)
    assert error.kind is HazardKind.TOPIC_CREATED_ANEW
    return error


def test_a_commit_of_another_topic_stops_its_partition_with_both_ids(
    cluster: ScriptedCluster,
) -> None:
    """Its offset is in the new log by chance, and means nothing there."""
    cluster.topics.topic_id = "id-2"
    stop = stop_of(cluster.positions().resolve([A], 1.0).held[A])
    assert "its id is id-2 now, what was read had id-1" in str(stop)
    assert "kafka.topic_ids.t to id-2" in str(stop)
    assert cluster.commits == []


def test_naming_the_new_id_reads_it_from_its_beginning(cluster: ScriptedCluster) -> None:
    """Whatever `start` says: its records are changes, all of them."""
    cluster.topics.topic_id = "id-2"
    cluster.logs[A] = (2, 9)
    rules = replace(MEANT, start=Start.LATEST)
    (start,) = cluster.positions(rules).resolve([A], 1.0).ready
    assert (start.next_offset, start.begun, start.clean) == (2, True, True)
    assert start.incarnation.topic_id == "id-2"


def test_late_effects_of_the_former_topic_are_still_waited_for(cluster: ScriptedCluster) -> None:
    """Its last owner may have a request on the wire, about the same documents."""
    cluster.topics.topic_id = "id-2"
    cluster.notes[A] = "v1 open topic=id-1"
    (start,) = cluster.positions(MEANT).resolve([A], 1.0).ready
    assert not start.clean


def test_once_the_new_one_is_read_its_commits_count(cluster: ScriptedCluster) -> None:
    """The name in the configuration may stay there: it must not begin anew at every start."""
    cluster.topics.topic_id = "id-2"
    cluster.notes[A] = "v1 clean topic=id-2"
    (start,) = cluster.positions(MEANT).resolve([A], 1.0).ready
    assert (start.next_offset, start.begun) == (3, False)


def test_a_third_topic_of_the_name_is_not_the_one_that_is_meant(cluster: ScriptedCluster) -> None:
    """Naming one is no leave for whatever comes later; it also holds before any commit."""
    cluster.topics.topic_id = "id-3"
    held = cluster.positions(MEANT).resolve([A, B], 1.0).held
    for tp in (A, B):
        assert "another one is meant" in str(stop_of(held[tp]))


def test_without_ids_from_the_cluster_a_named_one_waits(cluster: ScriptedCluster) -> None:
    """It cannot be told whether this is it."""
    cluster.topics.topic_id = None
    error = cluster.positions(MEANT).resolve([A], 1.0).held[A]
    assert isinstance(error, RetryableError)


def test_without_ids_from_the_cluster_the_log_decides(cluster: ScriptedCluster) -> None:
    """Old brokers have none: an offset past the end is all that can be seen."""
    cluster.topics.topic_id = None
    (start,) = cluster.positions().resolve([A], 1.0).ready
    assert start.incarnation.topic_id == "id-1"
    cluster.logs[A] = (0, 2)
    error = cluster.positions().resolve([A], 1.0).held[A]
    assert isinstance(error, LogChangedError)
    assert error.kind is HazardKind.OFFSET_OUTSIDE_LOG


def test_what_this_run_has_read_is_remembered_when_kafka_forgot_the_commit(
    cluster: ScriptedCluster,
) -> None:
    """It does so with the topic (seen); a mark in the new one stops the next start as well."""
    positions = cluster.positions()
    assert positions.resolve([A], 1.0).ready
    cluster.offsets.clear()
    cluster.topics.topic_id = "id-2"
    assert isinstance(positions.resolve([A], 1.0).held[A], RetryableError)
    assert cluster.commits == [(A, 0, "v1 open topic=id-1")]
    stop_of(positions.resolve([A], 1.0).held[A])
    stop_of(cluster.positions().resolve([A], 1.0).held[A])
    assert len(cluster.commits) == 1
    assert cluster.positions(MEANT).resolve([A], 1.0).ready


def test_a_topic_that_changes_while_it_is_read_stops_the_reading(cluster: ScriptedCluster) -> None:
    """Its log may have grown past our position: no fetch would ever fail."""
    positions = cluster.positions()
    positions.resolve([A], 1.0)
    assert positions.look_again([A]) == []
    assert cluster.watch.asked == [str(A)]
    cluster.topics.topic_id = "id-2"
    cluster.watch.answers = {"t": TopicSeen("id-2", 5)}
    (stop,) = positions.look_again([A])
    assert (stop_of(stop).about, stop.hazard().holds) == ("t", True)


def test_an_answer_that_is_older_than_a_decision_stops_nothing(cluster: ScriptedCluster) -> None:
    """It was on its way while the new topic was taken over."""
    positions = cluster.positions(MEANT)
    cluster.topics.topic_id = "id-2"
    positions.resolve([A], 1.0)
    cluster.watch.answers = {"t": TopicSeen("id-1", 5)}
    assert positions.look_again([A]) == []


def test_a_refused_fetch_says_whether_the_topic_is_another_one(cluster: ScriptedCluster) -> None:
    """Else both ends of the log are told, for retention may have deleted what was not read."""
    positions = cluster.positions()
    positions.resolve([A], 1.0)
    cluster.logs[A] = (7, 9)
    gone = positions.gone(A, 3)
    assert isinstance(gone, ConfigError)
    assert "t/0: the next offset to read, 3, is before the log, which holds 7 to 9" in str(gone)
    assert "the 4 offsets between them are gone" in str(gone)
    cluster.topics.topic_id = "id-2"
    stop_of(positions.gone(A, 3))


def test_a_commit_without_an_id_is_believed(cluster: ScriptedCluster) -> None:
    """An operator's tool writes none: whoever sets an offset by hand has decided."""
    cluster.topics.topic_id = "id-2"
    cluster.notes[A] = ""
    (start,) = cluster.positions().resolve([A], 1.0).ready
    assert (start.next_offset, start.clean) == (3, False)
