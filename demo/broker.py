"""An embedded broker: librdkafka's mock cluster, which speaks the real protocol without Java.

It lives as long as this process. Each topic has four partitions; the recorded ones had three.
"""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import KafkaError, Message, Producer

from demo.recording import RecordedEvent

_CONFIG = {"bootstrap.servers": "none:1", "test.mock.num.brokers": 1, "log_level": 3}
_FLUSH_SECONDS = 30
_FULL_QUEUE_SECONDS = 0.1


class EmbeddedBroker:
    """A cluster of one broker, and the producer that fills it."""

    def __init__(self, topics: Iterable[str]) -> None:
        """Start it with these topics, empty; `address` is where clients connect."""
        self._producer = Producer(_CONFIG)
        brokers = self._producer.list_topics(timeout=10).brokers.values()
        self.address = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        for topic in topics:
            self._producer.list_topics(topic, timeout=10)  # asking for one creates it
        self.produced = 0
        self._failed = 0

    def produce(self, event: RecordedEvent) -> None:
        """Append a record to its partition; keys, values and headers byte for byte."""
        while True:
            try:
                self._producer.produce(
                    event.topic,
                    partition=event.partition,
                    key=event.key,
                    value=event.value,
                    headers=event.headers,
                    timestamp=event.timestamp_ms,
                    on_delivery=self._delivered,
                )
            except BufferError:
                self._producer.poll(_FULL_QUEUE_SECONDS)
            else:
                self.produced += 1
                self._producer.poll(0)
                return

    def flush(self) -> None:
        """Wait until everything produced is in the log. Raises RuntimeError if it is not."""
        left = self._producer.flush(_FLUSH_SECONDS)
        if left or self._failed:
            msg = f"the embedded broker did not take {left + self._failed} records; start again"
            raise RuntimeError(msg)

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        self._failed += error is not None
