"""The plain checkpoint: whose commits are sent, which answers count, and when it stops waiting."""

from __future__ import annotations

import itertools
from typing import NamedTuple, cast

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.assignment import Assigned, CommitPoint, CommitResult, Incarnation, Tenure
from consumer.domain.records import Offset, TopicPartition
from consumer.kafka.checkpoint import KafkaCheckpoint
from consumer.kafka.membership import Arrivals, Membership
from tests.fakes.clock import ManualClock
from tests.unit.kafka.scripted import ScriptedClient, membership

A, B = TopicPartition("t", 0), TopicPartition("t", 1)


class Answered(NamedTuple):
    """A partition of an answer with an error, which only the client itself can make."""

    topic: str
    partition: int
    offset: int
    error: KafkaError


def point(offset: int, tenure: Tenure = Tenure.OPEN) -> CommitPoint:
    """Shorten a commit point."""
    return CommitPoint(Offset(offset), tenure)


NO_ID = Incarnation()


def assigned(tp: TopicPartition, incarnation: Incarnation = NO_ID) -> Assigned:
    """Shorten an assignment."""
    return Assigned(tp, Offset(0), Offset(9), clean=True, incarnation=incarnation)


@pytest.fixture
def client() -> ScriptedClient:
    """Give a client without commits."""
    return ScriptedClient()


@pytest.fixture
def member(client: ScriptedClient) -> Membership:
    """Give a member that owns A."""
    member = membership(client)
    member.acquire([assigned(A)])
    return member


@pytest.fixture
def checkpoint(member: Membership) -> KafkaCheckpoint:
    """Give its checkpoint, on a clock that moves 50 ms with each look at it."""
    ticks = itertools.count()
    return KafkaCheckpoint(member, settle_seconds=0.5, monotonic=lambda: next(ticks) * 0.05)


def test_one_commit_per_partition_is_under_way(
    client: ScriptedClient, checkpoint: KafkaCheckpoint
) -> None:
    """Two could end in any order; the later point waits, and a still later one takes its place."""
    for offset in (1, 2, 3):
        checkpoint.commit({A: point(offset)})
    assert [sent[0].offset for sent in client.sent] == [1]
    client.answer(0)
    assert checkpoint.results() == [CommitResult(A, point(1), None)]
    assert [sent[0].offset for sent in client.sent] == [1, 3]


def test_an_answer_from_an_earlier_turn_is_not_reported(
    client: ScriptedClient, member: Membership, checkpoint: KafkaCheckpoint
) -> None:
    """The partition was away in between: its new epoch begins at what the group says."""
    checkpoint.commit({A: point(1)})
    member.release([A])
    member.acquire([assigned(A)])
    client.answer(0)
    assert checkpoint.results() == []


def test_a_point_that_waits_for_a_lost_partition_is_never_sent(
    client: ScriptedClient, member: Membership, checkpoint: KafkaCheckpoint
) -> None:
    """The broker would take it and move the new owner's offset."""
    checkpoint.commit({A: point(1)})
    checkpoint.commit({A: point(2)})
    member.release([A])
    client.answer(0)
    (result,) = checkpoint.results()
    assert (result.point, result.error is None, len(client.sent)) == (point(2), False, 1)


def test_a_point_that_waits_is_dropped_when_its_partition_was_away_in_between(
    client: ScriptedClient, member: Membership, checkpoint: KafkaCheckpoint
) -> None:
    """INV-2: another member has moved the group's offset on, and this would move it back."""
    checkpoint.commit({A: point(5)})
    checkpoint.commit({A: point(10)})
    member.release([A])
    member.acquire([assigned(A)])
    client.answer(0)
    assert checkpoint.results() == []
    checkpoint.commit({A: point(50)})
    assert [sent[0].offset for sent in client.sent] == [5, 50]


def test_an_error_for_all_and_for_one_both_reach_their_partitions(
    client: ScriptedClient, member: Membership, checkpoint: KafkaCheckpoint
) -> None:
    """The client gives either."""
    member.acquire([assigned(B)])
    checkpoint.commit({A: point(1), B: point(1)})
    failed = Answered("t", 1, 1, KafkaError(KafkaError.OFFSET_METADATA_TOO_LARGE))
    client.sent[0][1] = cast("ClientPartition", failed)
    client.answer(0)
    assert [r.error is None for r in checkpoint.results()] == [True, False]
    checkpoint.commit({A: point(2)})
    client.answer(1, KafkaError(KafkaError.ILLEGAL_GENERATION))
    assert [r.error is None for r in checkpoint.results()] == [False]


@pytest.mark.parametrize(
    ("code", "calm"),
    [
        (KafkaError.ILLEGAL_GENERATION, True),
        (KafkaError.REBALANCE_IN_PROGRESS, True),
        (KafkaError.STALE_MEMBER_EPOCH, True),
        (KafkaError.UNKNOWN_MEMBER_ID, False),
        (KafkaError.FENCED_INSTANCE_ID, False),
        (KafkaError.COORDINATOR_NOT_AVAILABLE, False),
    ],
)
def test_a_commit_between_two_generations_is_known_from_one_of_a_member_that_was_thrown_out(
    client: ScriptedClient, checkpoint: KafkaCheckpoint, code: int, *, calm: bool
) -> None:
    """The first comes with every scale-up and must not wake anybody."""
    checkpoint.commit({A: point(1)})
    client.answer(0, KafkaError(code))
    (result,) = checkpoint.results()
    assert (result.error is not None, result.in_rebalance) == (True, calm)


def test_a_commit_lasts_from_sending_it_to_its_answer_not_to_whoever_asks(
    client: ScriptedClient,
) -> None:
    """The answer comes inside a poll that may go on for a second; while it waits it is not sent."""
    clock = ManualClock(0.0)
    client.arrivals = Arrivals(monotonic=clock.monotonic)
    member = membership(client)
    member.acquire([assigned(A)])
    checkpoint = KafkaCheckpoint(member, monotonic=clock.monotonic)
    checkpoint.commit({A: point(1)})
    checkpoint.commit({A: point(2)})
    for number in (0, 1):
        clock.now += 3.0
        client.answer(number)
        clock.now += 10.0
        (result,) = checkpoint.results()
        assert result.seconds == 3.0
    checkpoint.commit({B: point(1)})
    assert [r.seconds for r in checkpoint.results()] == [None]


def test_a_last_commit_lasts_until_it_is_confirmed(
    client: ScriptedClient, checkpoint: KafkaCheckpoint
) -> None:
    """What nobody confirmed has no duration, or the histogram would show our own time-out."""
    (result,) = checkpoint.commit_now({A: point(1)}, 1.0)
    assert result.seconds is not None
    assert 0.0 < result.seconds < 0.5
    client.takes = False
    (result,) = checkpoint.commit_now({A: point(2)}, 1.0)
    assert result.seconds is None


def test_commit_now_confirms_offset_and_tenure(
    client: ScriptedClient, checkpoint: KafkaCheckpoint
) -> None:
    """The same offset left `open` would make the next owner wait."""
    client.group[A] = (5, "open")
    assert checkpoint.commit_now({A: point(5, Tenure.CLEAN)}, 1.0)[0].error is None
    client.takes = False
    assert checkpoint.commit_now({A: point(5, Tenure.OPEN)}, 1.0)[0].error is not None


def test_a_refused_commit_is_given_up_after_the_settling_time(
    client: ScriptedClient, checkpoint: KafkaCheckpoint
) -> None:
    """A revoke may wait for a minute, but not for an answer that was already no."""
    client.takes = False
    (result,) = checkpoint.commit_now({A: point(1)}, 60.0)
    assert result.error == "the group did not take it"
    assert client.asked < 12


def test_a_commit_that_is_a_moment_late_is_seen(
    client: ScriptedClient, checkpoint: KafkaCheckpoint
) -> None:
    """The coordinator had moved: the client sends again by itself."""
    client.takes = False

    def look() -> None:
        if client.asked == 3:
            client.take(client.sent[0])

    client.during_look = look
    assert checkpoint.commit_now({A: point(1)}, 60.0)[0].error is None


def test_without_a_coordinator_commit_now_ends_at_its_deadline(
    client: ScriptedClient, checkpoint: KafkaCheckpoint
) -> None:
    """The client's own synchronous commit waits for the session time-out and longer."""

    def look() -> None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    client.during_look = look
    (result,) = checkpoint.commit_now({A: point(1)}, 2.0)
    assert "_TIMED_OUT" in str(result.error)
    assert client.asked < 40


def test_answers_to_commit_now_are_not_reported_twice(
    client: ScriptedClient, checkpoint: KafkaCheckpoint
) -> None:
    """They arrive later, with a poll; the caller knows already."""
    checkpoint.commit_now({A: point(1)}, 1.0)
    client.answer(0)
    assert checkpoint.results() == []
    checkpoint.commit({A: point(2)})
    assert len(client.sent) == 2


def test_commit_now_replaces_a_point_that_waits(
    client: ScriptedClient, checkpoint: KafkaCheckpoint
) -> None:
    """Sent after it, the waiting one would move the offset back."""
    checkpoint.commit({A: point(1)})
    checkpoint.commit({A: point(2)})
    checkpoint.commit_now({A: point(3)}, 1.0)
    client.answer(0)
    client.answer(1)
    assert [r.point for r in checkpoint.results()] == [point(1)]
    assert [sent[0].offset for sent in client.sent] == [1, 3]


def test_a_client_that_refuses_at_once_is_reported_in_both_ways(
    client: ScriptedClient, checkpoint: KafkaCheckpoint
) -> None:
    """It raises when it is closing."""
    client.refusal = KafkaError(KafkaError._STATE)
    checkpoint.commit({A: point(1)})
    assert "_STATE" in str(checkpoint.results()[0].error)
    assert "_STATE" in str(checkpoint.commit_now({A: point(1)}, 1.0)[0].error)


def test_each_commit_says_how_we_stand_and_which_topic_was_read(
    client: ScriptedClient, member: Membership, checkpoint: KafkaCheckpoint
) -> None:
    """The next start compares; nothing else in Kafka knows that a topic is another one."""
    member.acquire([assigned(B, Incarnation("id-7", 4))])
    checkpoint.commit({A: point(1), B: CommitPoint(Offset(2), Tenure.CLEAN, 1_700_000_000_999)})
    said = {p.partition: (p.offset, p.metadata) for p in client.sent[0]}
    assert said == {
        0: (1, "v1 open"),
        1: (2, "v1 clean topic=id-7 partitions=4 seen=1700000000"),
    }
    member.release([B])
    assert member.incarnation(B) == NO_ID
