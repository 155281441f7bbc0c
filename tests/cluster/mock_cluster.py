"""librdkafka's mock cluster in this process: real protocol, no Java, no Docker.

Facts about it (seen with 2.16.1): topics are created when first used, with 4 partitions; a classic
group waits 3 s before its first rebalance, a KIP-848 group does not wait; it dies with the
producer that made it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.records import Header, Record, TopicPartition
from consumer.kafka.checkpoint import KafkaCheckpoint
from consumer.kafka.membership import Membership, open_membership
from consumer.kafka.options import Option
from consumer.kafka.positions import Positions, open_positions
from consumer.kafka.settings import GroupProtocol, KafkaSettings
from consumer.kafka.source import KafkaSource, SourceLimits
from consumer.kafka.starts import Committed, Start
from consumer.runtime.ports import RebalanceListener

PARTITIONS = 4

_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a group: the ports of the loop, and what to end it by."""

    source: KafkaSource
    checkpoint: KafkaCheckpoint
    membership: Membership


class MockCluster:
    """A cluster of one broker, and clients for it."""

    def __init__(self) -> None:
        """Start it."""
        self._producer = Producer({"bootstrap.servers": "none:1", "test.mock.num.brokers": 1})
        brokers = self._producer.list_topics(timeout=5).brokers.values()
        self.bootstrap_servers = ",".join(f"{b.host}:{b.port}" for b in brokers)

    def new_topic(self) -> str:
        """Create a topic with a name of its own."""
        name = f"topic-{next(_names)}"
        self._producer.list_topics(name, timeout=5)
        return name

    def append(
        self,
        tp: TopicPartition,
        value: bytes | None = b"x",
        key: bytes | None = b"k",
        headers: Sequence[Header] = (),
        timestamp_ms: int = 0,
    ) -> None:
        """Append a record and wait until it is there."""
        self._producer.produce(
            tp.topic, value, key, tp.partition, headers=list(headers), timestamp=timestamp_ms
        )
        assert self._producer.flush(5) == 0

    def committed(self, group: str, tp: TopicPartition) -> Committed:
        """Return what `group` has committed for `tp`."""
        with self.client(group) as consumer:
            (answer,) = consumer.committed([ClientPartition(*tp)], timeout=5)
        return Committed(answer.offset if answer.offset >= 0 else None, answer.metadata)

    def commit(self, group: str, tp: TopicPartition, offset: int, metadata: str = "") -> None:
        """Commit from outside, as an operator's tool does while the group has no members."""
        with self.client(group) as consumer:
            offsets = [ClientPartition(*tp, offset, metadata)]
            consumer.commit(offsets=offsets, asynchronous=False)

    @contextmanager
    def client(self, group: str) -> Iterator[Consumer]:
        """Give a bare client of `group` that never joins it."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap_servers, "group.id": group})
        try:
            yield consumer
        finally:
            consumer.close()

    def settings(
        self,
        group: str,
        protocol: GroupProtocol = GroupProtocol.CONSUMER,
        start: Start = Start.EARLIEST,
        options: Mapping[str, Option] = MappingProxyType({}),
    ) -> KafkaSettings:
        """Return settings for a member; a classic group rebalances as fast as the mock can."""
        quick = (
            {"session.timeout.ms": 3500, "heartbeat.interval.ms": 200}
            if protocol is GroupProtocol.CLASSIC
            else {}
        )
        return KafkaSettings(
            self.bootstrap_servers, group, protocol, start, 60_000, {**quick, **options}
        )


def join(
    settings: KafkaSettings,
    topics: Sequence[str],
    listener: RebalanceListener,
    wrap: Callable[[Positions], Positions] = lambda positions: positions,
) -> Member:
    """Start a member; `wrap` may put something between it and the cluster's answers."""
    membership = open_membership(settings)
    positions = wrap(open_positions(membership, settings))
    source = KafkaSource(membership, positions, SourceLimits(2.0, 0.05, 1.0))
    source.start(topics, listener)
    return Member(source, KafkaCheckpoint(membership), membership)


class Polls(Protocol):
    """Anything that is polled for records."""

    def poll(self, timeout_seconds: float, max_records: int) -> Sequence[Record]:
        """Return records."""
        ...


def poll_in_turns(
    sources: Sequence[Polls], until: Callable[[], bool], seconds: float = 9.0
) -> list[Record]:
    """Poll until `until` holds; return all records. Fails the test after `seconds`."""
    records: list[Record] = []
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            pytest.fail(f"not reached within {seconds} s")
        for source in sources:
            records.extend(source.poll(0.02, 500))
    return records


def spin(
    members: Sequence[Member], until: Callable[[], bool], seconds: float = 9.0
) -> list[Record]:
    """Poll the members in turns until `until` holds; return all records."""
    return poll_in_turns([member.source for member in members], until, seconds)
