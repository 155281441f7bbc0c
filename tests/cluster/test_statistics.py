"""What the real client says of itself, and the two traps in it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.assignment import CommitPoint, CommitResult, Tenure
from consumer.domain.records import Offset, TopicPartition
from consumer.domain.statistics import BrokerState, ClientReport
from consumer.kafka.settings import KafkaSettings
from tests.cluster.mock_cluster import PARTITIONS, Member, MockCluster, join, spin
from tests.fakes.listener import RecordingListener

pytestmark = pytest.mark.cluster

OFTEN = {"statistics.interval.ms": 100}


def member_of(cluster: MockCluster, topic: str) -> tuple[Member, RecordingListener]:
    """Start a member whose client reports ten times a second."""
    listener = RecordingListener()
    return join(cluster.settings(topic, options=OFTEN), [topic], listener), listener


def wait_for(condition: Callable[[], object], seconds: float = 9.0) -> None:
    """Ask until `condition` holds. Fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not reached"


def last(member: Member) -> ClientReport | None:
    """Return the last report of a member's client."""
    return member.membership.arrivals.statistics.latest().report


def test_a_report_counts_brokers_and_all_partitions_of_a_topic_whoever_owns_them(
    cluster: MockCluster,
) -> None:
    """Partitions that nobody reads are those of the topic less those of all members."""
    topic = cluster.new_topic()
    first, one = member_of(cluster, topic)
    second, two = member_of(cluster, topic)
    both = [first, second]
    spin(both, lambda: len(one.owned) == len(two.owned) == PARTITIONS // 2)
    began = time.monotonic()
    spin(both, lambda: (found := last(first)) is not None and found.at_monotonic > began)
    report = last(first)
    assert report is not None
    assert report.partitions[topic] == PARTITIONS
    assert report.brokers == dict.fromkeys(BrokerState, 0) | {BrokerState.UP: 1}
    spin(both, lambda: bool((found := last(first)) and found.rtt_seconds))
    for member in both:
        member.source.close()


def test_the_clients_own_lag_is_no_lag_before_the_first_commit(cluster: MockCluster) -> None:
    """It says -1 while records wait, so the lag is reckoned from watermarks instead."""
    topic = cluster.new_topic()
    tp = TopicPartition(topic, 0)
    for _ in range(9):
        cluster.append(tp)
    said: list[dict[str, int]] = []

    def listen(text: str) -> None:
        partitions = json.loads(text)["topics"].get(topic, {}).get("partitions", {})
        said.extend(p for p in partitions.values() if p["hi_offset"] == 9)

    config = cluster.settings(topic, options=OFTEN).consumer_config()
    consumer = Consumer({**config, "stats_cb": listen})
    consumer.assign([ClientPartition(*tp, 0)])
    wait_for(lambda: consumer.poll(0.02) is None and said)
    assert {one["consumer_lag"] for one in said} == {-1}
    consumer.close()


def test_a_loop_that_does_not_poll_gets_no_report(cluster: MockCluster) -> None:
    """The figures stand still; only their age, which is counted from now, tells."""
    topic = cluster.new_topic()
    member, _ = member_of(cluster, topic)
    spin([member], lambda: last(member) is not None)
    before, since = last(member), time.monotonic()
    while time.monotonic() < since + 0.35:
        time.sleep(0.05)
    assert last(member) == before
    spin([member], lambda: last(member) != before)
    member.source.close()


def test_commits_are_timed(cluster: MockCluster) -> None:
    """From sending to the answer, and for the last one to its confirmation."""
    topic = cluster.new_topic()
    member, listener = member_of(cluster, topic)
    tp = TopicPartition(topic, 0)
    spin([member], lambda: tp in listener.owned)
    results: list[CommitResult] = []
    member.checkpoint.commit({tp: CommitPoint(Offset(0), Tenure.OPEN)})

    def answered() -> bool:
        results.extend(member.checkpoint.results())
        return bool(results)

    spin([member], answered)
    results += member.checkpoint.commit_now({tp: CommitPoint(Offset(0), Tenure.CLEAN)}, 2.0)
    assert [result.error for result in results] == [None, None]
    assert all(0.0 < (result.seconds or 0.0) < 2.0 for result in results)
    member.source.close()


def test_the_low_watermark_follows_what_the_broker_deletes(cluster: MockCluster) -> None:
    """The mock keeps 5 MB of a partition; a committed offset below what is left is lost."""
    topic = cluster.new_topic()
    tp = TopicPartition(topic, 0)
    for _ in range(12):
        cluster.append(tp, b"x" * 900_000)
    member, listener = member_of(cluster, topic)

    def low() -> int | None:
        member.source.high_watermarks()
        return member.source.low_watermarks().get(tp)

    spin([member], lambda: low() is not None)
    assert tp in listener.owned
    assert 0 < (low() or 0) < 12
    member.source.close()


def test_an_unreachable_cluster_counts_errors() -> None:
    """That the client tries again by itself does not make it well."""
    settings = KafkaSettings("127.0.0.1:1", "g", options=OFTEN)
    member = join(settings, ["topic"], RecordingListener())
    statistics = member.membership.arrivals.statistics
    spin([member], lambda: "transport" in statistics.latest().errors)
    member.source.close()
