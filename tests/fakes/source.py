"""One member of a `FakeGroup`: the same ports as the real source and checkpoint, same contract.

Deterministic: rebalances, commit answers and records are worked off inside `poll`, in that order.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from consumer.domain.assignment import Assigned, CommitPoint, CommitResult
from consumer.domain.errors import ConfigError
from consumer.domain.hazards import DeletesKept, EndSeen, Hazard
from consumer.domain.records import Record, TopicPartition
from consumer.kafka.starts import Committed, Start, begin
from consumer.runtime.ports import RebalanceListener
from tests.fakes.log import CommitFault, DelayedCommit, FakeGroup

_Answer = Callable[[str | None], None]

NOT_OURS = "not sent: the partition is not ours now"


class FakeSource:
    """Reads a `FakeLog` as a member of a `FakeGroup`; `timeout_seconds` of `poll` means nothing.

    `chunk` is the most that one fetch returns for one partition. A crash is not polling it any
    more; `FakeGroup.expire` is what the cluster then does sooner or later.
    """

    def __init__(self, group: FakeGroup, start: Start = Start.EARLIEST, chunk: int = 1000) -> None:
        """Prepare a member; it joins on `start`."""
        self.group = group
        self.member: int | None = None
        self.chunk = chunk
        self._start = start
        self._topics: tuple[str, ...] = ()
        self._listener: RebalanceListener | None = None
        self._next: dict[TopicPartition, int] = {}
        self._read_to: dict[TopicPartition, int] = {}
        self._tenures: dict[TopicPartition, int] = {}
        self._count = 0
        self._held: dict[TopicPartition, str] = {}
        self._paused: frozenset[TopicPartition] = frozenset()
        self._unraised: deque[ConfigError] = deque()
        self._turn = 0
        self.answers: deque[tuple[TopicPartition, CommitPoint, int, str | None]] = deque()
        self.arrived: list[tuple[TopicPartition, CommitPoint, int, str | None]] = []

    def start(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """Join the group; partitions then reach `listener` within `poll`."""
        self._topics = tuple(topics)
        self._listener = listener
        self.member = self.group.join(topics)

    # --- the port

    def poll(self, timeout_seconds: float, max_records: int) -> Sequence[Record]:  # noqa: ARG002 - a fake has no time
        """Work off what the group decided, then read what is there."""
        if self._unraised:
            raise self._unraised.popleft()
        self._rebalance()
        self.arrived.extend(self.answers)
        self.answers.clear()
        return self._read(max_records)

    def set_paused(self, partitions: frozenset[TopicPartition]) -> None:
        """Make exactly these paused, now and after later assignments."""
        self._paused = partitions

    def high_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return the ends of the owned partitions."""
        return {tp: self.group.log.range(tp).high for tp in self._next}

    def low_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return the beginnings of the owned partitions."""
        return {tp: self.group.log.range(tp).low for tp in self._next}

    def read_to(self) -> Mapping[TopicPartition, int]:
        """Return the ends of the logs where they were read to, as they were then."""
        ends = {tp: self.group.log.range(tp).high for tp in self._next}
        at_end = {tp: end for tp, end in ends.items() if self._next[tp] >= end}
        known = {tp: end for tp, end in self._read_to.items() if tp in self._next}
        self._read_to = known | at_end
        return self._read_to

    def end_of(self, partition: TopicPartition) -> int | None:
        """Return where the log ends."""
        return self.group.log.range(partition).high

    def hazards(self) -> Sequence[Hazard]:
        """Find nothing."""
        return ()

    def ends_seen(self) -> Mapping[TopicPartition, EndSeen]:
        """See none."""
        return {}

    def deletes_kept(self, topic: str) -> DeletesKept | None:
        """Keep deletes for ever: logs are not compacted behind anybody's back."""
        del topic
        return DeletesKept(math.inf)

    def troubles(self) -> Mapping[str, str]:
        """Have none."""
        return {}

    def close(self) -> None:
        """Give everything up and leave."""
        if self.member is not None and self.member in self.group.members:
            self._revoke(sorted(self._next))
            self.group.leave(self.member)
        self.member = None

    def tenure(self, tp: TopicPartition) -> int | None:
        """Return the number of the current turn with `tp`, or `None` if it is not ours."""
        return self._tenures.get(tp)

    # --- rebalancing

    def _rebalance(self) -> None:
        assert self.member is not None, "start comes first"
        if self.member not in self.group.members:
            self._lose()
        else:
            self._revoke(self.group.to_revoke(self.member))
        gained = self.group.to_assign(self.member)
        self.group.take(self.member, gained)
        self._held.update(dict.fromkeys(gained, ""))
        if self._held and self.group.coordinator_up:
            self._assign(sorted(self._held))

    def _lose(self) -> None:
        lost = sorted(self._next)
        self._forget([*lost, *self._held])
        if lost and self._listener is not None:
            self._listener.on_lost(lost)
        self.member = self.group.join(self._topics)

    def _revoke(self, partitions: Sequence[TopicPartition]) -> None:
        assert self.member is not None, "start comes first"
        known = [tp for tp in partitions if tp in self._next]
        if known and self._listener is not None:
            self._listener.on_revoked(known)
        self._forget(partitions)
        self.group.let_go(self.member, partitions)

    def _assign(self, partitions: Sequence[TopicPartition]) -> None:
        ready: list[Assigned] = []
        for tp in partitions:
            try:
                ready.append(self._begin(tp))
            except ConfigError as error:
                if str(error) != self._held[tp]:
                    self._unraised.append(error)
                self._held[tp] = str(error)
        for one in ready:
            del self._held[one.tp]
            self._count += 1
            self._tenures[one.tp] = self._count
            self._next[one.tp] = int(one.next_offset)
        if ready and self._listener is not None:
            self._listener.on_assigned(ready)

    def _begin(self, tp: TopicPartition) -> Assigned:
        known = self.group.committed
        is_new = not any(other in known for other in self.group.log.partitions([tp.topic]))
        committed = known.get(tp, Committed(None))
        return begin(tp, committed, self.group.log.range(tp), self._start, topic_is_new=is_new)

    def _forget(self, partitions: Sequence[TopicPartition]) -> None:
        for tp in partitions:
            self._next.pop(tp, None)
            self._tenures.pop(tp, None)
            self._held.pop(tp, None)

    # --- reading

    def _read(self, max_records: int) -> list[Record]:
        """Read in turns, beginning with another partition each time, so that none is starved."""
        readable = sorted(tp for tp in self._next if tp not in self._paused)
        self._turn += 1
        taken: list[Record] = []
        for index in range(len(readable)):
            tp = readable[(self._turn + index) % len(readable)]
            limit = min(self.chunk, max_records - len(taken))
            fetched = self.group.log.read(tp, self._next[tp], limit)
            if fetched:
                self._next[tp] = fetched[-1].offset + 1
            taken.extend(fetched)
        return taken


class FakeCheckpoint:
    """Commits to the `FakeGroup` for what its source owns; results arrive with `source.poll`."""

    def __init__(self, source: FakeSource) -> None:
        """Commit as the member that `source` is."""
        self._source = source
        self._sent: set[tuple[TopicPartition, int]] = set()
        self._waiting: dict[TopicPartition, CommitPoint] = {}
        self._results: list[CommitResult] = []

    def commit(self, points: Mapping[TopicPartition, CommitPoint]) -> None:
        """Start committing, one commit per partition at a time."""
        for tp, point in points.items():
            if self._source.tenure(tp) is None:
                self._results.append(CommitResult(tp, point, NOT_OURS))
            else:
                self._waiting[tp] = point
        self._send_waiting()

    def commit_now(
        self,
        points: Mapping[TopicPartition, CommitPoint],
        timeout_seconds: float,  # noqa: ARG002 - a fake has no time
    ) -> Sequence[CommitResult]:
        """Commit at once; a delayed commit or a lost answer is a failure to confirm."""
        results: list[CommitResult] = []
        for tp, point in points.items():
            self._waiting.pop(tp, None)
            if self._source.tenure(tp) is None:
                results.append(CommitResult(tp, point, NOT_OURS))
            else:
                outcome: list[str | None] = []
                self._send(tp, point, outcome.append)
                results.append(CommitResult(tp, point, outcome[0] if outcome else "not confirmed"))
        return results

    def results(self) -> Sequence[CommitResult]:
        """Return the results that arrived since the last call."""
        arrived, self._source.arrived = self._source.arrived, []
        for tp, point, tenure, error in arrived:
            self._sent.discard((tp, tenure))
            if tenure == self._source.tenure(tp):
                self._results.append(CommitResult(tp, point, error))
        self._send_waiting()
        results, self._results = self._results, []
        return results

    def _send_waiting(self) -> None:
        for tp, point in list(self._waiting.items()):
            tenure = self._source.tenure(tp)
            if tenure is None:
                self._results.append(CommitResult(tp, self._waiting.pop(tp), NOT_OURS))
            elif (tp, tenure) not in self._sent:
                del self._waiting[tp]
                self._sent.add((tp, tenure))
                self._send(tp, point, self._answer(tp, point, tenure))

    def _answer(self, tp: TopicPartition, point: CommitPoint, tenure: int) -> _Answer:
        return lambda error: self._source.answers.append((tp, point, tenure, error))

    def _send(self, tp: TopicPartition, point: CommitPoint, answer: _Answer) -> None:
        member = self._source.member
        assert member is not None, "start comes first"
        group = self._source.group
        match group.fault(member, tp, point):
            case None:
                answer(group.commit(member, tp, point))
            case CommitFault.REFUSE:
                answer("refused")
            case CommitFault.LOSE_ANSWER:
                answer(group.commit(member, tp, point) or "answer lost")
            case CommitFault.DELAY:
                group.delayed.append(DelayedCommit(member, tp, point, answer))
