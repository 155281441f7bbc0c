"""Broker and group coordinator: who may read what, and what is committed.

As on a real cluster a commit is checked for member and session, not for ownership, and commits of
one member arrive in the order in which they were sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from consumer.domain.assignment import CommitPoint
from consumer.domain.records import TopicPartition
from consumer.kafka.starts import Committed
from tests.simulation.plan import NOTICE_SECONDS, SESSION_SECONDS
from tests.simulation.world import World


@dataclass(slots=True, eq=False)
class Session:
    """A member's membership; a member that lost one joins with a new one."""

    member: str
    number: int
    alive: bool = True
    noticed_at: float = 0.0
    """From then on the client knows that its session is over."""
    silences: int = 0
    silent: bool = False


@dataclass(slots=True, eq=False)
class Cluster:
    """One group's coordinator. Assignments change hands only after a revoke or an expiry."""

    world: World
    partitions: tuple[TopicPartition, ...]
    sessions: list[Session] = field(default_factory=list)
    owners: dict[TopicPartition, Session] = field(default_factory=dict)
    targets: dict[TopicPartition, Session] = field(default_factory=dict)
    committed: dict[TopicPartition, Committed] = field(default_factory=dict)
    last_owner: dict[TopicPartition, str] = field(default_factory=dict)
    fetch_stalled: bool = False
    commit_trouble: float = 0.0
    """Share of commits that fail."""
    commit_seconds: float = 0.05
    """How long a commit takes at most."""
    _count: int = 0

    def join(self, member: str) -> Session:
        """Take a member in and share out anew."""
        self._count += 1
        session = Session(member, self._count)
        self.sessions.append(session)
        self.share()
        return session

    def leave(self, session: Session) -> None:
        """End a session at once: its partitions are free, whatever its member thinks."""
        if not session.alive:
            return
        session.alive = False
        soon, late = self.world.between(0.0, NOTICE_SECONDS), NOTICE_SECONDS
        session.noticed_at = self.world.now + self.world.pick((soon, late))
        self.sessions.remove(session)
        for tp in [tp for tp, owner in self.owners.items() if owner is session]:
            del self.owners[tp]
        self.world.tell("all", session.member, "session ends", session.number)
        self.share()

    def expire_later(self, session: Session) -> None:
        """No heartbeat comes from now on."""
        session.silences += 1
        session.silent = True
        silence = session.silences
        self.world.after(SESSION_SECONDS, "expiry", lambda: self._expire(session, silence))

    def heartbeat(self, session: Session) -> None:
        """Heartbeats come again, perhaps in time."""
        session.silent = False

    def _expire(self, session: Session, silence: int) -> None:
        if session.silent and session.silences == silence:
            self.leave(session)

    def share(self) -> None:
        """Decide anew who shall have what: whoever has something tends to keep it."""
        self.targets = {}
        if not self.sessions:
            return
        for tp in self.partitions:
            owner = self.owners.get(tp)
            keeps = owner is not None and owner.alive and self.world.chances.random() < 0.5
            chosen = owner if keeps and owner is not None else self.world.pick(self.sessions)
            self.targets[tp] = chosen

    def to_revoke(self, session: Session) -> list[TopicPartition]:
        """Return what a member has and shall not have any more."""
        return [
            tp
            for tp in self.partitions
            if self.owners.get(tp) is session and self.targets[tp] is not session
        ]

    def to_assign(self, session: Session) -> list[TopicPartition]:
        """Return what a member shall have and nobody has."""
        return [
            tp
            for tp in self.partitions
            if self.targets.get(tp) is session and tp not in self.owners
        ]

    def take(self, session: Session, tps: list[TopicPartition]) -> None:
        """A member gets partitions."""
        for tp in tps:
            self.owners[tp] = session
            self.last_owner[tp] = session.member

    def give(self, session: Session, tps: list[TopicPartition]) -> None:
        """A member gave partitions up."""
        for tp in tps:
            if self.owners.get(tp) is session:
                del self.owners[tp]

    def commit(self, session: Session, tp: TopicPartition, point: CommitPoint) -> str | None:
        """Take a commit; return why it failed, if it did or if only its answer is lost."""
        if not session.alive:
            self.world.seen.met("zombie_commit_refused")
            return "UNKNOWN_MEMBER_ID"
        if self.world.chance(self.commit_trouble):
            self.world.seen.met("commit_failed")
            return "NOT_COORDINATOR"
        self.committed[tp] = Committed(int(point.next_offset), point.tenure.value)
        self.world.tell(
            str(tp), "broker", "commits", point.next_offset, point.tenure, session.member
        )
        if self.world.chance(self.commit_trouble * 0.5):
            self.world.seen.met("commit_answer_lost")
            return "_TIMED_OUT"
        return None
