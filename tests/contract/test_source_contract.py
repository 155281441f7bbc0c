"""The contract of source and checkpoint: the same for the fake and for the real client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from consumer.domain.assignment import CommitResult, Tenure
from consumer.domain.errors import ConfigError
from consumer.domain.records import Record, TopicPartition
from consumer.kafka.starts import Committed, Start
from tests.contract.source_worlds import FakeWorld, MockWorld, Stage, point


@pytest.fixture(params=["fake", pytest.param("kip848", marks=pytest.mark.cluster)])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Give both worlds in turn."""
    fake = request.param == "fake"
    stage = Stage(FakeWorld() if fake else MockWorld(request.getfixturevalue("cluster")))
    yield stage
    stage.close()


def test_a_record_is_handed_over_as_it_lies_in_the_log(stage: Stage) -> None:
    """Absent and empty are different, and header names may repeat: a dead letter must be equal."""
    stage.append(0, b"", None, (("a", b"1"), ("a", None), ("b", b"")), 1_700_000_000_123)
    stage.append(0, None, b"")
    stage.join()
    first, second = stage.spin(lambda records: len(records) == 2)
    assert (first.key, first.value, first.timestamp_ms) == (None, b"", 1_700_000_000_123)
    assert first.headers == (("a", b"1"), ("a", None), ("b", b""))
    assert (second.key, second.value, second.offset) == (b"", None, 1)


def test_records_of_a_partition_come_in_offset_order_and_once(stage: Stage) -> None:
    """The tracker refuses anything else."""
    for number in range(40):
        stage.append(number % 4, b"%d" % number)
    stage.join()
    records = stage.spin(lambda records: len(records) >= 40)
    for partition in range(4):
        assert _offsets(records, stage.tp(partition)) == list(range(10))


def test_poll_never_returns_more_than_asked_for(stage: Stage) -> None:
    """The loop asks for what it has room for."""
    member, listener = stage.join()
    stage.settle(listener)
    for _ in range(9):
        stage.append(1)
    batches: list[Sequence[Record]] = []
    while len(batches) < 50 and sum(map(len, batches)) < 9:
        batches.append(member.source.poll(0.2, 3))
    assert max(map(len, batches)) <= 3
    assert sum(map(len, batches)) == 9


def test_without_any_commit_a_partition_starts_at_the_beginning_and_is_clean(stage: Stage) -> None:
    """No owner before us can have anything on the wire."""
    stage.append(2)
    _, listener = stage.join()
    stage.settle(listener)
    start = listener.starts[stage.tp(2)]
    assert (start.next_offset, start.high_watermark, start.clean) == (0, 1, True)


def test_start_latest_skips_what_a_new_group_finds(stage: Stage) -> None:
    """The operator chose so, once, for topics on which the group never committed."""
    stage.append(3)
    _, listener = stage.join(Start.LATEST)
    stage.settle(listener)
    assert listener.starts[stage.tp(3)].next_offset == 1


def test_a_partition_that_was_added_later_starts_at_its_beginning(stage: Stage) -> None:
    """Its records are changes since the group began; `latest` would lose those before we saw it."""
    stage.append(0)
    stage.append(3)
    stage.world.commit(stage.tp(0), 1, "v1 clean partitions=4")
    _, listener = stage.join(Start.LATEST)
    stage.settle(listener)
    assert listener.starts[stage.tp(3)].next_offset == 0


@pytest.mark.parametrize(
    ("metadata", "clean"),
    [
        ("v1 clean partitions=4", True),
        ("v1 open", False),
        ("clean", True),
        ("open", False),
        ("", False),
        ("Clean", False),
    ],
)
def test_the_last_owner_left_cleanly_only_if_its_commit_says_so(
    stage: Stage, metadata: str, *, clean: bool
) -> None:
    """Whatever else is written there, an operator's tool perhaps, promises nothing."""
    stage.append(1)
    for partition in range(4):
        stage.world.commit(stage.tp(partition), int(partition == 1), metadata)
    _, listener = stage.join()
    stage.settle(listener)
    start = listener.starts[stage.tp(1)]
    assert (start.next_offset, start.clean) == (1, clean)


def test_a_committed_offset_past_the_log_holds_its_partition_and_is_named(stage: Stage) -> None:
    """The topic was created anew: reading on from anywhere would lose or repeat changes."""
    stage.append(0)
    stage.append(1)
    stage.world.commit(stage.tp(0), 7, "v1 clean partitions=4")
    _, listener = stage.join()
    with pytest.raises(ConfigError, match=f"{stage.tp(0)}.* 7, .*0 to 1"):
        stage.spin(lambda _: False)
    stage.append(0)
    stage.append(1)
    records = stage.spin(bool)
    assert {record.tp for record in records} == {stage.tp(1)}
    assert listener.owned == {stage.tp(1), stage.tp(2), stage.tp(3)}


def test_exactly_the_named_partitions_are_paused(stage: Stage) -> None:
    """Back-pressure names the whole set each time; what it no longer names goes on."""
    member, listener = stage.join()
    stage.settle(listener)
    member.source.set_paused(frozenset({stage.tp(0), stage.tp(1)}))
    member.source.set_paused(frozenset({stage.tp(1), TopicPartition("other", 0)}))
    stage.append(0)
    stage.append(1)
    assert {r.tp for r in stage.spin(bool)} == {stage.tp(0)}
    member.source.set_paused(frozenset())
    assert {r.tp for r in stage.spin(bool)} == {stage.tp(1)}


def test_a_resumed_partition_goes_on_where_it_stopped(stage: Stage) -> None:
    """A pause empties the client's queue; nothing of it may be lost or come twice."""
    member, listener = stage.join()
    stage.settle(listener)
    for _ in range(10):
        stage.append(0)
    before = list(member.source.poll(0.5, 4))
    member.source.set_paused(frozenset({stage.tp(0)}))
    assert member.source.poll(0.05, 9) == []
    member.source.set_paused(frozenset())
    after = stage.spin(lambda records: len(before) + len(records) >= 10)
    assert _offsets([*before, *after], stage.tp(0)) == list(range(10))


def test_pauses_hold_for_partitions_that_come_later(stage: Stage) -> None:
    """The client forgets them with the assignment; back-pressure must not."""
    stage.append(0)
    member, listener = stage.join()
    member.source.set_paused(frozenset({stage.tp(0)}))
    assert stage.settle(listener) == []
    assert member.source.poll(0.2, 9) == []


def test_results_of_commits_arrive_with_later_polls_in_order(stage: Stage) -> None:
    """Commits never block; the pipeline acts on what is durable, so it must hear it."""
    member, listener = stage.join()
    stage.append(0)
    stage.append(0)
    stage.settle(listener)
    results: list[CommitResult] = []

    def arrived(count: int) -> bool:
        results.extend(member.checkpoint.results())
        return len(results) == count

    for number in (1, 2):
        member.checkpoint.commit({stage.tp(0): point(number)})
        stage.spin(lambda _: arrived(number))  # noqa: B023 - used within the turn
    assert results == [CommitResult(stage.tp(0), point(n), None) for n in (1, 2)]
    durable = stage.world.committed(stage.tp(0))
    assert (durable.next_offset, durable.note.tenure) == (2, Tenure.OPEN)


def test_a_commit_of_a_foreign_partition_is_refused_and_not_sent(stage: Stage) -> None:
    """The broker would take it: it checks who we are, not what we own."""
    member, listener = stage.join()
    stage.settle(listener)
    foreign = TopicPartition(stage.world.topic, 9)
    member.checkpoint.commit({foreign: point(1)})
    (asynchronous,) = member.checkpoint.results()
    (synchronous,) = member.checkpoint.commit_now({foreign: point(1)}, 1.0)
    assert "not ours" in str(asynchronous.error)
    assert "not ours" in str(synchronous.error)
    assert stage.world.committed(foreign) == Committed(None)


def test_commit_now_says_what_is_durable(stage: Stage) -> None:
    """After it, the partition may be given away."""
    member, listener = stage.join()
    stage.settle(listener)
    wanted = {stage.tp(p): point(0, Tenure.CLEAN) for p in range(4)}
    results = member.checkpoint.commit_now(wanted, 2.0)
    assert {result.tp: result.error for result in results} == dict.fromkeys(wanted)
    durable = stage.world.committed(stage.tp(3))
    assert (durable.next_offset, durable.note.tenure) == (0, Tenure.CLEAN)


def test_closing_revokes_while_a_last_commit_is_still_possible(stage: Stage) -> None:
    """The drain ends with it, and the next owner starts there, without a wait."""
    for partition in range(4):
        stage.append(partition)
    member, listener = stage.join()
    stage.settle(listener)
    listener.during_revoke = lambda partitions: _commit_clean(stage, partitions)
    member.source.close()
    stage.members.remove(member)
    assert sorted(listener.told("revoked")[0]) == [stage.tp(p) for p in range(4)]
    _, successor = stage.join()
    stage.settle(successor)
    start = successor.starts[stage.tp(0)]
    assert (start.next_offset, start.clean) == (1, True)


def test_a_partition_that_moved_is_read_by_its_new_owner_only(stage: Stage) -> None:
    """What was committed while it was given up is where the other goes on."""
    for partition in range(4):
        stage.append(partition)
    member, listener = stage.join()
    stage.settle(listener)
    listener.during_revoke = lambda partitions: _commit_clean(stage, partitions)
    _, other = stage.join()
    stage.spin(lambda _: len(listener.owned) == 2 and len(other.owned) == 2)
    listener.during_revoke = lambda _: None
    assert listener.owned.isdisjoint(other.owned)
    assert all(other.starts[tp].next_offset == 1 for tp in other.owned)
    moved = min(other.owned)
    stage.append(moved.partition)
    assert _offsets(stage.spin(lambda r: any(x.tp == moved for x in r)), moved) == [1]
    assert member.checkpoint.commit_now({moved: point(2)}, 1.0)[0].error is not None


def test_high_watermarks_are_known_for_what_is_owned(stage: Stage) -> None:
    """Lag is counted from them, without asking the cluster."""
    stage.append(2)
    member, listener = stage.join()
    stage.spin(bool)
    assert dict(member.source.high_watermarks()) == {
        stage.tp(p): (1 if p == 2 else 0) for p in range(4)
    }
    assert len(listener.owned) == 4


def test_low_watermarks_are_known_for_what_is_owned_and_fetched(stage: Stage) -> None:
    """Retention eats up to them; they leave with their partition."""
    member, listener = stage.join()
    stage.settle(listener)
    stage.append(2)

    def known() -> dict[TopicPartition, int]:
        member.source.high_watermarks()
        return dict(member.source.low_watermarks())

    stage.spin(lambda _: len(known()) == 4)
    assert known() == {stage.tp(p): 0 for p in range(4)}
    stage.leave(member)
    assert known() == {}


def _commit_clean(stage: Stage, partitions: list[TopicPartition]) -> None:
    points = {tp: point(1, Tenure.CLEAN) for tp in partitions}
    results = stage.members[0].checkpoint.commit_now(points, 2.0)
    assert [result.error for result in results] == [None] * len(partitions)


def _offsets(records: list[Record], tp: TopicPartition) -> list[int]:
    return [int(record.offset) for record in records if record.tp == tp]


def test_a_log_is_read_to_its_end_only_when_all_of_it_was_handed_over(stage: Stage) -> None:
    """Whoever catches up lets go then, and not one record earlier."""
    member, listener = stage.join()
    stage.settle(listener)
    tp = stage.tp(1)
    for _ in range(3):
        stage.append(1)
    assert member.source.end_of(tp) == 3
    read: list[Record] = []
    for _ in range(100):
        assert member.source.read_to().get(tp, 0) <= len(read)
        read += member.source.poll(0.1, 1)
        if member.source.read_to().get(tp) == 3:
            break
    assert len(read) == member.source.read_to()[tp] == 3
    member.source.set_paused(frozenset({tp}))
    stage.append(1)
    assert member.source.poll(0.2, 9) == []
    assert (member.source.read_to()[tp], member.source.end_of(tp)) == (3, 4)
    member.source.set_paused(frozenset())
    stage.spin(lambda _: member.source.read_to().get(tp) == 4)
