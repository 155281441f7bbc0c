"""A started source on a scripted client, for what no cluster can be made to do at will."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.records import TopicPartition
from consumer.kafka.membership import Arrivals, Membership
from consumer.kafka.source import KafkaSource
from tests.fakes.listener import RecordingListener
from tests.unit.kafka.scripted_positions import ScriptedPositions

A, B = TopicPartition("t", 0), TopicPartition("t", 1)
Rebalance = Callable[[Consumer, list[ClientPartition]], None]


class ScriptedConsumer:
    """Gives out what `script` holds, one entry a poll; a callable is a callback of the client."""

    def __init__(self) -> None:
        """Start with nothing to give."""
        self.script: deque[Message | Callable[[], None]] = deque()
        self.calls: list[tuple[str, set[TopicPartition]]] = []
        self.offsets: dict[TopicPartition, int] = {}
        """Where it was told to read last."""
        self.callbacks: dict[str, Rebalance] = {}
        self.waits: list[float] = []
        self.topics = {"t"}
        self.member: str | None = "a member"
        self.refusal: KafkaError | None = None

    def memberid(self) -> str | None:
        """Give the member's id: a classic member has none before it has joined."""
        return self.member

    def list_topics(self, timeout: float) -> SimpleNamespace:
        """Give the topics that exist."""
        assert timeout > 0
        return SimpleNamespace(topics=dict.fromkeys(self.topics))

    def committed(self, partitions: list[ClientPartition], timeout: float) -> list[ClientPartition]:
        """Answer for the group's coordinator, or not at all."""
        assert timeout > 0
        if self.refusal is not None:
            raise KafkaException(self.refusal)
        return partitions

    def subscribe(self, topics: list[str], **callbacks: Rebalance) -> None:
        """Keep the callbacks."""
        assert topics == ["t"]
        self.callbacks = callbacks

    def tell(self, kind: str, *partitions: TopicPartition) -> Callable[[], None]:
        """Make an entry that calls a callback."""
        parts = [ClientPartition(*tp) for tp in partitions]
        return lambda: self.callbacks[kind](cast("Any", self), parts)

    def poll(self, timeout: float) -> Message | None:
        """Give the next message, after the callbacks that come before it."""
        self.waits.append(timeout)
        while self.script:
            entry = self.script.popleft()
            if isinstance(entry, Message):
                return entry
            entry()
        return None

    def __getattr__(self, name: str) -> Callable[[Any], None]:
        """Note any other call with its partitions."""

        def call(partitions: Any) -> None:
            many = partitions if isinstance(partitions, list) else [partitions]
            self.calls.append((name, {TopicPartition(p.topic, p.partition) for p in many}))
            if name in {"assign", "incremental_assign", "seek"}:
                self.offsets |= {TopicPartition(p.topic, p.partition): p.offset for p in many}

        return call


class Scene:
    """A started source with its collaborators and a clock."""

    def __init__(self) -> None:
        """Start it."""
        self.now = 1000.0
        self.client = ScriptedConsumer()
        self.positions = ScriptedPositions()
        self.listener = RecordingListener()
        self.arrivals = Arrivals()
        consumer = cast("Consumer", cast("Any", self.client))
        self.member = Membership(consumer, self.arrivals, eager=False)
        self.source = KafkaSource(self.member, self.positions, monotonic=lambda: self.now)
        self.source.start(["t"], self.listener)

    def play(self, *entries: Message | Callable[[], None]) -> list[tuple[TopicPartition, int]]:
        """Poll once over these entries; return the positions of the records that came."""
        self.client.script.extend(entries)
        return [(r.tp, int(r.offset)) for r in self.source.poll(0.0, 100)]
