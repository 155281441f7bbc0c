"""The tracker against a model that looks at every record each time (INV-1 … INV-4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from consumer.domain.fates import Fate
from consumer.domain.records import Offset
from consumer.pipeline.tracker import Ticket, Tracker
from tests.fakes.pipeline import TP, record


@dataclass
class Model:
    """One record in the slow model: its offset, what it still lacks, and the fates of its parts."""

    offset: int
    lacking: int
    fates: list[Fate] = field(default_factory=list)


class TrackerMachine(RuleBasedStateMachine):
    """Opens, settles in any order, revokes, reassigns; late settling included."""

    def __init__(self) -> None:
        """Own one partition from offset 0."""
        super().__init__()
        self.tracker = Tracker()
        self.tracker.assign(TP, Offset(0))
        self.start = 0
        self.next_offset = 0
        self.current: list[tuple[Ticket, Model]] = []
        self.stale: list[Ticket] = []
        self.done: dict[Fate, int] = dict.fromkeys(Fate, 0)
        self.released = 0
        self.opened = 0

    @rule(gap=st.integers(0, 3), parts=st.integers(1, 3))
    def open(self, gap: int, parts: int) -> None:
        """Read the next record."""
        offset = self.next_offset + gap
        self.next_offset = offset + 1
        self.opened += 1
        self.current.append((self.tracker.open(record(offset), parts), Model(offset, parts)))

    @precondition(lambda self: any(model.lacking for _, model in self.current))
    @rule(data=st.data(), fate=st.sampled_from(list(Fate)))
    def settle(self, data: st.DataObject, fate: Fate) -> None:
        """Settle one part of any open record."""
        waiting = [pair for pair in self.current if pair[1].lacking]
        ticket, model = data.draw(st.sampled_from(waiting))
        model.lacking -= 1
        model.fates.append(fate)
        assert self.tracker.settle(ticket, fate) == (model.lacking == 0)
        if not model.lacking:
            order = [Fate.SKIPPED, Fate.SUPERSEDED, Fate.ACCEPTED, Fate.DEAD_LETTERED]
            strongest = max(model.fates, key=order.index)
            assert ticket.fate is strongest
            self.done[strongest] += 1

    @precondition(lambda self: self.stale)
    @rule(data=st.data())
    def settle_late(self, data: st.DataObject) -> None:
        """An outcome of an epoch that is over."""
        assert not self.tracker.settle(data.draw(st.sampled_from(self.stale)), Fate.ACCEPTED)

    @rule()
    def revoke_and_reassign(self) -> None:
        """Start again from what could have been committed."""
        self.start = self.tracker.low_water(TP)
        left = self.tracker.release(TP)
        assert left == [ticket for ticket, model in self.current if model.lacking]
        self.released += len(left)
        self.stale += left
        self.current = []
        self.tracker.assign(TP, Offset(self.start))
        self.next_offset = self.start

    @invariant()
    def low_water_is_the_lowest_offset_without_a_fate(self) -> None:
        """INV-1, and INV-2 by comparing with a model that has no memory."""
        waiting = [model.offset for _, model in self.current if model.lacking]
        settled = [model.offset for _, model in self.current]
        expected = min(waiting) if waiting else max(settled, default=self.start - 1) + 1
        actual = self.tracker.low_water(TP)
        assert actual <= expected
        assert not [o for o in settled if o < expected and o >= actual]

    @invariant()
    def the_books_balance(self) -> None:
        """INV-4."""
        totals = self.tracker.totals
        assert totals.opened == self.opened
        assert totals.released == self.released
        assert totals.fates == self.done
        assert totals.opened == sum(totals.fates.values()) + totals.open + totals.released


TestTracker = TrackerMachine.TestCase
