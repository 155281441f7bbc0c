"""What the emulator took, judged by what was written: order, repetition, lateness."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.e2e.changes import Life
from tests.e2e.index import Taken
from tests.e2e.rounds import Round


@dataclass(slots=True)
class Verdict:
    """Counts, and everything that is wrong, one line each.

    A delete names no version: it counts as the earliest state that it can be.
    """

    operations: int = 0
    repeated: Counter[int] = field(default_factory=Counter)
    """Operations pushed again after a restart, by round."""
    exposed: Counter[int] = field(default_factory=Counter)
    """Operations that were taken, but not committed, when a round began: what may come again."""
    in_flight: Counter[int] = field(default_factory=Counter)
    """Of these, what the run before it had sent itself: in flight when it was killed."""
    after_the_kill: int = 0
    """Batches that took effect when their sender was dead already."""
    repeated_unanswered: int = 0
    """Operations pushed again by the same run, because the first call got no clear answer."""
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Judge:
    """Follows one source: per document id, which of its states was pushed last and by whom.

    After a restart a document may fall back to the first state that is not committed; on a secured
    source it may not, for an older state could show what a newer one hides.
    """

    lives: Mapping[str, Life]
    rounds: Sequence[Round]
    table: str
    secured: bool
    verdict: Verdict = field(default_factory=Verdict)
    _last: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Round and state by document id."""
    _pushed: dict[tuple[str, int], int] = field(default_factory=dict)
    """Round that last pushed a state."""
    _newest: int = -1

    def judge(self, batches: Sequence[Taken], answered: Mapping[int, bool]) -> Verdict:
        """Return the verdict on all batches; `answered` says which calls got their 202."""
        started = [one.started_ms for one in self.rounds]
        known = [(ms, at) for at, ms in enumerate(started) if ms is not None]
        unclear: set[tuple[str, int]] = set()
        for batch in batches:
            at = known[bisect_right(known, (batch.seen_ms, len(started))) - 1][1]
            self._begin(at)
            self.verdict.after_the_kill += batch.taken_ms > self.rounds[at].killed_ms
            operations = [*batch.upserts.items(), *((name, None) for name in batch.deletes)]
            for name, version in operations:
                state = self._place(at, name, version)
                if state is not None:
                    self._repetition(at, (name, state), unclear)
                    if not answered[batch.request]:
                        unclear.add((name, state))
        return self.verdict

    def _begin(self, at: int) -> None:
        """A batch of an older run must never land behind one of a newer run."""
        if at < self._newest:
            self.verdict.wrong.append(f"a batch of round {at} after one of round {self._newest}")
        for fresh in range(self._newest + 1, at + 1):
            senders = [
                sender
                for (name, state), sender in self._pushed.items()
                if self._offset(name, state) >= self._committed(fresh, name)
            ]
            self.verdict.exposed[fresh] = len(senders)
            self.verdict.in_flight[fresh] = senders.count(fresh - 1)
        self._newest = max(self._newest, at)

    def _place(self, at: int, name: str, version: int | None) -> int | None:
        """Return which state of its document this is: never one before the last of its run."""
        self.verdict.operations += 1
        life = self.lives[name]
        run, last = self._last.get(name, (-1, 0))
        floor = last if run == at else life.first_from(self._committed(at, name))
        if self.secured:
            floor = max(floor, last)
        state = life.find(version, floor)
        if state is None:
            self.verdict.wrong.append(f"{name} went back in round {at}, to {version}")
            return None
        self._last[name] = (at, state)
        return state

    def _repetition(self, at: int, what: tuple[str, int], unclear: set[tuple[str, int]]) -> None:
        before = self._pushed.get(what)
        self._pushed[what] = at
        if before is None:
            return
        if before < at:
            self.verdict.repeated[at] += 1
        elif what in unclear:
            self.verdict.repeated_unanswered += 1
        elif self.lives[what[0]].states[what[1]].version is not None:
            self.verdict.wrong.append(f"{what[0]} was sent twice in round {at} without need")

    def _committed(self, at: int, name: str) -> int:
        return self.rounds[at].committed[self.table][self.lives[name].partition]

    def _offset(self, name: str, state: int) -> int:
        return self.lives[name].states[state].offset
