"""The ports of one member: source, checkpoint, dead letters, schemas, clock."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consumer.domain.assignment import Assigned, CommitPoint, CommitResult
from consumer.domain.hazards import DeletesKept, EndSeen, Hazard
from consumer.domain.records import Record, TopicPartition
from consumer.kafka.starts import Committed, LogRange, Start, begin
from consumer.runtime.ports import RebalanceListener
from tests.simulation.checks import Checks, Tenure
from tests.simulation.cluster import Cluster, Session
from tests.simulation.log import Log
from tests.simulation.world import World

Wait = Callable[[Callable[[], bool], float], None]
"""Lets others go on until something is so, or until a time."""


@dataclass(slots=True)
class SimClock:
    """Virtual time."""

    world: World

    def monotonic(self) -> float:
        """Return virtual seconds."""
        return self.world.now

    def wall_ms(self) -> int:
        """Return virtual milliseconds."""
        return int(self.world.now * 1_000)


class SimSource:
    """Reads the log as a member of the group; rebalances reach the listener within `poll`."""

    def __init__(self, name: str, cluster: Cluster, log: Log, checks: Checks) -> None:
        """Prepare; the member joins on `start`."""
        self.name = name
        self.wait: Wait = cluster.world.run_until
        self.session: Session
        self.listener: RebalanceListener
        self.tenures: dict[TopicPartition, Tenure] = {}
        self.timeout_seconds = 0.0
        self.lost_at = 0.0
        self.revoke_seconds = math.inf
        self._cluster = cluster
        self._world = cluster.world
        self._log = log
        self._checks = checks
        self._indexes: dict[TopicPartition, int] = {}
        self._paused: frozenset[TopicPartition] = frozenset()
        self._turn = 0

    def start(self, listener: RebalanceListener) -> None:
        """Join the group."""
        self.listener = listener
        self.session = self._cluster.join(self.name)

    def poll(self, timeout_seconds: float, max_records: int) -> Sequence[Record]:
        """Work off one change of the assignment if there is one, then read what is there."""
        self.timeout_seconds = timeout_seconds
        self._rebalance()
        if self._cluster.fetch_stalled:
            return ()
        return self._read(max_records)

    def _rebalance(self) -> None:
        if not self.session.alive:
            if self._world.now >= self.session.noticed_at:
                self._lose()
            else:
                self._world.seen.met("zombie_turned")
            return
        if self._world.waiting:
            return  # one member waits inside a revoke: the others' turn comes after it
        revoked = self._cluster.to_revoke(self.session)
        if revoked:
            self._revoke(revoked)
            return
        gained = self._cluster.to_assign(self.session)
        if gained:
            self._assign(gained)

    def _lose(self) -> None:
        lost = list(self.tenures)
        self._world.tell("all", self.name, "notices that it lost", *lost)
        self.lost_at = self._world.now
        if lost:
            self.listener.on_lost(lost)
        self._forget(lost)
        self.session = self._cluster.join(self.name)

    def _revoke(self, tps: list[TopicPartition]) -> None:
        self._world.tell("all", self.name, "gives up", *tps)
        began = self._world.now
        self.listener.on_revoked(tps)
        if self._world.now - began >= self.revoke_seconds:
            self._world.seen.met("revoke_deadline_hit")
        self._forget(tps)
        self._cluster.give(self.session, tps)
        if not self.session.alive:
            self._world.seen.met("revoke_lost_session")

    def _assign(self, tps: list[TopicPartition]) -> None:
        assigned = [self._begin(tp) for tp in tps]
        self._cluster.take(self.session, tps)
        for each in assigned:
            self.tenures[each.tp] = self._checks.begin(self.name, each)
            self._indexes[each.tp] = self._log.partitions[each.tp].index_of(each.next_offset)
            self._world.tell(
                str(each.tp), self.name, f"takes over as tenure {self.tenures[each.tp].number} at",
                each.next_offset, "clean" if each.clean else "unclean",
            )  # fmt: skip
        self.listener.on_assigned(assigned)

    def _begin(self, tp: TopicPartition) -> Assigned:
        committed = self._cluster.committed.get(tp, Committed(None))
        high = self._log.partitions[tp].high
        assigned = begin(tp, committed, LogRange(0, high), Start.EARLIEST, topic_is_new=True)
        seen = self._world.seen
        if committed.next_offset is not None:
            seen.met("clean_takeover" if assigned.clean else "unclean_takeover")
        if self._cluster.last_owner.get(tp) == self.name:
            seen.met("same_owner_again")
        return assigned

    def _forget(self, tps: Sequence[TopicPartition]) -> None:
        for tp in tps:
            del self.tenures[tp], self._indexes[tp]

    def _read(self, max_records: int) -> list[Record]:
        """Read in turns, beginning with another partition each time."""
        self._turn += 1
        readable = [tp for tp in self._indexes if tp not in self._paused]
        taken: list[Record] = []
        for number in range(len(readable)):
            tp = readable[(self._turn + number) % len(readable)]
            index = self._indexes[tp]
            entries = self._log.partitions[tp].entries[index : index + max_records - len(taken)]
            self._indexes[tp] = index + len(entries)
            taken += [entry.record for entry in entries]
        return taken

    def set_paused(self, partitions: frozenset[TopicPartition]) -> None:
        """Pause exactly these."""
        self._paused = partitions

    def high_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return the ends of what is assigned."""
        return {tp: self._log.partitions[tp].high for tp in self.tenures}

    def low_watermarks(self) -> Mapping[TopicPartition, int]:
        """Return where the logs begin: nothing is ever deleted from them."""
        return dict.fromkeys(self.tenures, 0)

    def read_to(self) -> Mapping[TopicPartition, int]:
        """Return the ends of the logs that were read to their end."""
        logs = self._log.partitions
        return {
            tp: logs[tp].high
            for tp, index in self._indexes.items()
            if index >= len(logs[tp].entries)
        }

    def end_of(self, partition: TopicPartition) -> int | None:
        """Return where the log ends now, unless the brokers are silent."""
        if self._cluster.fetch_stalled:
            return None
        tenure = self.tenures[partition]
        tenure.mark = self._log.partitions[partition].high
        return tenure.mark

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
        if self.session.alive and self.tenures:
            self._revoke(list(self.tenures))
        self._cluster.leave(self.session)


Sent = tuple[TopicPartition, CommitPoint, Tenure]


class SimCheckpoint:
    """Commits to the cluster; what is sent arrives later, in order."""

    def __init__(self, source: SimSource, cluster: Cluster, checks: Checks) -> None:
        """Commit as the member that `source` is."""
        self.dead = False
        self._source = source
        self._cluster = cluster
        self._world = cluster.world
        self._checks = checks
        self._sent: deque[tuple[Session, Sent]] = deque()
        self._results: list[CommitResult] = []

    def commit(self, points: Mapping[TopicPartition, CommitPoint]) -> None:
        """Send commits."""
        for tp, point in points.items():
            tenure = self._source.tenures[tp]
            self._checks.commit_requested(tenure, point)
            self._sent.append((self._source.session, (tp, point, tenure)))
            seconds = self._world.between(0.001, self._cluster.commit_seconds)
            self._world.after(seconds, "commit", self._arrive)

    def _arrive(self) -> None:
        """The oldest one sent arrives; if its member is gone meanwhile, perhaps not."""
        if not self._sent or (self.dead and self._world.chance(0.5)):
            return
        session, (tp, point, tenure) = self._sent.popleft()
        error = self._cluster.commit(session, tp, point)
        if not self.dead:
            self._world.after(
                self._world.between(0.001, 0.3),
                "commit answer",
                lambda: self._answer(tenure, CommitResult(tp, point, error)),
            )

    def _answer(self, tenure: Tenure, result: CommitResult) -> None:
        """An answer counts only in the tenure in which it was asked for."""
        if self._source.tenures.get(result.tp) is tenure:
            self._results.append(result)

    def commit_now(
        self, points: Mapping[TopicPartition, CommitPoint], timeout_seconds: float
    ) -> Sequence[CommitResult]:
        """Let everything sent before arrive, then these."""
        self._source.wait(lambda: False, self._world.now + min(timeout_seconds, 0.05))
        while self._sent:
            self._arrive()
        results: list[CommitResult] = []
        for tp, point in points.items():
            self._checks.commit_requested(self._source.tenures[tp], point)
            error = self._cluster.commit(self._source.session, tp, point)
            if error is not None:
                self._world.seen.met("last_commit_failed")
            results.append(CommitResult(tp, point, error))
        return results

    def results(self) -> Sequence[CommitResult]:
        """Return what has come back."""
        results, self._results = self._results, []
        return results
