"""Which topic of a name is the one that is read: Kafka may have another one under it by now.

With a topic that is deleted, Kafka forgets what was committed for it (seen with 4.3), and the new
one counts from 0. So what this run has read is remembered here, and a commit says which topic it is
about. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from consumer.domain.errors import RetryableError
from consumer.domain.hazards import HazardKind
from consumer.domain.records import TopicPartition
from consumer.kafka.changed import LogChangedError
from consumer.kafka.starts import Committed


class Incarnations:
    """Remembers, compares, and lets an operator decide by naming the id that is meant."""

    def __init__(self, meant: Mapping[str, str]) -> None:
        """`meant`: ids by topic, of `kafka.topic_ids`."""
        self._meant = meant
        self._known: dict[str, str] = {}

    @property
    def known(self) -> Mapping[str, str]:
        """Return the ids of the topics that this run has read, or begun to."""
        return self._known

    def check(self, tp: TopicPartition, committed: Committed, topic_id: str | None) -> Committed:
        """Return what is committed for the topic that is there now.

        That is nothing if the commit, or what this run has read, was of another topic and the
        operator named the new one. Raises LogChangedError if nobody did, or if another one was
        named; RetryableError if that cannot be told.
        """
        self._require_meant(tp.topic, topic_id)
        said = committed.note.topic_id
        known = said if said is not None else self._known.get(tp.topic)
        if topic_id is None or known is None or known == topic_id:
            now = topic_id if topic_id is not None else known
            if now is not None:
                self._known[tp.topic] = now
            return committed
        if self._meant.get(tp.topic) != topic_id:
            self._known[tp.topic] = known
            raise created_anew(tp.topic, known, topic_id)
        self._known[tp.topic] = topic_id
        return replace(committed, next_offset=None, void=True)

    def _require_meant(self, topic: str, topic_id: str | None) -> None:
        meant = self._meant.get(topic)
        if meant is None or meant == topic_id:
            return
        if topic_id is None:
            msg = f"topic {topic}: kafka.topic_ids names {meant}, and the cluster tells no ids"
            raise RetryableError(msg)
        msg = (
            f"topic {topic} has the id {topic_id}, but kafka.topic_ids names {meant}: another one"
            " is meant. Nothing is read from it. Find out which of the two is right"
        )
        raise LogChangedError(HazardKind.TOPIC_CREATED_ANEW, topic, topic, msg)

    def differs(self, topic: str, topic_id: str | None) -> bool:
        """Return whether a topic that was read has another id now."""
        known = self._known.get(topic)
        return topic_id is not None and known is not None and known != topic_id


def created_anew(topic: str, known: str, found: str) -> LogChangedError:
    """Return why a topic is not read that has another id than the one that was read."""
    msg = (
        f"topic {topic} is not the one that was read: its id is {found} now, what was read had"
        f" {known}. It was deleted and created anew, and what had not been read of it is gone."
        " Nothing is read from the new one. To read it from its beginning, set"
        f" kafka.topic_ids.{topic} to {found}; then take a new snapshot of its tables"
    )
    return LogChangedError(HazardKind.TOPIC_CREATED_ANEW, topic, topic, msg)
