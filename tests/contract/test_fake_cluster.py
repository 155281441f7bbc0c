"""What the fake can do that the mock cluster cannot: faults of commits, expiry, freezing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.assignment import CommitPoint, Tenure
from consumer.domain.records import Offset, TopicPartition
from consumer.kafka.starts import Committed
from tests.fakes.listener import RecordingListener
from tests.fakes.log import CommitFault, FakeGroup, FakeLog
from tests.fakes.source import FakeCheckpoint, FakeSource

TP = TopicPartition("t", 0)
POINT = CommitPoint(Offset(1), Tenure.OPEN)


class Actor:
    """A member with its listener."""

    def __init__(self, group: FakeGroup) -> None:
        """Join."""
        self.listener = RecordingListener()
        self.source = FakeSource(group)
        self.checkpoint = FakeCheckpoint(self.source)
        self.source.start(["t"], self.listener)

    def poll(self) -> list[int]:
        """Poll once; return the offsets."""
        return [int(record.offset) for record in self.source.poll(0.0, 100)]


def _group(partitions: int = 1) -> FakeGroup:
    return FakeGroup(FakeLog({"t": partitions}))


def test_an_expired_member_has_lost_its_partitions_and_may_not_commit() -> None:
    """It hears of it when it polls next; until then it is the broker that refuses."""
    group = _group()
    frozen, other = Actor(group), Actor(group)
    frozen.poll()
    member = frozen.source.member
    assert member is not None
    group.expire(member)
    other.poll()
    assert frozen.checkpoint.commit_now({TP: POINT}, 1.0)[0].error == "unknown member"
    frozen.poll()
    assert (frozen.listener.told("lost"), other.listener.owned) == ([[TP]], {TP})
    assert group.foreign_commits() == []


def test_a_commit_of_a_former_owner_is_taken_and_can_be_seen() -> None:
    """As on a real broker: this is what the checkpoint of the product must never send."""
    group = _group()
    former, owner = Actor(group), Actor(group)
    former.poll()
    assert former.source.member is not None
    assert owner.source.member is not None
    group.move(TP, owner.source.member)
    former.poll()
    owner.poll()
    assert former.checkpoint.commit_now({TP: POINT}, 1.0)[0].error is not None
    assert group.foreign_commits() == []
    group.commit(former.source.member, TP, POINT)
    assert [entry.owner for entry in group.foreign_commits()] == [owner.source.member]


def test_a_partition_moves_only_after_its_owner_let_go() -> None:
    """Two members must never read it at once."""
    group = _group()
    first = Actor(group)
    first.poll()
    second = Actor(group)
    assert second.source.member is not None
    group.move(TP, second.source.member)
    second.poll()
    assert second.listener.owned == set()
    first.poll()
    second.poll()
    assert (first.listener.owned, second.listener.owned) == (set(), {TP})


def test_each_fault_of_a_commit_does_what_it_says() -> None:
    """Refused: not there. Answer lost: there, and an error. Delayed: neither, until released."""
    group = _group()
    actor = Actor(group)
    actor.poll()
    faults = [CommitFault.REFUSE, CommitFault.LOSE_ANSWER, CommitFault.DELAY]
    group.fault = lambda *_: faults.pop(0) if faults else None
    heard: list[str | None] = []
    durable: list[int | None] = []
    for offset in (1, 2, 3):
        actor.checkpoint.commit({TP: CommitPoint(Offset(offset), Tenure.OPEN)})
        actor.poll()
        heard += [result.error for result in actor.checkpoint.results()]
        durable.append(group.committed.get(TP, Committed(None)).next_offset)
    assert (heard, durable) == (["refused", "answer lost"], [None, 2, 2])
    group.release_delayed()
    actor.poll()
    assert [result.error for result in actor.checkpoint.results()] == [None]


def test_a_delayed_commit_is_done_before_its_partition_is_given_away() -> None:
    """The real client waits for it."""
    group = _group()
    group.log.append(TP, b"k", b"v")
    first = Actor(group)
    first.poll()
    group.fault = lambda *_: CommitFault.DELAY
    first.checkpoint.commit({TP: POINT})
    second = Actor(group)
    assert second.source.member is not None
    group.move(TP, second.source.member)
    first.poll()
    second.poll()
    assert second.listener.starts[TP].next_offset == 1
    assert group.foreign_commits() == []


def test_without_a_coordinator_partitions_are_held_and_come_later() -> None:
    """As with the real one."""
    group = _group()
    group.coordinator_up = False
    actor = Actor(group)
    actor.poll()
    assert actor.listener.calls == []
    group.coordinator_up = True
    actor.poll()
    assert actor.listener.owned == {TP}


def test_retention_compaction_and_new_partitions_change_the_log_as_kafka_does() -> None:
    """Offsets never move; gaps are normal; what is gone is gone."""
    log = FakeLog({"t": 1})
    for key in (b"a", b"b", b"a"):
        log.append(TP, key, b"v")
    log.compact(TP)
    assert [record.offset for record in log.read(TP, 0, 9)] == [1, 2]
    log.trim(TP, 2)
    assert log.range(TP) == (2, 3)
    log.grow("t", 3)
    assert len(log.partitions(["^t$"])) == 3
    log.recreate("t")
    assert log.range(TP) == (0, 0)


def test_a_partition_is_never_moved_to_a_member_that_has_left() -> None:
    """Nobody would read it: no real coordinator hands partitions to a member that it expelled."""
    group = _group(2)
    gone, other = Actor(group), Actor(group)
    expelled = gone.source.member
    assert expelled is not None
    group.expire(expelled)
    group.move(TP, expelled)
    gone.source.close()
    for _ in range(3):
        other.poll()
    assert other.listener.owned == {TP, TopicPartition("t", 1)}


actions = st.lists(
    st.tuples(st.sampled_from(["poll", "join", "leave", "expire", "move"]), st.integers(0, 7)),
    max_size=40,
)


@given(actions)
def test_whatever_happens_no_partition_has_two_owners_that_were_not_expired(
    story: list[tuple[str, int]],
) -> None:
    """And once everyone has polled twice, every partition has one."""
    group = _group(8)
    actors = [Actor(group)]
    for action, number in story:
        actor = actors[number % len(actors)]
        member = actor.source.member
        assert member is not None
        match action:
            case "poll":
                actor.poll()
            case "join" if len(actors) < 4:
                actors.append(Actor(group))
            case "leave" if len(actors) > 1:
                actor.source.close()
                actors.remove(actor)
            case "expire":
                group.expire(member)
            case "move":
                group.move(TopicPartition("t", number), member)
            case _:
                pass
        alive = [a.listener.owned for a in actors if a.source.member in group.members]
        assert sum(map(len, alive)) == len(set().union(*alive))
    for _ in range(3):
        for actor in actors:
            actor.poll()
    assert sum(len(actor.listener.owned) for actor in actors) == 8
