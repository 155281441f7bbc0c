"""Station 1: records of the partitions assigned to this member. May import `confluent_kafka`.

Records are taken one by one with `poll`, the first with a wait and the rest without: after each
of them it is known in which assignment it was read, so a rebalance in between can drop exactly
those that are no longer ours. (A batch from `consume` may hold records from both sides of it.)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Consumer, KafkaError, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.errors import CdcError
from consumer.domain.hazards import DeletesKept, EndSeen, Hazard
from consumer.domain.records import Record, TopicPartition
from consumer.kafka.asking import end_of_log
from consumer.kafka.errors import END_OF_LOG, OFFSET_CODES
from consumer.kafka.holds import Holds
from consumer.kafka.lookout import Lookout
from consumer.kafka.membership import Membership, PartitionListener
from consumer.kafka.messages import record_of_message
from consumer.kafka.pauses import Pauses
from consumer.kafka.positions import Positions, Resolution
from consumer.kafka.troubles import CLIENT, Troubles
from consumer.kafka.watermarks import Watermarks
from consumer.kafka.witnesses import Seen

_END_SECONDS: Final = 0.8
"""Longer than `fetch.wait.max.ms`: a connection answers in order, and a fetch can wait so long."""


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """How long the cluster may be asked for starts in one callback, and how often afterwards."""

    resolve_seconds: float = 5.0
    retry_seconds: float = 5.0
    retry_resolve_seconds: float = 0.5


class KafkaSource:
    """The `Source` on a real cluster, for classic groups (eager, cooperative) and KIP-848."""

    def __init__(
        self,
        membership: Membership,
        positions: Positions,
        limits: SourceLimits = SourceLimits(),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read through `membership`; nothing is joined before `start`."""
        self._membership = membership
        self._consumer = membership.consumer
        self._positions = positions
        self._limits = limits
        self._monotonic = monotonic
        self._listener: PartitionListener | None = None
        self._pauses = Pauses(self._consumer)
        self._holds = Holds()
        self._resolve_due = 0.0
        self._taken: list[Record] = []
        self._watermarks = Watermarks(membership.consumer)
        self._troubles = Troubles()
        self._joined = False
        self._lookout = Lookout(self._consumer, (), limits.retry_seconds)

    def start(self, topics: Sequence[str], listener: PartitionListener) -> None:
        """Subscribe to names and `^…$` patterns; partitions then reach `listener` within `poll`."""
        self._listener = listener
        self._lookout = Lookout(self._consumer, topics, self._limits.retry_seconds)
        self._consumer.subscribe(
            list(topics),
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )

    def poll(self, timeout_seconds: float, max_records: int) -> Sequence[Record]:
        """Return at most `max_records`; only the first is waited for.

        Raises FatalError, and ConfigError once for each partition whose next offset is not in its
        log, or whose topic was created anew (it stays ours, paused). Both are raised before
        anything is read, so no record is lost.
        """
        for changed in self._positions.look_again(self._membership.owned):
            self._holds.raise_later(changed)
        self._holds.raise_next()
        self._retry_held()
        self._look_out()
        self._taken = []
        deadline, wait = self._monotonic() + timeout_seconds, timeout_seconds
        while len(self._taken) < max_records:
            message = self._consumer.poll(wait)
            if message is None:
                break
            self._take(message)
            wait = 0.0 if self._taken else max(0.0, deadline - self._monotonic())
        while self._membership.arrivals.errors:
            self._note(self._membership.arrivals.errors.popleft(), CLIENT)
        taken, self._taken = self._taken, []
        return taken

    def set_paused(self, partitions: frozenset[TopicPartition]) -> None:
        """Make exactly these paused, of those assigned, now and after later assignments."""
        self._pauses.wanted = partitions
        self._apply_pauses()

    def high_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return the last known ends, from fetch answers; those of paused partitions grow old."""
        self._watermarks.refresh(self._membership.owned)
        return self._watermarks.high

    def low_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return the beginnings heard together with the ends last returned, if any was."""
        return self._watermarks.low

    def read_to(self) -> Mapping[TopicPartition, int]:
        """Return how far each assigned log was seen to its end, all of it returned by `poll`."""
        return self._watermarks.read_to

    def end_of(self, partition: TopicPartition) -> int | None:
        """Ask where the log ends now, for less than a second; `None` if nobody answers."""
        return end_of_log(self._consumer, partition, _END_SECONDS)

    def troubles(self) -> Mapping[str, str]:
        """Return what is wrong now, by partition, topic or `client`; empty when all is well."""
        held = self._holds.troubles([hazard.about for hazard in self.hazards()])
        return {**self._troubles.current(self._monotonic()), **self._lookout.missing, **held}

    def hazards(self) -> Sequence[Hazard]:
        """Return what was found out about the logs of what is ours."""
        ours = {*map(str, self._membership.owned), *map(str, self._holds.errors)}
        added = [each for each in self._positions.hazards() if each.about in ours]
        return [*self._holds.hazards(), *added]

    def ends_seen(self) -> Mapping[TopicPartition, EndSeen]:
        """Return where logs were seen to end since the last call; asked now and then."""
        return self._positions.ends_seen()

    def deletes_kept(self, topic: str) -> DeletesKept | None:
        """Return how long its log is sure to keep a delete; `None` while that is not known."""
        return self._positions.deletes_kept(topic)

    def close(self) -> None:
        """Give everything up, then leave the group.

        The listener hears of it before the client starts closing: while it closes it no longer
        answers what has been committed (measured), and a last commit could not be confirmed.
        """
        self._give_up(list(self._membership.owned))
        self._membership.leave()

    # --- records

    def _take(self, message: Message) -> None:
        error = message.error()
        tp = TopicPartition(message.topic() or "", message.partition() or 0)
        if error is not None:
            self._membership.arrivals.statistics.count(error)
            self._note_partition(error, tp, message.offset())
            return
        self._troubles.over(CLIENT, tp.topic)
        if self._membership.tenure(tp) is not None and tp not in self._holds.errors:
            self._look_at(record_of_message(message))

    def _look_at(self, record: Record) -> None:
        """Take a record, unless it only shows that the log is what it was, or that it is not."""
        witnesses = self._membership.witnesses
        seen = witnesses.see(record)
        if seen is Seen.NEW:
            self._taken.append(record)
        elif seen is Seen.ANOTHER:
            error = self._positions.gone(record.tp, witnesses.next_offset(record.tp))
            self._hold({record.tp: error})

    def _note_partition(self, error: KafkaError, tp: TopicPartition, offset: int | None) -> None:
        if error.code() == END_OF_LOG:
            if self._membership.tenure(tp) is not None and offset is not None:
                self._watermarks.read_to[tp] = offset
        elif error.code() not in OFFSET_CODES:
            self._note(error, tp.topic or CLIENT)
        elif self._membership.tenure(tp) is None:
            pass
        elif self._membership.skip_witness(tp):
            self._pauses.forget(frozenset({tp}))
            self._apply_pauses()
        else:
            self._hold({tp: self._positions.gone(tp, offset)})

    def _note(self, error: KafkaError, about: str) -> None:
        if (fatal := self._troubles.note(error, about, self._monotonic())) is not None:
            self._holds.raise_later(fatal)

    # --- rebalance callbacks, called by the client from inside poll and close

    def _on_assign(self, _: Consumer, partitions: list[ClientPartition]) -> None:
        if self._membership.is_leaving:  # the client takes them, and is asked for them next
            return
        tps = _ours(partitions)
        resolution = self._positions.resolve(tps, self._limits.resolve_seconds)
        self._membership.assign(tps, resolution.ready)
        self._rest_until_next(resolution)
        self._hold(resolution.held)
        self._hand_over(resolution)
        self._joined = True
        if not tps and not self._membership.owned and self._listener is not None:
            self._listener.on_assigned(())  # a member that owns nothing has joined all the same

    def _look_out(self) -> None:
        """Learn what the client does not say: that there is nothing to be assigned."""
        seconds = self._limits.retry_resolve_seconds
        if self._lookout.look(self._monotonic(), seconds, waiting=not self._joined):
            self._joined = True
            if self._listener is not None:
                self._listener.on_assigned(())

    def _hand_over(self, resolution: Resolution) -> None:
        ready = resolution.ready
        if not ready:
            return
        self._membership.acquire(ready)
        for one in ready:
            self._watermarks.begin(one.tp, int(one.high_watermark))
            self._troubles.over(one.tp.topic)
        self._apply_pauses()
        if self._listener is not None:
            self._listener.on_assigned(ready)

    def _on_revoke(self, _: Consumer, partitions: list[ClientPartition]) -> None:
        self._give_up(_ours(partitions))
        self._membership.unassign(partitions)

    def _give_up(self, partitions: Sequence[TopicPartition]) -> None:
        given = self._leave(partitions)
        try:
            if given and self._listener is not None:
                self._listener.on_revoked(given)
        finally:
            self._membership.release(given)

    def _on_lost(self, _: Consumer, partitions: list[ClientPartition]) -> None:
        lost = self._leave(_ours(partitions))
        self._membership.release(lost)
        if lost and self._listener is not None:
            self._listener.on_lost(lost)
        self._membership.unassign(partitions)

    def _leave(self, partitions: Sequence[TopicPartition]) -> list[TopicPartition]:
        """Drop what was read of these but not handed on; return those the listener knows of."""
        gone = frozenset(partitions)
        self._taken = [record for record in self._taken if record.tp not in gone]
        self._pauses.forget(gone)
        for tp in gone:
            self._holds.let_go(tp)
            self._watermarks.forget(tp)
        return [tp for tp in partitions if self._membership.tenure(tp) is not None]

    # --- pauses and holds

    def _apply_pauses(self) -> None:
        self._pauses.apply(self._membership.owned, self._holds.errors.keys())

    def _hold(self, held: Mapping[TopicPartition, CdcError]) -> None:
        """Keep these paused until their start is known."""
        self._holds.hold(held)
        self._apply_pauses()

    def _retry_held(self) -> None:
        waiting = [tp for tp in self._holds.errors if self._membership.tenure(tp) is None]
        if not waiting or self._monotonic() < self._resolve_due:
            return
        resolution = self._positions.resolve(waiting, self._limits.retry_resolve_seconds)
        self._rest_until_next(resolution)
        held = resolution.held
        self._hold({tp: held[tp] for tp in held if tp not in resolution.unasked})
        for one in resolution.ready:
            self._membership.begin(one)
            self._holds.let_go(one.tp)
        self._hand_over(resolution)

    def _rest_until_next(self, resolution: Resolution) -> None:
        """Go on at the next turn while answers come in time; else not for `retry_seconds`."""
        flows = bool(resolution.ready and resolution.unasked)
        self._resolve_due = self._monotonic() + (0.0 if flows else self._limits.retry_seconds)


def _ours(partitions: Iterable[ClientPartition]) -> list[TopicPartition]:
    return [TopicPartition(p.topic, p.partition) for p in partitions]
