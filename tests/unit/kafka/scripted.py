"""A client that answers commits as the test says, for what no cluster can be made to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.records import TopicPartition
from consumer.kafka.membership import Arrivals, CommitAnswer, Membership

Committed = dict[TopicPartition, tuple[int, str | None]]


class ScriptedClient:
    """Keeps commits under way until `answer`; `group` is what the group has committed."""

    def __init__(self) -> None:
        """Start with nothing committed."""
        self.sent: list[list[ClientPartition]] = []
        self.group: Committed = {}
        self.takes = True
        self.asked = 0
        self.refusal: KafkaError | None = None
        self.during_look: Callable[[], None] = lambda: None
        self.arrivals = Arrivals()

    def commit(self, *, offsets: list[ClientPartition], asynchronous: bool) -> None:
        """Note a commit; take it at once if `takes`."""
        assert asynchronous, "a synchronous commit has no time-out"
        if self.refusal is not None:
            raise KafkaException(self.refusal)
        self.sent.append(offsets)
        if self.takes:
            self.take(offsets)

    def take(self, offsets: list[ClientPartition]) -> None:
        """Let the group have these."""
        self.group |= {
            TopicPartition(p.topic, p.partition): (p.offset, p.metadata) for p in offsets
        }

    def committed(self, partitions: list[ClientPartition], timeout: float) -> list[ClientPartition]:
        """Answer what the group has."""
        assert timeout > 0, "no time left to ask in"
        self.asked += 1
        self.during_look()
        none: tuple[int, str | None] = (-1001, "")
        return [
            ClientPartition(
                p.topic,
                p.partition,
                *self.group.get(TopicPartition(p.topic, p.partition), none),
            )
            for p in partitions
        ]

    def answer(self, number: int, error: KafkaError | None = None) -> None:
        """Deliver the answer to the commit sent as `number`."""
        self.arrivals.commits.append(
            CommitAnswer(error, self.sent[number], self.arrivals.monotonic())
        )


def membership(client: ScriptedClient) -> Membership:
    """Return a membership on the scripted client."""
    consumer = cast("Consumer", cast("Any", client))
    return Membership(consumer, client.arrivals, eager=False)
