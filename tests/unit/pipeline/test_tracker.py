"""Fates and low-water (INV-1, INV-2, INV-4)."""

from __future__ import annotations

import gc
from types import ModuleType

import pytest

from consumer.domain.errors import FatalError
from consumer.domain.fates import Fate
from consumer.domain.records import Offset
from consumer.pipeline.tracker import Ticket, Tracker
from tests.fakes.pipeline import TP, record


def tracker_from(offset: int = 0) -> Tracker:
    """Return a tracker that owns TP."""
    tracker = Tracker()
    tracker.assign(TP, Offset(offset))
    return tracker


def test_low_water_stops_at_the_first_record_without_a_fate() -> None:
    """Committing past an open record would lose it in a crash (INV-1)."""
    tracker = tracker_from()
    first, second = tracker.open(record(0), 1), tracker.open(record(1), 1)
    tracker.settle(second, Fate.ACCEPTED)
    assert tracker.low_water(TP) == 0
    tracker.settle(first, Fate.ACCEPTED)
    assert tracker.low_water(TP) == 2


def test_gaps_between_offsets_do_not_hold_the_low_water_back() -> None:
    """Compaction and transaction markers leave holes that nobody will ever settle."""
    tracker = tracker_from(5)
    tracker.settle(tracker.open(record(9), 1), Fate.SKIPPED)
    assert tracker.low_water(TP) == 10


def test_a_record_of_two_parts_needs_both() -> None:
    """One record may feed two targets; either alone is not its fate."""
    tracker = tracker_from()
    ticket = tracker.open(record(0), 2)
    assert not tracker.settle(ticket, Fate.ACCEPTED)
    assert tracker.low_water(TP) == 0
    assert tracker.settle(ticket, Fate.SUPERSEDED)
    assert (ticket.fate, tracker.low_water(TP)) == (Fate.ACCEPTED, 1)


def test_late_settling_after_a_release_changes_nothing() -> None:
    """An outcome of an older epoch is not ours to count (INV-3)."""
    tracker = tracker_from()
    old = tracker.open(record(0), 1)
    assert tracker.release(TP) == [old]
    tracker.assign(TP, Offset(0))
    tracker.open(record(0), 1)
    assert not tracker.settle(old, Fate.ACCEPTED)
    assert tracker.low_water(TP) == 0
    assert tracker.totals.fates[Fate.ACCEPTED] == 0


def test_a_second_fate_is_our_bug() -> None:
    """Counting a record twice would hide a lost one (INV-4)."""
    tracker = tracker_from()
    ticket = tracker.open(record(0), 1)
    tracker.settle(ticket, Fate.ACCEPTED)
    with pytest.raises(FatalError, match="second fate"):
        tracker.settle(ticket, Fate.ACCEPTED)


@pytest.mark.parametrize("offset", [0, 1])
def test_an_offset_that_does_not_increase_is_fatal(offset: int) -> None:
    """A record delivered twice within one epoch means that the client is broken."""
    tracker = tracker_from()
    tracker.open(record(1), 1)
    with pytest.raises(FatalError, match=f"articles/0@{offset}"):
        tracker.open(record(offset), 1)


def test_each_assignment_is_a_new_epoch() -> None:
    """Else an outcome from before a revoke would count after it."""
    tracker = tracker_from()
    first = tracker.epochs()[TP]
    tracker.release(TP)
    assert tracker.assign(TP, Offset(0)) > first


def test_assigning_what_is_assigned_is_fatal() -> None:
    """It would forget open records."""
    with pytest.raises(FatalError, match="assigned twice"):
        tracker_from().assign(TP, Offset(0))


def held_by(tracker: Tracker) -> list[Ticket]:
    """Return every ticket that can be reached from a tracker."""
    known: dict[int, object] = {}
    todo: list[object] = [tracker]
    while todo:
        each = todo.pop()
        if id(each) not in known and not isinstance(each, type | ModuleType):
            known[id(each)] = each
            todo += gc.get_referents(each)
    return [each for each in known.values() if isinstance(each, Ticket)]


def test_settled_records_behind_an_open_one_are_not_kept() -> None:
    """One record that cannot be settled for days must not fill the memory."""
    tracker = tracker_from()
    tracker.open(record(0), 1)
    for offset in range(1, 50):
        tracker.settle(tracker.open(record(offset), 1), Fate.ACCEPTED)
    assert [each.record.offset for each in held_by(tracker)] == [0]
    assert tracker.low_water(TP) == 0
