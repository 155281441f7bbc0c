"""Topics of the stack's broker: made, deleted, made anew; where they end and what was committed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Final, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.cimpl import NewPartitions, NewTopic

from tests.stack.places import StackError

_TIMEOUT_SECONDS: Final = 30
_LOOK_SECONDS: Final = 0.05
_LEADER_COMES: Final = (
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)
"""Answers just after a topic or its broker came, while a partition's leader is not known there."""


class Committed(NamedTuple):
    """A group's commit for one partition; `offset` is `None` if there is none."""

    offset: int | None
    metadata: str | None


class Topics:
    """Asks the broker anew each time, so that it may have been restarted in between."""

    def __init__(self, bootstrap_servers: str) -> None:
        """Ask the broker at this address."""
        self._settings: Any = {"bootstrap.servers": bootstrap_servers, "log_level": 0}

    def create(self, name: str, partitions: int = 3) -> None:
        """Make a topic, and wait until it can be written to."""
        self._do(lambda admin: admin.create_topics([NewTopic(name, partitions, 1)]))
        self._wait(lambda: len(self.partitions(name)) == partitions, f"topic {name} is there")

    def delete(self, name: str) -> None:
        """Delete a topic with its records, and wait until it is gone."""
        self._do(lambda admin: admin.delete_topics([name]))
        self._wait(lambda: not self.partitions(name), f"topic {name} is gone")

    def recreate(self, name: str, partitions: int = 3) -> None:
        """Delete a topic and make it anew: its offsets begin at 0 again."""
        self.delete(name)
        self.create(name, partitions)

    def add_partitions(self, name: str, total: int) -> None:
        """Give a topic more partitions."""
        self._do(lambda admin: admin.create_partitions([NewPartitions(name, total)]))
        self._wait(lambda: len(self.partitions(name)) == total, f"topic {name} has {total}")

    def delete_records(self, name: str) -> None:
        """Delete all that a topic holds now, as retention does: its offsets go on from there."""
        upto = [TopicPartition(name, number, end) for number, end in self.ends(name).items()]
        self._do(lambda admin: admin.delete_records(upto))

    def configure(self, name: str, **settings: object) -> None:
        """Set settings of a topic, written with `_` for `.`."""
        resource = ConfigResource(ConfigResource.Type.TOPIC, name)
        for key, value in settings.items():
            what, how = key.replace("_", "."), AlterConfigOpType.SET
            resource.add_incremental_config(
                ConfigEntry(what, str(value), incremental_operation=how)
            )
        self._do(lambda admin: admin.incremental_alter_configs([resource]))

    def count(self, name: str) -> int:
        """Return how many records a topic holds: fewer than offsets, once it was compacted."""
        consumer = Consumer({**self._settings, "group.id": "nobody", "enable.partition.eof": True})
        parts = [TopicPartition(name, number, OFFSET_BEGINNING) for number in self.partitions(name)]
        try:
            consumer.assign(parts)
            records, ends = 0, 0
            while ends < len(parts):
                message = consumer.poll(_TIMEOUT_SECONDS)
                assert message is not None, f"{name} cannot be read"
                ends += message.error() is not None
                records += message.error() is None
            return records
        finally:
            consumer.close()

    def partitions(self, name: str) -> list[int]:
        """Return a topic's partitions; none if there is no such topic."""
        topics = AdminClient(self._settings).list_topics(timeout=_TIMEOUT_SECONDS).topics
        return sorted(topics[name].partitions) if name in topics else []

    def ends(self, name: str) -> dict[int, int]:
        """Return the next offset of each partition."""
        consumer = Consumer({**self._settings, "group.id": "nobody"})
        try:
            return {
                number: self._end(consumer, TopicPartition(name, number))
                for number in self.partitions(name)
            }
        finally:
            consumer.close()

    def committed(self, group: str, name: str) -> dict[int, Committed]:
        """Return what a group has committed, by partition."""
        consumer = Consumer({**self._settings, "group.id": group})
        try:
            asked = [TopicPartition(name, number) for number in self.partitions(name)]
            answered = consumer.committed(asked, timeout=_TIMEOUT_SECONDS) if asked else []
        finally:
            consumer.close()
        return {
            each.partition: Committed(each.offset if each.offset >= 0 else None, each.metadata)
            for each in answered
        }

    def _end(self, consumer: Consumer, tp: TopicPartition) -> int:
        ends: list[int] = []

        def is_told() -> bool:
            try:
                ends.append(consumer.get_watermark_offsets(tp, timeout=_TIMEOUT_SECONDS)[1])
            except KafkaException as problem:
                if problem.args[0].code() not in _LEADER_COMES:
                    raise
            return bool(ends)

        self._wait(is_told, f"{tp.topic}/{tp.partition} has a leader")
        return ends[0]

    def _do(self, ask: Callable[[AdminClient], Mapping[Any, Future[Any]]]) -> None:
        admin = AdminClient(self._settings)  # must live until it has the answers
        for answer in ask(admin).values():
            answer.result(_TIMEOUT_SECONDS)

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise StackError(f"not within {_TIMEOUT_SECONDS} s: {what}")
            time.sleep(_LOOK_SECONDS)
