"""Records between the poll and the pipeline: a hold queue per partition, and who is paused.

A record that the pipeline refuses waits at the head of its own partition's queue, in order, and
only the partitions concerned pause (design §2, station 2). Imports the domain only.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from consumer.domain.records import Offset, Record, TopicPartition
from consumer.pipeline.contract import Rejected, Wait

Submit = Callable[[Record, float], None]
"""Takes a record whole or raises Rejected."""

_RETRY_SECONDS = {Wait.MAPPING: 5.0, Wait.DEAD_LETTER: 5.0}  # nothing changes faster than a person


@dataclass(slots=True, eq=False)
class Held:
    """A partition's queue and what it waits for; `opening` ends by a commit, `until` by time.

    `catch_up_to` is where the log ended when nobody else could be at work any more; not known yet
    after an unclean leave, because the last owner may have read further than the log was then.
    """

    next_offset: Offset
    catch_up_to: Offset | None
    until: float
    opening: bool = True
    records: deque[Record] = field(default_factory=deque)
    wait: Wait | None = None
    detail: str = ""
    retry_at: float = 0.0
    caught_up: bool = False
    polled: int = 0
    read_to: int = 0
    """How far the log was seen to its end, all of it offered: below it no record will come."""


class Intake:
    """Offers records to the pipeline in partition order; keeps back what it refuses."""

    def __init__(self, submit: Submit) -> None:
        """Offer to `submit`."""
        self._submit = submit
        self._polled_before: Counter[str] = Counter()
        self._held: dict[TopicPartition, Held] = {}

    def assign(
        self, tp: TopicPartition, next_offset: Offset, catch_up_to: Offset | None, until: float
    ) -> None:
        """Start a partition; nothing of it is taken before it is opened and `until` has passed."""
        self._held[tp] = Held(next_offset, catch_up_to, until)

    def unmarked(self, now: float) -> TopicPartition | None:
        """Return a partition whose end of the log must be asked for now, if there is one."""
        for tp, held in self._held.items():
            if held.catch_up_to is None and now >= held.until:
                return tp
        return None

    def mark(self, tp: TopicPartition, end: Offset) -> None:
        """The log of `tp` ends here, and from now on only we read it."""
        self._held[tp].catch_up_to = end

    def stop(self, tp: TopicPartition, wait: Wait, detail: str) -> None:
        """Take nothing more of `tp`, with or without records that wait, until it is released."""
        held = self._held[tp]
        held.wait, held.detail, held.retry_at = wait, detail, math.inf

    def opened(self, tp: TopicPartition) -> None:
        """The commit that says we are at work on `tp` is durable."""
        if tp in self._held:
            self._held[tp].opening = False

    def release(self, tp: TopicPartition) -> int:
        """Forget a partition; return how many records were waiting."""
        held = self._held.pop(tp)
        self._polled_before[tp.topic] += held.polled
        return len(held.records)

    @property
    def polled(self) -> int:
        """Return how many records were polled since the start."""
        return self._polled_before.total() + sum(held.polled for held in self._held.values())

    def polled_by_topic(self) -> Mapping[str, int]:
        """Return the same by topic."""
        polled = self._polled_before.copy()
        for tp, held in self._held.items():
            polled[tp.topic] += held.polled
        return polled

    def offer(self, records: Iterable[Record], now: float) -> None:
        """Queue polled records and take what can be taken.

        Records of partitions that are not assigned (they were revoked meanwhile) or that were
        offered before (a position reset) are left out, and not counted as polled.
        """
        for record in records:
            held = self._held.get(record.tp)
            if held is None or record.offset < held.next_offset:
                continue
            held.polled += 1
            held.next_offset = Offset(record.offset + 1)
            held.records.append(record)
        order = list(self._held)
        for tp in order:
            self._drain(self._held[tp], now)
        if order:  # whoever was first is last next time, or it would always get the room there is
            self._held[order[0]] = self._held.pop(order[0])

    def _drain(self, held: Held, now: float) -> None:
        if not self._may_go_on(held, now):
            return
        while held.records:
            try:
                self._submit(held.records[0], now)
            except Rejected as refusal:
                held.wait, held.detail = refusal.wait, refusal.detail
                held.retry_at = now + _RETRY_SECONDS.get(refusal.wait, 0.0)
                return
            held.records.popleft()
        held.wait, held.detail = None, ""

    @staticmethod
    def _may_go_on(held: Held, now: float) -> bool:
        if held.opening:
            held.wait, held.detail = Wait.OPENING, "its commit does not say yet that we own it"
            return False
        if now < held.until:
            held.wait = Wait.LATE_EFFECTS
            held.detail = "its last owner did not leave cleanly"
            return False
        return now >= held.retry_at

    def newly_caught_up(self, read_to: Mapping[TopicPartition, int]) -> list[TopicPartition]:
        """Return partitions that just reached their mark.

        `read_to` says how far each log was seen to its end: offsets that are missing there, such
        as those of transaction markers, will never be records.
        """
        done = []
        for tp, held in self._held.items():
            held.read_to = max(held.read_to, read_to.get(tp, 0))
            if not held.caught_up and self._catches_up_no_more(held):
                held.caught_up = True
                done.append(tp)
        return done

    @staticmethod
    def _catches_up_no_more(held: Held) -> bool:
        if held.wait is not None or held.records or held.catch_up_to is None:
            return False
        return max(held.next_offset, held.read_to) >= held.catch_up_to

    def paused(self, feeds_full_target: Callable[[str], bool]) -> frozenset[TopicPartition]:
        """Return who must not be polled: whoever holds records or waits, or feeds a full target."""
        return frozenset(
            tp
            for tp, held in self._held.items()
            if held.records or held.wait is not None or feeds_full_target(tp.topic)
        )

    def status(self, tp: TopicPartition) -> Held:
        """Return a partition's queue, for looking at."""
        return self._held[tp]

    def held_records(self) -> int:
        """Return how many polled records wait."""
        return sum(len(held.records) for held in self._held.values())

    def waits(self) -> dict[TopicPartition, tuple[Wait, str]]:
        """Return what each waiting partition waits for."""
        return {
            tp: (held.wait, held.detail) for tp, held in self._held.items() if held.wait is not None
        }

    def due_at(self, now: float) -> float | None:
        """Return when a wait next ends by time, or `None`."""
        times = [
            max(held.until, held.retry_at)
            for held in self._held.values()
            if held.wait is not None and not held.opening and held.wait is not Wait.SCHEMA
        ]
        return min((t for t in times if now < t < math.inf), default=None)
