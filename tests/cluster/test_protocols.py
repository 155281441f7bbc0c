"""The real client under the classic protocol, eager and cooperative (KIP-848: the contract)."""

from __future__ import annotations

import pytest

from consumer.domain.assignment import CommitPoint, Tenure
from consumer.domain.records import Offset, TopicPartition
from consumer.kafka.settings import GroupProtocol
from tests.cluster.mock_cluster import Member, MockCluster, join, spin
from tests.fakes.listener import RecordingListener

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("strategy", ["range", "cooperative-sticky"])
def test_partitions_of_a_member_that_left_go_on_at_its_commit(
    cluster: MockCluster, strategy: str
) -> None:
    """Eager assigns the whole set, cooperative a difference; the wrong call loses partitions."""
    topic = _filled(cluster)
    strategy_option = {"partition.assignment.strategy": strategy}
    settings = cluster.settings(topic, GroupProtocol.CLASSIC, options=strategy_option)
    stays, leaves = RecordingListener(), RecordingListener()
    staying, leaving = (join(settings, [topic], listener) for listener in (stays, leaves))
    spin([staying, leaving], lambda: len(stays.owned) == len(leaves.owned) == 2)
    moving = set(leaves.owned)
    taken: set[TopicPartition] = set()
    leaves.during_revoke = lambda partitions: taken.update(_commit(leaving, partitions))
    leaving.source.close()
    staying.source.set_paused(frozenset(moving))
    spin([staying], lambda: len(stays.owned) == 4)
    assert {tp for tp in moving if stays.starts[tp].next_offset == 1} == taken
    assert bool(stays.told("revoked")) == (strategy == "range")
    for partition in range(4):
        cluster.append(TopicPartition(topic, partition), b"new")
    read = [record for _ in range(10) for record in staying.source.poll(0.05, 10)]
    assert {record.tp for record in read}.isdisjoint(moving)
    staying.source.close()


def test_a_cooperative_member_keeps_what_does_not_move(cluster: MockCluster) -> None:
    """Only what moves is revoked, and it is committed before it does."""
    topic = _filled(cluster)
    settings = cluster.settings(topic, GroupProtocol.CLASSIC)
    first, second = RecordingListener(), RecordingListener()
    member = join(settings, [topic], first)
    spin([member], lambda: len(first.owned) == 4)
    taken: set[TopicPartition] = set()
    first.during_revoke = lambda partitions: taken.update(_commit(member, partitions))
    other = join(settings, [topic], second)
    spin([member, other], lambda: len(second.owned) == 2)
    assert first.told("assigned")[1:] == []
    assert set(first.told("revoked")[0]) == second.owned
    assert {tp for tp in second.owned if second.starts[tp].next_offset == 1} == taken
    assert all(second.starts[tp].clean for tp in taken)
    first.during_revoke = lambda _: None
    member.source.close()
    other.source.close()


def _filled(cluster: MockCluster) -> str:
    topic = cluster.new_topic()
    for partition in range(4):
        cluster.append(TopicPartition(topic, partition))
    return topic


def _commit(member: Member, partitions: list[TopicPartition]) -> set[TopicPartition]:
    """Commit offset 1; return where that was taken.

    The mock broker counts its generations by timers of its own, and refuses the commit of a member
    that gives up partitions a moment too late for it (seen once in some hundred runs).
    """
    points = dict.fromkeys(partitions, CommitPoint(Offset(1), Tenure.CLEAN))
    results = member.checkpoint.commit_now(points, 2.0)
    assert all(result.error is None or result.in_rebalance for result in results)
    return {result.tp for result in results if result.error is None}
