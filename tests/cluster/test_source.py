"""What only the real client can do: expiry, answers that fail, offsets that are gone, patterns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from confluent_kafka import KafkaError
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.assignment import Assigned, CommitPoint, Tenure
from consumer.domain.errors import FatalError, RetryableError
from consumer.domain.hazards import HazardKind
from consumer.domain.records import Offset, TopicPartition
from consumer.kafka import additions
from consumer.kafka.changed import LogChangedError
from consumer.kafka.positions import Positions, Resolution
from tests.cluster.mock_cluster import MockCluster, join, spin
from tests.fakes.listener import RecordingListener

pytestmark = pytest.mark.cluster


class Failing:
    """Gives no answer the first `times` times."""

    def __init__(self, positions: Positions, times: int) -> None:
        """Stand before `positions`."""
        self._positions = positions
        self._left = times
        self.look_again, self.gone = positions.look_again, positions.gone
        self.hazards, self.deletes_kept = positions.hazards, positions.deletes_kept
        self.ends_seen = positions.ends_seen

    def resolve(self, partitions: Sequence[TopicPartition], seconds: float) -> Resolution:
        """Fail or pass on."""
        if self._left == 0:
            return self._positions.resolve(partitions, seconds)
        self._left -= 1
        return Resolution((), dict.fromkeys(partitions, RetryableError("no coordinator")))


def test_a_member_that_polls_too_late_has_lost_its_partitions(cluster: MockCluster) -> None:
    """Others own them by then: it is told so, may not commit, and joins again."""
    topic, listener = cluster.new_topic(), RecordingListener()
    settings = replace(cluster.settings(topic), max_poll_interval_ms=1000)
    member = join(settings, [topic], listener)
    spin([member], lambda: len(listener.owned) == 4)
    late = time.monotonic() + 1.6
    while time.monotonic() < late:
        time.sleep(0.05)
    spin([member], lambda: bool(listener.told("lost")))
    assert sorted(listener.told("lost")[0]) == [TopicPartition(topic, p) for p in range(4)]
    assert listener.told("revoked") == []
    spin([member], lambda: len(listener.owned) == 4)
    member.source.close()


def test_partitions_without_an_answer_are_held_and_taken_over_later(cluster: MockCluster) -> None:
    """A coordinator that is away must neither lose an assignment nor let a start be guessed."""
    topic, listener = cluster.new_topic(), RecordingListener()
    tp = TopicPartition(topic, 2)
    for _ in range(3):
        cluster.append(tp)
    cluster.commit(topic, tp, 1, "v1 clean partitions=4")
    member = join(cluster.settings(topic), [topic], listener, lambda one: Failing(one, 3))
    spin([member], lambda: bool(member.source.troubles()))
    assert (listener.heard(), member.source.troubles()[str(tp)]) == ([], "no coordinator")
    records = spin([member], lambda: len(listener.owned) == 4)
    while len(records) < 2:
        records.extend(member.source.poll(1.0, 2))
    assert [record.offset for record in records] == [1, 2]
    assert member.source.troubles() == {}
    member.source.close()


def test_held_partitions_are_not_revoked_from_a_listener_that_never_had_them(
    cluster: MockCluster,
) -> None:
    """It would commit for them."""
    topic, listener = cluster.new_topic(), RecordingListener()
    member = join(cluster.settings(topic), [topic], listener, lambda one: Failing(one, 99))
    spin([member], lambda: bool(member.source.troubles()))
    tp = TopicPartition(topic, 0)
    (result,) = member.checkpoint.commit_now({tp: CommitPoint(Offset(0), Tenure.OPEN)}, 1.0)
    assert result.error is not None
    member.source.close()
    assert listener.heard() == []


def test_an_offset_that_is_gone_is_raised_with_its_name_once(cluster: MockCluster) -> None:
    """Retention overtook us, or the topic was created anew: never jump, say it once."""
    topic, listener = cluster.new_topic(), RecordingListener()
    tp = TopicPartition(topic, 1)
    cluster.append(tp)
    member = join(cluster.settings(topic), [topic], listener)
    spin([member], lambda: len(listener.owned) == 4)
    member.membership.consumer.seek(ClientPartition(*tp, 100))
    with pytest.raises(LogChangedError, match=f"{tp}: .* 100, .* 0 to 1"):
        spin([member], lambda: False)
    (hazard,) = member.source.hazards()
    assert (hazard.kind, hazard.about) == (HazardKind.OFFSET_OUTSIDE_LOG, str(tp))
    cluster.append(TopicPartition(topic, 3))
    while not (read := member.source.poll(1.0, 9)):
        pass
    assert [record.tp.partition for record in read] == [3]
    member.source.close()


def test_a_pattern_takes_in_every_topic_that_matches_wholly(cluster: MockCluster) -> None:
    """Debezium makes a topic for each table; a new table needs no new setting."""
    topic, listener = cluster.new_topic(), RecordingListener()
    pattern = f"^{topic[:-1]}[{topic[-1]}]$"
    member = join(cluster.settings(topic), [pattern], listener)
    spin([member], lambda: bool(listener.owned))
    assert {tp.topic for tp in listener.owned} == {topic}
    member.source.close()


def test_what_the_listener_raises_comes_out_of_poll(cluster: MockCluster) -> None:
    """A broken invariant inside the callback must stop the loop, not vanish in the client."""

    class Broken(RecordingListener):
        def on_assigned(self, assigned: Sequence[Assigned]) -> None:
            raise FatalError(str(len(assigned)))

    topic = cluster.new_topic()
    member = join(cluster.settings(topic), [topic], Broken())
    with pytest.raises(FatalError, match="4"):
        spin([member], lambda: False)
    member.source.close()


def test_a_fatal_error_of_the_client_is_raised_before_anything_is_read(
    cluster: MockCluster,
) -> None:
    """Records handed out together with it would be lost to whoever catches it."""
    topic = cluster.new_topic()
    member = join(cluster.settings(topic), [topic], RecordingListener())
    errors = member.membership.arrivals.errors
    errors.append(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    assert member.source.poll(0.0, 1) == []
    assert "a right is missing" in member.source.troubles()["client"]
    errors.append(KafkaError(KafkaError._FATAL, "gone", fatal=True))
    assert member.source.poll(0.0, 1) == []
    with pytest.raises(FatalError, match="gone"):
        member.source.poll(0.0, 1)
    member.source.close()


def test_an_added_partition_is_read_once_the_older_ones_are_settled(
    cluster: MockCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever settles them: the group's commits are asked, not our own memory."""
    monkeypatch.setattr(additions, "SWITCH_SECONDS", 0.0)
    topic, listener = cluster.new_topic(), RecordingListener()
    older, added = TopicPartition(topic, 0), TopicPartition(topic, 3)
    for tp in (older, added):
        cluster.append(tp)
    for partition in (0, 1):
        cluster.commit(topic, TopicPartition(topic, partition), 0, "v1 clean partitions=2")
    member = join(cluster.settings(topic), [topic], listener)
    assert {record.tp for record in spin([member], lambda: len(listener.owned) == 2)} <= {older}
    kinds = {hazard.about: hazard.holds for hazard in member.source.hazards()}
    assert kinds == {str(added): True, f"{topic}/2": False}
    member.checkpoint.commit({older: CommitPoint(Offset(1), Tenure.OPEN)})
    records = spin([member], lambda: added in listener.owned)
    records += member.source.poll(1.0, 1)
    assert added in {record.tp for record in records}
    member.source.close()
