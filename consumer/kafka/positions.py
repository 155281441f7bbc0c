"""Finds out where the reading of partitions starts. May import `confluent_kafka`.

Called from inside the rebalance callback, so everything is bounded; what could not be found out
in time is held back, never guessed and never forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, NoReturn, Protocol

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.assignment import Assigned, Incarnation
from consumer.domain.errors import CdcError, RetryableError
from consumer.domain.hazards import DeletesKept, EndSeen, Hazard
from consumer.domain.partitions import PartitionCounts
from consumer.domain.records import TopicPartition
from consumer.kafka.additions import Additions
from consumer.kafka.asking import Asking
from consumer.kafka.changed import LogChangedError
from consumer.kafka.incarnations import Incarnations, created_anew
from consumer.kafka.inquiry import Facts, Inquiry
from consumer.kafka.membership import Membership
from consumer.kafka.notes import Note, written
from consumer.kafka.settings import KafkaSettings
from consumer.kafka.starts import Committed, Start, begin, outside_log
from consumer.kafka.topics import ClusterTopics, Topics, TopicSeen, open_admin
from consumer.kafka.watch import TopicWatch

_NO_TIME: Final = "not asked yet where to start: the answers for others took all the time"
_CONFIRM_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Resolution:
    """Partitions whose start is known, and those held back, each with why."""

    ready: tuple[Assigned, ...]
    held: Mapping[TopicPartition, CdcError] = field(default_factory=dict)
    """A ConfigError says that somebody must decide where, or whether, reading goes on."""
    unasked: frozenset[TopicPartition] = frozenset()
    """Those of the held ones for which there was no time left."""


class Positions(Protocol):
    """Finds starts, and whether the ground under them has changed."""

    def resolve(self, partitions: Sequence[TopicPartition], seconds: float) -> Resolution:
        """Return starts and holds, within about `seconds`. Never raises for a single partition."""
        ...

    def look_again(self, owned: Collection[TopicPartition]) -> Sequence[LogChangedError]:
        """Return why reading must stop, if a topic that is read is another one now."""
        ...

    def ends_seen(self) -> Mapping[TopicPartition, EndSeen]:
        """Return where logs were seen to end since the last call."""
        ...

    def gone(self, tp: TopicPartition, offset: int | None) -> CdcError:
        """Return why `tp` cannot be read on from `offset`, which the cluster refused."""
        ...

    def hazards(self) -> Sequence[Hazard]:
        """Return what was found out about the logs in this run."""
        ...

    def deletes_kept(self, topic: str) -> DeletesKept | None:
        """Return how long its log is sure to keep a delete; `None` while that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a group starts on topics without a commit, and which topics are meant, by their ids."""

    start: Start = Start.EARLIEST
    topic_ids: Mapping[str, str] = field(default_factory=dict)


class ClusterPositions:
    """Starts by what the cluster says of commits, topics and logs."""

    def __init__(
        self,
        consumer: Consumer,
        topics: Topics,
        watch: TopicWatch,
        rules: Rules = Rules(),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask through `consumer`, and about topics as such through `topics` and `watch`."""
        self.counts: Final = PartitionCounts()
        self._consumer = consumer
        self._topics = topics
        self._watch = watch
        self._start = rules.start
        self._monotonic = monotonic
        self._asking = Asking(consumer, monotonic)
        self._inquiry = Inquiry(self._asking, topics, monotonic)
        self._incarnations = Incarnations(rules.topic_ids)
        self._additions = Additions(monotonic)

    def resolve(self, partitions: Sequence[TopicPartition], seconds: float) -> Resolution:
        """Return starts and holds, within about `seconds`; passing errors are tried again.

        What the cluster refuses holds the partition, too: a topic of a pattern may be new or just
        deleted, a right may come. Only an offset outside its log, and a topic that is not the one
        that was read, are somebody's to decide.
        """
        deadline = self._monotonic() + seconds
        ready: list[Assigned] = []
        held: dict[TopicPartition, CdcError] = {}
        unasked: list[TopicPartition] = []
        facts = self._inquiry.facts(partitions, deadline - seconds / 2)
        for tp in partitions:
            found = facts[tp]
            if isinstance(found, CdcError):
                held[tp] = found
            elif (ready or held) and self._monotonic() >= deadline:
                unasked.append(tp)
            else:
                try:
                    ready.append(self._begin(tp, found, deadline))
                except CdcError as error:
                    held[tp] = error
        held |= {tp: RetryableError(f"{tp}: {_NO_TIME}") for tp in unasked}
        return Resolution(tuple(ready), held, frozenset(unasked))

    def _begin(self, tp: TopicPartition, facts: Facts, deadline: float) -> Assigned:
        self.counts.note(tp.topic, facts.topic.partitions)
        committed = self._of_this_topic(tp, facts)
        log = self._asking.log_range(tp, deadline)
        if committed.next_offset is None:
            self._additions.admit(
                tp,
                facts.topic.partitions,
                log,
                facts.older,
                lambda others: self._topics.ends(others, _CONFIRM_SECONDS),
            )
        assigned = begin(tp, committed, log, self._start, topic_is_new=not facts.older)
        note = Note(partitions=facts.topic.partitions) if assigned.begun else committed.note
        topic_id = self._incarnations.known.get(tp.topic)
        incarnation = Incarnation(topic_id, note.partitions)
        return replace(assigned, incarnation=incarnation, end_seen_ms=note.end_seen_ms)

    def _of_this_topic(self, tp: TopicPartition, facts: Facts) -> Committed:
        try:
            return self._incarnations.check(tp, facts.committed, facts.topic.topic_id)
        except LogChangedError:
            if facts.committed.next_offset is None and self._differs(tp.topic, facts.topic):
                self._leave_a_mark(tp)
            raise

    def _leave_a_mark(self, tp: TopicPartition) -> NoReturn:
        """Commit that another topic was read: the next start, which remembers nothing, stops too.

        Kafka forgot the commits together with the former topic. Always raises RetryableError: who
        asks again finds the mark, and stops then. (To wait for a commit here has no time-out.)
        """
        note = written(Note(topic_id=self._incarnations.known.get(tp.topic)))
        with suppress(KafkaException):
            self._consumer.commit(offsets=[ClientPartition(*tp, 0, note)], asynchronous=True)
        msg = f"{tp} is of another topic than the one that was read; that is being committed"
        raise RetryableError(msg)

    def look_again(self, owned: Collection[TopicPartition]) -> Sequence[LogChangedError]:
        """Return why reading must stop, if a topic that is read is another one now.

        One that was taken from us is looked at when it comes again, and is marked then.
        """
        answers = self._watch.turn(owned)
        for topic, each in answers.items():
            self.counts.note(topic, each.partitions)
        doubtful = [t for t, each in answers.items() if self._differs(t, each)]
        # An answer may be older than a decision to read the new one: what is said now counts.
        found = self._topics.look(doubtful, _CONFIRM_SECONDS)
        return [
            created_anew(topic, self._incarnations.known[topic], str(now.topic_id))
            for topic in doubtful
            if isinstance(now := found[topic], TopicSeen) and self._differs(topic, now)
        ]

    def _differs(self, topic: str, now: TopicSeen) -> bool:
        return self._incarnations.differs(topic, now.topic_id)

    def gone(self, tp: TopicPartition, offset: int | None) -> CdcError:
        """Return why `tp` cannot be read on from `offset`; a topic created anew says so itself."""
        known = self._incarnations.known.get(tp.topic)
        now = self._topics.look([tp.topic], _CONFIRM_SECONDS)[tp.topic]
        if isinstance(now, TopicSeen) and known is not None and self._differs(tp.topic, now):
            return created_anew(tp.topic, known, str(now.topic_id))
        try:
            log = self._asking.log_range(tp, self._monotonic() + _CONFIRM_SECONDS)
        except CdcError:
            log = None
        return outside_log(tp, offset, log)

    def hazards(self) -> Sequence[Hazard]:
        """Return the partitions that were added in this run."""
        return self._additions.hazards()

    def ends_seen(self) -> Mapping[TopicPartition, EndSeen]:
        """Return where logs were seen to end since the last call."""
        return self._watch.ends_seen()

    def deletes_kept(self, topic: str) -> DeletesKept | None:
        """Return how long its log is sure to keep a delete; `None` while that is not known."""
        return self._watch.deletes_kept(topic)


def open_positions(membership: Membership, settings: KafkaSettings) -> ClusterPositions:
    """Return positions on a cluster; nothing is asked yet."""
    topics = ClusterTopics(lambda: open_admin(settings))
    watch = TopicWatch(lambda: topics.admin)
    rules = Rules(settings.start, settings.topic_ids)
    return ClusterPositions(membership.consumer, topics, watch, rules)
