"""Asks the cluster about topics: their ids, their partitions. May import `confluent_kafka`.

Ids come through the administration client, a second connection made when first needed; the right
to describe the topic is enough. Brokers before Kafka 2.8 have none, and librdkafka's mock cluster
cannot be asked at all: then there is only a topic's name, and its id stays unknown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import TimeoutError as Late
from typing import Final, NamedTuple, Protocol

from confluent_kafka import Consumer, KafkaException, TopicCollection, Uuid
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._topic import TopicDescription

from consumer.domain.errors import CdcError, RetryableError
from consumer.kafka.errors import error_in, waiting
from consumer.kafka.membership import CLIENT_LOG
from consumer.kafka.settings import KafkaSettings

UNABLE: Final = frozenset({"_UNSUPPORTED_FEATURE", "UNSUPPORTED_VERSION", "_NOT_IMPLEMENTED"})
"""What a cluster answers that does not know the question."""
_NO_ID: Final = str(Uuid(0, 0))
_GRACE_SECONDS: Final = 0.2
"""How much later than its own time-out an answer of the client may come."""


class TopicSeen(NamedTuple):
    """A topic as it is now; `topic_id` is `None` where the cluster does not tell."""

    topic_id: str | None
    partitions: int


Found = Mapping[str, TopicSeen | CdcError]


class Topics(Protocol):
    """Tells topics by more than their names."""

    def look(self, topics: Collection[str], seconds: float) -> Found:
        """Return each topic, or why it is not known, within about `seconds`. Never raises."""
        ...


class ClusterTopics:
    """`Topics` of a real cluster."""

    def __init__(self, consumer: Consumer, make_admin: Callable[[], AdminClient]) -> None:
        """Ask through `consumer`, and for ids through what `make_admin` makes."""
        self._consumer = consumer
        self._make_admin = make_admin
        self._admin: AdminClient | None = None

    @property
    def admin(self) -> AdminClient | None:
        """Return the administration client, `None` until it is known that it would be answered."""
        return self._admin

    def look(self, topics: Collection[str], seconds: float) -> Found:
        """Return each topic, or why it is not known, within about `seconds`. Never raises."""
        if not topics:
            return {}
        try:
            able = self._admin is not None or self._can_be_asked(next(iter(topics)), seconds)
            return self._described(topics, seconds) if able else self._named(topics, seconds)
        except KafkaException as exception:
            error = waiting(error_in(exception), f"topics {', '.join(sorted(topics))}")
            return dict.fromkeys(topics, error)

    def _can_be_asked(self, topic: str, seconds: float) -> bool:
        """Return whether there is a controller to ask: the mock cluster names one that is none."""
        metadata = self._consumer.list_topics(topic, timeout=seconds)
        if metadata.controller_id not in metadata.brokers:
            return False
        self._admin = self._make_admin()
        return True

    def _described(self, topics: Collection[str], seconds: float) -> Found:
        assert self._admin is not None
        asked = self._admin.describe_topics(TopicCollection(list(topics)), request_timeout=seconds)
        found: dict[str, TopicSeen | CdcError] = {}
        unable = []
        for topic, answer in asked.items():
            try:
                found[topic] = seen(answer.result(seconds + _GRACE_SECONDS))
            except Late:
                found[topic] = RetryableError(f"topic {topic}: no answer in time")
            except KafkaException as exception:
                error = error_in(exception)
                if error.name() in UNABLE:
                    unable.append(topic)
                found[topic] = waiting(error, f"topic {topic}")
        return found | self._named(unable, seconds)

    def _named(self, topics: Iterable[str], seconds: float) -> dict[str, TopicSeen | CdcError]:
        """Return what the metadata says, asked one by one: never for a cluster's whole list."""
        found: dict[str, TopicSeen | CdcError] = {}
        for topic in topics:
            about = self._consumer.list_topics(topic, timeout=seconds).topics[topic]
            if about.error is None:
                found[topic] = TopicSeen(None, len(about.partitions))
            else:
                found[topic] = waiting(about.error, f"topic {topic}")
        return found


def seen(description: TopicDescription) -> TopicSeen:
    """Return what a description says."""
    return TopicSeen(_text(description.topic_id), len(description.partitions))


def _text(topic_id: Uuid) -> str | None:
    """Return an id as Kafka's own tools print it; that of zeros stands for none."""
    text = str(topic_id)  # two ids of the client are not equal even if they are the same
    return None if text == _NO_ID else text.replace("+", "-").replace("/", "_")


def open_admin(settings: KafkaSettings) -> AdminClient:
    """Make an administration client for the cluster; it connects in the background.

    Its lines of the log wait until it is polled.
    """
    return AdminClient(settings.producer_config(), logger=logging.getLogger(CLIENT_LOG))
