"""Waiting for a first partition: does the group answer, are there topics? May import the client.

librdkafka does not say. A KIP-848 member to whom nothing is assigned hears nothing at all, nor does
one whose topics do not exist; a classic member joins only once one of its topics does, and is told
once (measured with 2.16.0 on Kafka 4.3). Debezium makes a topic with its table's first row, so a
topic that is not there yet is no error, and no restart brings it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

_NOT_THERE: Final = (
    "no such topic yet, or we may not see it: it is read as soon as it is there. Debezium makes one"
    " with the first row of its table; otherwise correct the name"
)
_NO_TOPIC: Final = "coveo-cdc"
"""Any name does: the question is whether the group's coordinator answers."""


class Lookout:
    """Looks at the cluster now and then, until every wanted topic was seen."""

    def __init__(self, consumer: Consumer, topics: Iterable[str], every_seconds: float) -> None:
        """Look out for names and `^…$` patterns, at most every so many seconds."""
        self._consumer = consumer
        self._wanted = frozenset(topics)
        self._unseen = set(self._wanted)
        self._every_seconds = every_seconds
        self._due: float | None = None
        self._missing: dict[str, str] = {}

    @property
    def missing(self) -> Mapping[str, str]:
        """Return the topics and patterns of which nothing exists, each with what to do."""
        return self._missing

    def found(self, topic: str) -> None:
        """Note that a topic exists."""
        for wanted in [each for each in self._unseen if _fits(each, topic)]:
            self._unseen.discard(wanted)
            self._missing.pop(wanted, None)

    def look(self, now: float, timeout_seconds: float, *, waiting: bool) -> bool:
        """Look, if it is time to; return whether all that can be done by now is to wait.

        `waiting`: nothing was ever assigned. True then says that the group's coordinator answers
        us, and that we are a member or could only be one if a topic existed.
        """
        if self._due is None:
            self._due = now + self._every_seconds
        if now < self._due or not (waiting or self._unseen):
            return False
        self._due = now + self._every_seconds
        try:
            existing = self._consumer.list_topics(timeout=timeout_seconds).topics
            for topic in existing:
                self.found(topic)
            self._missing = dict.fromkeys(sorted(self._unseen), _NOT_THERE)
            member = bool(self._consumer.memberid()) or self._unseen == self._wanted
            return waiting and member and self._group_answers(timeout_seconds)
        except KafkaException:
            return False  # said elsewhere; asked again

    def _group_answers(self, timeout_seconds: float) -> bool:
        asked = [ClientPartition(_NO_TOPIC, 0)]
        answers = self._consumer.committed(asked, timeout=timeout_seconds)
        return all(_is_allowed(answer.error) for answer in answers)


def _is_allowed(error: KafkaError | None) -> bool:
    return error is None or error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED


def _fits(wanted: str, topic: str) -> bool:
    return re.fullmatch(wanted, topic) is not None if wanted.startswith("^") else wanted == topic
