"""Two worlds for one contract: the cluster in memory, and the real client on librdkafka's mock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from consumer.domain.assignment import CommitPoint, Tenure
from consumer.domain.records import Header, Offset, Record, TopicPartition
from consumer.kafka.starts import Committed, Start
from consumer.runtime.ports import Checkpoint, Source
from tests.cluster import mock_cluster
from tests.cluster.mock_cluster import PARTITIONS, MockCluster
from tests.fakes.listener import RecordingListener
from tests.fakes.log import FakeGroup, FakeLog
from tests.fakes.source import FakeCheckpoint, FakeSource


class Member(Protocol):
    """The two ports of one member."""

    @property
    def source(self) -> Source:
        """Return its source."""
        ...

    @property
    def checkpoint(self) -> Checkpoint:
        """Return its checkpoint."""
        ...


class World(Protocol):
    """One topic with 4 partitions and one group."""

    topic: str

    def append(
        self,
        tp: TopicPartition,
        value: bytes | None,
        key: bytes | None,
        headers: tuple[Header, ...],
        timestamp_ms: int,
    ) -> None:
        """Append a record."""
        ...

    def join(self, listener: RecordingListener, start: Start) -> Member:
        """Start a member."""
        ...

    def committed(self, tp: TopicPartition) -> Committed:
        """Return what the group has committed."""
        ...

    def commit(self, tp: TopicPartition, offset: int, metadata: str) -> None:
        """Commit from outside of the group."""
        ...


@dataclass(frozen=True, slots=True)
class FakeMember:
    """A member in memory."""

    source: FakeSource
    checkpoint: FakeCheckpoint


class FakeWorld:
    """All in memory."""

    def __init__(self) -> None:
        """Create the topic."""
        self.topic = "topic"
        self.log = FakeLog({self.topic: PARTITIONS})
        self.group = FakeGroup(self.log)

    def append(
        self,
        tp: TopicPartition,
        value: bytes | None,
        key: bytes | None,
        headers: tuple[Header, ...],
        timestamp_ms: int,
    ) -> None:
        """Append a record."""
        self.log.append(tp, key, value, headers, timestamp_ms)

    def join(self, listener: RecordingListener, start: Start) -> FakeMember:
        """Start a member."""
        source = FakeSource(self.group, start)
        source.start([self.topic], listener)
        return FakeMember(source, FakeCheckpoint(source))

    def committed(self, tp: TopicPartition) -> Committed:
        """Return what the group has committed."""
        return self.group.committed.get(tp, Committed(None))

    def commit(self, tp: TopicPartition, offset: int, metadata: str) -> None:
        """Commit from outside of the group."""
        self.group.committed[tp] = Committed(offset, metadata)


class MockWorld:
    """The real client, KIP-848 (whose groups the mock cluster does not make wait for 3 s)."""

    def __init__(self, cluster: MockCluster) -> None:
        """Create the topic."""
        self.cluster = cluster
        self.topic = cluster.new_topic()

    def append(
        self,
        tp: TopicPartition,
        value: bytes | None,
        key: bytes | None,
        headers: tuple[Header, ...],
        timestamp_ms: int,
    ) -> None:
        """Append a record."""
        self.cluster.append(tp, value, key, headers, timestamp_ms)

    def join(self, listener: RecordingListener, start: Start) -> mock_cluster.Member:
        """Start a member."""
        return mock_cluster.join(
            self.cluster.settings(self.topic, start=start), [self.topic], listener
        )

    def committed(self, tp: TopicPartition) -> Committed:
        """Return what the group has committed."""
        return self.cluster.committed(self.topic, tp)

    def commit(self, tp: TopicPartition, offset: int, metadata: str) -> None:
        """Commit from outside of the group."""
        self.cluster.commit(self.topic, tp, offset, metadata)


class _Collecting:
    """Passes on what a source reads, and keeps it too."""

    def __init__(self, source: Source, records: list[Record]) -> None:
        self._source = source
        self._records = records

    def poll(self, timeout_seconds: float, max_records: int) -> Sequence[Record]:
        found = self._source.poll(timeout_seconds, max_records)
        self._records.extend(found)
        return found


class Stage:
    """What a test of the contract says: a world, its members, and short words for both."""

    def __init__(self, world: World) -> None:
        """Start without members."""
        self.world = world
        self.members: list[Member] = []

    def tp(self, partition: int) -> TopicPartition:
        """Name a partition of the topic."""
        return TopicPartition(self.world.topic, partition)

    def append(
        self,
        partition: int,
        value: bytes | None = b"v",
        key: bytes | None = b"k",
        headers: tuple[Header, ...] = (),
        timestamp_ms: int = 1_700_000_000_000,
    ) -> None:
        """Append a record to a partition."""
        self.world.append(self.tp(partition), value, key, headers, timestamp_ms)

    def join(self, start: Start = Start.EARLIEST) -> tuple[Member, RecordingListener]:
        """Start a member and give it with its listener."""
        listener = RecordingListener()
        member = self.world.join(listener, start)
        self.members.append(member)
        return member, listener

    def leave(self, member: Member) -> None:
        """End a member."""
        self.members.remove(member)
        member.source.close()

    def spin(self, until: Callable[[list[Record]], bool]) -> list[Record]:
        """Poll all members in turns until `until` holds for the records so far."""
        records: list[Record] = []
        sources = [_Collecting(member.source, records) for member in self.members]
        mock_cluster.poll_in_turns(sources, lambda: until(records))
        return records

    def settle(self, listener: RecordingListener, count: int = PARTITIONS) -> list[Record]:
        """Poll until `listener` owns so many partitions."""
        return self.spin(lambda _: len(listener.owned) == count)

    def close(self) -> None:
        """End all members."""
        for member in list(self.members):
            self.leave(member)


def point(next_offset: int, tenure: Tenure = Tenure.OPEN) -> CommitPoint:
    """Shorten a commit point."""
    return CommitPoint(Offset(next_offset), tenure)
