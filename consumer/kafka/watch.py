"""Asks about topics now and then, and never waits for the answer. May import `confluent_kafka`.

Which id a name has now: a topic can be deleted and created anew while it is read. Where logs end.
And how long a compacted topic keeps deletes: for that alone the right to describe a topic's
configuration is needed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Final, Generic, TypeVar

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigEntry, ConfigResource
from confluent_kafka.admin._listoffsets import ListOffsetsResultInfo
from confluent_kafka.admin._topic import TopicDescription

from consumer.domain.hazards import DeletesKept, EndSeen
from consumer.domain.records import TopicPartition
from consumer.kafka.errors import error_in, passes
from consumer.kafka.topics import TopicSeen, ask_for_ends, seen

ROUND_SECONDS: Final = 30.0
"""Between two rounds: as often as librdkafka refreshes what it knows of topics."""
_SETTINGS_EVERY: Final = 20
"""Rounds between two questions about settings that are known."""
_ANSWER_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.5
UNTOLD: Final = DeletesKept(86_400.0, certain=False)
"""Kafka's default of `delete.retention.ms`, a day, where the cluster does not tell."""

_K = TypeVar("_K")
_T = TypeVar("_T")


class _Asked(Generic[_K, _T]):
    """Answers that are awaited, by what was asked about."""

    def __init__(self) -> None:
        self.open: dict[_K, Future[_T]] = {}

    def take(self) -> dict[_K, Future[_T]]:
        """Return the answers that have come, errors among them."""
        done = {about: answer for about, answer in self.open.items() if answer.done()}
        self.open = {about: each for about, each in self.open.items() if about not in done}
        return done


class TopicWatch:
    """One round of questions at a time. `client` may have none: then nothing is ever told."""

    def __init__(
        self,
        client: Callable[[], AdminClient | None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask through what `client` returns."""
        self._client = client
        self._monotonic = monotonic
        self._ids: _Asked[str, TopicDescription] = _Asked()
        self._settings: _Asked[str, dict[str, ConfigEntry]] = _Asked()
        self._logs: _Asked[TopicPartition, ListOffsetsResultInfo] = _Asked()
        self._kept: dict[str, DeletesKept] = {}
        self._ends: dict[TopicPartition, EndSeen] = {}
        self._look_at = 0.0
        self._asked_at = -ROUND_SECONDS
        self._rounds = 0

    def turn(self, partitions: Collection[TopicPartition]) -> Mapping[str, TopicSeen]:
        """Return what topics were seen to be since the last call; ask again when that is due."""
        admin, now = self._client(), self._monotonic()
        if admin is None or now < self._look_at:
            return {}
        self._look_at = now + _LOOK_SECONDS
        admin.poll(0)  # hands on its lines of the log
        found = _told(self._ids.take())
        self._take_settings()
        self._take_ends(now - self._asked_at)
        awaited = self._ids.open or self._settings.open or self._logs.open
        if now >= self._asked_at + ROUND_SECONDS and partitions and not awaited:
            self._asked_at = now
            with suppress(KafkaException):  # the client's own trouble: the next round asks again
                self._ask(admin, partitions)
        return {topic: seen(description) for topic, description in found.items()}

    def deletes_kept(self, topic: str) -> DeletesKept | None:
        """Return how long its log is sure to keep a delete; `None` before the first answer."""
        return UNTOLD if self._client() is None else self._kept.get(topic)

    def ends_seen(self) -> Mapping[TopicPartition, EndSeen]:
        """Return where logs were seen to end since the last call."""
        ends, self._ends = self._ends, {}
        return ends

    def _ask(self, admin: AdminClient, partitions: Collection[TopicPartition]) -> None:
        seconds, topics = _ANSWER_SECONDS, sorted({tp.topic for tp in partitions})
        self._ids.open = admin.describe_topics(TopicCollection(topics), request_timeout=seconds)
        again = self._rounds % _SETTINGS_EVERY == 0
        self._rounds += 1
        unknown = [name for name in topics if again or self._kept.get(name, UNTOLD) is UNTOLD]
        if unknown:
            resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in unknown]
            answers = admin.describe_configs(resources, request_timeout=seconds)
            self._settings.open = {resource.name: answer for resource, answer in answers.items()}
        self._logs.open = ask_for_ends(admin, partitions, seconds)

    def _take_settings(self) -> None:
        for topic, answer in self._settings.take().items():
            kept = _kept(answer)
            if kept is not None:
                self._kept[topic] = kept

    def _take_ends(self, age_seconds: float) -> None:
        """Keep ends as old as their question is: what is written later lies behind them."""
        for tp, info in _told(self._logs.take()).items():
            self._ends[tp] = EndSeen(info.offset, age_seconds)


def _told(answers: Mapping[_K, Future[_T]]) -> dict[_K, _T]:
    """Return the answers that are no errors; those are asked for again with the next round."""
    return {about: each.result() for about, each in answers.items() if not each.exception()}


def _kept(answer: Future[dict[str, ConfigEntry]]) -> DeletesKept | None:
    """Return what an answer says; `None` if it is a trouble that passes."""
    try:
        entries = answer.result()
    except KafkaException as exception:
        return None if passes(error_in(exception)) else UNTOLD
    policy, keep_ms = entries.get("cleanup.policy"), entries.get("delete.retention.ms")
    if policy is None or policy.value is None or keep_ms is None or keep_ms.value is None:
        return UNTOLD
    if "compact" not in policy.value:
        return DeletesKept(math.inf)
    return DeletesKept(int(keep_ms.value) / 1_000)
