"""A Kafka cluster in memory: partitioned logs and one consumer group. Pure: no thread, no clock.

It keeps the rules that matter here: a group knows members and generations, *not* ownership, when
it takes a commit; partitions change hands only when the former owner has let go or was expired.
What happens when is up to the caller: nothing moves until a member polls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from consumer.domain.assignment import CommitPoint
from consumer.domain.records import Header, Offset, Record, TopicPartition
from consumer.kafka.notes import Note, written
from consumer.kafka.starts import Committed, LogRange


@dataclass(slots=True)
class _Partition:
    records: list[Record] = field(default_factory=list)
    low: int = 0
    high: int = 0


class FakeLog:
    """Topics with their partitions; each record keeps the bytes it was given."""

    def __init__(self, topics: Mapping[str, int]) -> None:
        """Create topics, each with its number of partitions."""
        self._partitions: dict[TopicPartition, _Partition] = {}
        for topic, count in topics.items():
            self.grow(topic, count)

    def grow(self, topic: str, count: int) -> None:
        """Give `topic` so many partitions; those that exist keep their records."""
        for number in range(count):
            self._partitions.setdefault(TopicPartition(topic, number), _Partition())

    def recreate(self, topic: str) -> None:
        """Delete `topic` and create it anew, empty: its offsets begin at 0 again."""
        for tp in self.partitions([topic]):
            self._partitions[tp] = _Partition()

    def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """Return all partitions of the topics named, or matched by a `^…$` pattern, in order."""
        wanted = list(topics)
        return sorted(tp for tp in self._partitions if any(_matches(w, tp.topic) for w in wanted))

    def append(
        self,
        tp: TopicPartition,
        key: bytes | None,
        value: bytes | None,
        headers: tuple[Header, ...] = (),
        timestamp_ms: int = 0,
    ) -> Offset:
        """Append a record and return its offset."""
        partition = self._partitions[tp]
        offset = Offset(partition.high)
        partition.records.append(Record(tp, offset, timestamp_ms, key, value, headers))
        partition.high += 1
        return offset

    def trim(self, tp: TopicPartition, low: int) -> None:
        """Delete the records below `low`, as retention does."""
        partition = self._partitions[tp]
        partition.low = low
        partition.records = [r for r in partition.records if r.offset >= low]

    def compact(self, tp: TopicPartition) -> None:
        """Keep the last record of each key: offsets then have gaps."""
        partition = self._partitions[tp]
        last = {record.key: record.offset for record in partition.records}
        partition.records = [r for r in partition.records if last[r.key] == r.offset]

    def range(self, tp: TopicPartition) -> LogRange:
        """Return the first offset kept and the next one to be written."""
        partition = self._partitions[tp]
        return LogRange(partition.low, partition.high)

    def read(self, tp: TopicPartition, offset: int, limit: int) -> Sequence[Record]:
        """Return at most `limit` records from `offset` on."""
        partition = self._partitions[tp]
        return [r for r in partition.records if r.offset >= offset][:limit]


class CommitFault(StrEnum):
    """What can go wrong with one commit."""

    REFUSE = "refuse"
    """Not done, and said so."""
    LOSE_ANSWER = "lose_answer"
    """Done, and an error came back."""
    DELAY = "delay"
    """Under way until `release_delayed`, or until its partition is given up."""


@dataclass(frozen=True, slots=True)
class CommitEntry:
    """A commit that the group took, with who owned the partition at that moment."""

    member: int
    tp: TopicPartition
    point: CommitPoint
    owner: int | None


@dataclass(frozen=True, slots=True)
class DelayedCommit:
    """A commit that is still on its way; `answer` is told how it ended."""

    member: int
    tp: TopicPartition
    point: CommitPoint
    answer: Callable[[str | None], None]


Fault = Callable[[int, TopicPartition, CommitPoint], CommitFault | None]


def no_fault(_member: int, _tp: TopicPartition, _point: CommitPoint) -> CommitFault | None:
    """Let every commit succeed."""
    return None


class FakeGroup:
    """One consumer group with cooperative rebalancing, driven step by step."""

    def __init__(self, log: FakeLog) -> None:
        """Start without members and without commits."""
        self.log = log
        self.committed: dict[TopicPartition, Committed] = {}
        self.journal: list[CommitEntry] = []
        self.owners: dict[TopicPartition, int] = {}
        self.targets: dict[TopicPartition, int] = {}
        self.fault: Fault = no_fault
        self.coordinator_up = True
        """While this is false, nobody learns what is committed: new partitions are held."""
        self.delayed: list[DelayedCommit] = []
        self._topics: dict[int, tuple[str, ...]] = {}
        self._count = 0

    # --- members

    @property
    def members(self) -> list[int]:
        """Return the ids of the members, oldest first."""
        return sorted(self._topics)

    def join(self, topics: Sequence[str]) -> int:
        """Take a new member in, share out anew, and return its id."""
        self._count += 1
        self._topics[self._count] = tuple(topics)
        self.balance()
        return self._count

    def leave(self, member: int) -> None:
        """Let a member go that gave up its partitions before."""
        self.expire(member)

    def expire(self, member: int) -> None:
        """Drop a member at once: its partitions are free although it may still be at work."""
        self._topics.pop(member, None)
        for tp in [tp for tp, owner in self.owners.items() if owner == member]:
            del self.owners[tp]
        self.balance()

    # --- sharing out

    def balance(self) -> None:
        """Share all partitions evenly; who has one keeps it where possible."""
        names = {name for topics in self._topics.values() for name in topics}
        partitions = self.log.partitions(names)
        members = self.members
        if not members:
            self.targets = {}
            return
        most = -(-len(partitions) // len(members))
        load = dict.fromkeys(members, 0)
        targets: dict[TopicPartition, int] = {}
        for tp in partitions:
            owner = self.owners.get(tp)
            if owner in load and load[owner] < most:
                targets[tp] = owner
                load[owner] += 1
        for tp in partitions:
            if tp not in targets:
                targets[tp] = min(members, key=lambda member: (load[member], member))
                load[targets[tp]] += 1
        self.targets = targets

    def move(self, tp: TopicPartition, member: int) -> None:
        """Decide that `member` shall have `tp`: its owner lets go when it polls next.

        One that has left gets nothing, as with a real coordinator.
        """
        if member in self._topics:
            self.targets[tp] = member

    def to_revoke(self, member: int) -> list[TopicPartition]:
        """Return what `member` has and shall no longer have."""
        mine = sorted(tp for tp, owner in self.owners.items() if owner == member)
        return [tp for tp in mine if self.targets.get(tp) != member]

    def to_assign(self, member: int) -> list[TopicPartition]:
        """Return what `member` shall have and nobody has."""
        mine = sorted(tp for tp, target in self.targets.items() if target == member)
        return [tp for tp in mine if tp not in self.owners]

    def take(self, member: int, partitions: Iterable[TopicPartition]) -> None:
        """Note that `member` has these now."""
        self.owners.update(dict.fromkeys(partitions, member))

    def let_go(self, member: int, partitions: Iterable[TopicPartition]) -> None:
        """Free these. Commits under way are done first, as librdkafka waits for them."""
        gone = set(partitions)
        self.release_delayed(lambda one: one.member == member and one.tp in gone)
        for tp in gone:
            self.owners.pop(tp, None)

    # --- commits

    def commit(self, member: int, tp: TopicPartition, point: CommitPoint) -> str | None:
        """Take a commit of any member, for any partition; return why not, or `None`."""
        if member not in self._topics:
            return "unknown member"
        self.journal.append(CommitEntry(member, tp, point, self.owners.get(tp)))
        note = Note(point.tenure, end_seen_ms=point.end_seen_ms)
        self.committed[tp] = Committed(int(point.next_offset), written(note))
        return None

    def release_delayed(self, which: Callable[[DelayedCommit], bool] = lambda _: True) -> None:
        """Let delayed commits arrive; those of members that are gone are refused."""
        arriving = [one for one in self.delayed if which(one)]
        self.delayed = [one for one in self.delayed if one not in arriving]
        for one in arriving:
            one.answer(self.commit(one.member, one.tp, one.point))

    def foreign_commits(self) -> list[CommitEntry]:
        """Return the commits of those who did not own the partition: there must never be one."""
        return [entry for entry in self.journal if entry.owner != entry.member]


def _matches(wanted: str, topic: str) -> bool:
    return bool(re.fullmatch(wanted, topic)) if wanted.startswith("^") else wanted == topic
