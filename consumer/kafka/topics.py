"""Asks the cluster about topics: their ids, their partitions. May import `confluent_kafka`.

All of it through the administration client, made when first needed; the right to describe a topic
is enough. (The consumer's own `list_topics` must not be called from a callback of the consumer: the
next callback in the same poll then ends the process; seen with 2.16, and why in its C code.)
Brokers before Kafka 2.8 have no ids, and librdkafka's mock cluster cannot be asked for them: then
there is only a topic's name, and its id stays unknown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from typing import Final, NamedTuple, Protocol

from confluent_kafka import KafkaException, TopicCollection, Uuid
from confluent_kafka import TopicPartition as ClientPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import ListOffsetsResultInfo, OffsetSpec
from confluent_kafka.admin._topic import TopicDescription

from consumer.domain.errors import CdcError, RetryableError
from consumer.domain.records import TopicPartition
from consumer.kafka.errors import error_in, waiting
from consumer.kafka.membership import CLIENT_LOG
from consumer.kafka.options import Option
from consumer.kafka.settings import KafkaSettings

UNABLE: Final = frozenset({"_UNSUPPORTED_FEATURE", "UNSUPPORTED_VERSION", "_NOT_IMPLEMENTED"})
"""What a cluster answers that does not know the question."""
ADMIN: Final[Mapping[str, Option]] = {
    # As any producer, it would create the topics that it asks for, and one that was deleted (seen).
    "allow.auto.create.topics": False,
}
_NO_ID: Final = str(Uuid(0, 0))
_GRACE_SECONDS: Final = 0.2
"""How much later than its own time-out an answer of the client may come."""


class TopicSeen(NamedTuple):
    """A topic as it is now; `topic_id` is `None` where the cluster does not tell."""

    topic_id: str | None
    partitions: int


Found = Mapping[str, TopicSeen | CdcError]
Answers = dict[str, TopicSeen | CdcError]


class Topics(Protocol):
    """Tells topics by more than their names."""

    def look(self, topics: Collection[str], seconds: float) -> Found:
        """Return each topic, or why it is not known, within about `seconds`. Never raises."""
        ...

    def ends(
        self, partitions: Collection[TopicPartition], seconds: float
    ) -> Mapping[TopicPartition, int]:
        """Return where these logs end now. Raises why one of them is not known."""
        ...


class ClusterTopics:
    """`Topics` of a real cluster."""

    def __init__(self, make_admin: Callable[[], AdminClient]) -> None:
        """Ask through what `make_admin` makes."""
        self._make_admin = make_admin
        self._client: AdminClient | None = None
        self._able = False

    @property
    def admin(self) -> AdminClient | None:
        """Return the administration client, `None` until it is known that it would be answered."""
        return self._client if self._able else None

    def look(self, topics: Collection[str], seconds: float) -> Found:
        """Return each topic, or why it is not known, within about `seconds`. Never raises."""
        if not topics:
            return {}
        try:
            client = self._open()
            self._able = self._able or _can_be_asked(client, next(iter(topics)), seconds)
            ask = _described if self._able else _named
            return ask(client, topics, seconds)
        except KafkaException as exception:
            error = waiting(error_in(exception), f"topics {', '.join(sorted(topics))}")
            return dict.fromkeys(topics, error)

    def ends(
        self, partitions: Collection[TopicPartition], seconds: float
    ) -> Mapping[TopicPartition, int]:
        """Return where these logs end now. Raises why one of them is not known.

        Asked all together; on the consumer's own connections each waits behind a fetch.
        """
        try:
            asked = ask_for_ends(self._open(), partitions, seconds)
            return {tp: each.result(seconds + _GRACE_SECONDS).offset for tp, each in asked.items()}
        except Late:
            msg = "ends of logs: no answer in time"
            raise RetryableError(msg) from None
        except KafkaException as exception:
            raise waiting(error_in(exception), "ends of logs") from None

    def _open(self) -> AdminClient:
        self._client = self._client or self._make_admin()
        return self._client


def ask_for_ends(
    client: AdminClient, partitions: Collection[TopicPartition], seconds: float
) -> dict[TopicPartition, Future[ListOffsetsResultInfo]]:
    """Ask where these logs end; never waits."""
    latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    wanted = {ClientPartition(*tp): latest for tp in partitions}
    answers = client.list_offsets(wanted, request_timeout=seconds)
    return {TopicPartition(p.topic, p.partition): each for p, each in answers.items()}


def _can_be_asked(client: AdminClient, topic: str, seconds: float) -> bool:
    """Return whether there is a controller to ask: the mock cluster names one that is none."""
    metadata = client.list_topics(topic, timeout=seconds)
    return metadata.controller_id in metadata.brokers


def _described(client: AdminClient, topics: Collection[str], seconds: float) -> Answers:
    asked = client.describe_topics(TopicCollection(list(topics)), request_timeout=seconds)
    found: Answers = {}
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
    return found | _named(client, unable, seconds)


def _named(client: AdminClient, topics: Iterable[str], seconds: float) -> Answers:
    """Return what the metadata says, asked one by one: never for a cluster's whole list."""
    found: Answers = {}
    for topic in topics:
        about = client.list_topics(topic, timeout=seconds).topics[topic]
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
    config = {**settings.producer_config(), **ADMIN}
    return AdminClient(config, logger=logging.getLogger(CLIENT_LOG))
