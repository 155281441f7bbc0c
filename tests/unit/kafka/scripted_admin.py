"""An administration client that answers what the test says."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from confluent_kafka import KafkaError, KafkaException, TopicCollection, Uuid
from confluent_kafka import TopicPartition as ClientPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigEntry, ConfigResource
from confluent_kafka.admin._listoffsets import ListOffsetsResultInfo
from confluent_kafka.admin._topic import TopicDescription

NO_ID = Uuid(0, 0)
SOME_ID = Uuid(6219148415925636941, -4667466632006112624)
SOME_TEXT = "Vk7aiKiuT02_OdPT1klqkA"
"""`SOME_ID` as Kafka's tools print it (seen)."""

_T = TypeVar("_T")


def answered(value: _T | KafkaException) -> Future[_T]:
    """Return an answer that has come."""
    future: Future[_T] = Future()
    if isinstance(value, KafkaException):
        future.set_exception(value)
    else:
        future.set_result(value)
    return future


def failure(code: int) -> KafkaException:
    """Return what an answer with an error raises."""
    return KafkaException(KafkaError(code))


@dataclass
class _About:
    partitions: dict[int, object]
    error: KafkaError | None


@dataclass
class _Metadata:
    controller_id: int
    brokers: dict[int, object]
    topics: dict[str, _About]


@dataclass
class ScriptedAdmin:
    """Each answer is a value, an exception, or `None`: it does not come."""

    described: dict[str, Uuid | KafkaException | None] = field(default_factory=dict)
    configs: dict[str, dict[str, str] | KafkaException | None] = field(default_factory=dict)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    controller_id: int = 1
    errors: dict[str, KafkaError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    polled: int = 0
    error: KafkaException | None = None
    """Raised by whatever is asked."""

    def client(self) -> AdminClient:
        """Return it as what it stands for."""
        return cast("AdminClient", cast("Any", self))

    def poll(self, timeout: float) -> int:
        """Count."""
        assert timeout == 0
        self.polled += 1
        return 0

    def list_topics(self, topic: str, timeout: float) -> _Metadata:
        """Answer about one topic of two partitions."""
        assert timeout > 0
        if self.error is not None:
            raise self.error
        about = _About({0: object(), 1: object()}, self.errors.get(topic))
        return _Metadata(self.controller_id, {1: object()}, {topic: about})

    def describe_topics(
        self, topics: TopicCollection, request_timeout: float
    ) -> dict[str, Future[TopicDescription]]:
        """Answer each topic by itself."""
        assert request_timeout > 0
        if self.error is not None:
            raise self.error
        self.asked += [f"topic {name}" for name in topics.topic_names]
        return {name: self._described(name) for name in topics.topic_names}

    def _described(self, name: str) -> Future[TopicDescription]:
        answer = self.described.get(name, SOME_ID)
        if answer is None:
            return Future()
        if isinstance(answer, KafkaException):
            return answered(answer)
        partitions = cast("Any", [object(), object(), object()])
        return answered(TopicDescription(name, answer, False, partitions))  # noqa: FBT003 - theirs

    def describe_configs(
        self, resources: list[ConfigResource], request_timeout: float
    ) -> dict[ConfigResource, Future[dict[str, ConfigEntry]]]:
        """Answer each topic by itself."""
        assert request_timeout > 0
        self.asked += [f"settings {resource.name}" for resource in resources]
        return {resource: self._settings(resource.name) for resource in resources}

    def _settings(self, name: str) -> Future[dict[str, ConfigEntry]]:
        answer = self.configs.get(name, {})
        if answer is None:
            return Future()
        if isinstance(answer, KafkaException):
            return answered(answer)
        return answered({key: ConfigEntry(key, value) for key, value in answer.items()})

    def list_offsets(
        self, partitions: dict[ClientPartition, object], request_timeout: float
    ) -> dict[ClientPartition, Future[ListOffsetsResultInfo]]:
        """Answer those that are known."""
        assert request_timeout > 0
        if self.error is not None:
            raise self.error
        self.asked += [f"end {p.topic}/{p.partition}" for p in partitions]
        return {p: self._end(p) for p in partitions}

    def _end(self, partition: ClientPartition) -> Future[ListOffsetsResultInfo]:
        end = self.ends.get((partition.topic, partition.partition))
        if end is None:
            return answered(failure(KafkaError._UNKNOWN_PARTITION))
        return answered(ListOffsetsResultInfo(end, -1, -1))
