"""Hold queues per partition, who is paused, and when a takeover may begin."""

from __future__ import annotations

from dataclasses import dataclass, field

from consumer.domain.records import Offset, Record, TopicPartition
from consumer.pipeline.contract import Rejected, Wait
from consumer.pipeline.intake import Intake
from tests.fakes.pipeline import OTHER_TP, TP, record


@dataclass
class Gate:
    """A pipeline that refuses what it is told to, and keeps the rest in order."""

    refuse: dict[TopicPartition, Wait] = field(default_factory=dict)
    taken: list[tuple[TopicPartition, int]] = field(default_factory=list)

    def submit(self, record: Record, now: float) -> None:
        """Take or refuse."""
        del now
        if record.tp in self.refuse:
            raise Rejected(self.refuse[record.tp], "by request")
        self.taken.append((record.tp, record.offset))


def opened_intake(gate: Gate, *, catch_up_to: int = 0, until: float = 0.0) -> Intake:
    """Return an intake with two partitions that are marked as ours."""
    intake = Intake(gate.submit)
    for tp in (TP, OTHER_TP):
        intake.assign(tp, Offset(0), Offset(catch_up_to), until)
        intake.opened(tp)
    return intake


def nobody(topic: str) -> bool:
    """No topic feeds a full target."""
    del topic
    return False


def test_a_refused_record_holds_its_own_partition_only() -> None:
    """A registry outage for one topic must not stop the others."""
    gate = Gate({TP: Wait.SCHEMA})
    intake = opened_intake(gate)
    intake.offer([record(0), record(0, tp=OTHER_TP), record(1)], 0.0)
    assert gate.taken == [(OTHER_TP, 0)]
    assert intake.paused(nobody) == {TP}
    assert (intake.held_records(), intake.waits()[TP][0]) == (2, Wait.SCHEMA)


def test_held_records_are_taken_in_order_once_it_is_possible() -> None:
    """Per partition, offsets only increase."""
    gate = Gate({TP: Wait.BUDGET})
    intake = opened_intake(gate)
    intake.offer([record(0), record(1)], 0.0)
    gate.refuse.clear()
    intake.offer([record(2)], 1.0)
    assert gate.taken == [(TP, 0), (TP, 1), (TP, 2)]
    assert intake.paused(nobody) == frozenset()


def test_nothing_is_taken_before_the_partition_is_marked_as_ours() -> None:
    """After a crash the next owner could not know that we had begun to send."""
    gate = Gate()
    intake = Intake(gate.submit)
    intake.assign(TP, Offset(0), Offset(0), 0.0)
    intake.offer([record(0)], 0.0)
    assert gate.taken == []
    assert intake.waits()[TP][0] is Wait.OPENING
    intake.opened(TP)
    intake.offer([], 0.0)
    assert gate.taken == [(TP, 0)]


def test_late_effects_of_the_last_owner_are_waited_for() -> None:
    """Its request could otherwise land after ours."""
    gate = Gate()
    intake = opened_intake(gate, until=60.0)
    intake.offer([record(0)], 59.0)
    assert (gate.taken, intake.due_at(59.0)) == ([], 60.0)
    intake.offer([], 60.0)
    assert gate.taken == [(TP, 0)]


def test_a_misfit_is_not_tried_at_every_turn() -> None:
    """It is translated again, which costs; nothing changes faster than a person."""
    gate = Gate({TP: Wait.MAPPING})
    intake = opened_intake(gate)
    intake.offer([record(0)], 0.0)
    gate.refuse.clear()
    intake.offer([], 4.9)
    assert gate.taken == []
    intake.offer([], 5.0)
    assert gate.taken == [(TP, 0)]


def test_topics_that_feed_a_full_target_pause_even_without_held_records() -> None:
    """Their next record would only be held."""
    intake = opened_intake(Gate())
    assert intake.paused(lambda topic: topic == "articles") == {TP, OTHER_TP}


def test_records_of_unassigned_partitions_and_repeated_offsets_are_left_out() -> None:
    """A client may still hand over what was fetched before a revoke."""
    gate = Gate()
    intake = opened_intake(gate)
    intake.offer([record(3), record(3), record(2)], 0.0)
    intake.offer([record(0, tp=TopicPartition("elsewhere", 0))], 0.0)
    assert (gate.taken, intake.polled) == ([(TP, 3)], 1)
    intake.release(TP)
    assert (intake.polled_by_topic(), intake.polled) == ({TP.topic: 1}, 1)


def test_catching_up_ends_at_the_mark_or_where_the_log_was_seen_to_end() -> None:
    """Offsets that are missing at the end of a log must not keep a window back for ever."""
    intake = opened_intake(Gate(), catch_up_to=2)
    intake.offer([record(0), record(1)], 0.0)
    assert intake.newly_caught_up({}) == [TP]
    assert intake.newly_caught_up({OTHER_TP: 1}) == []
    assert intake.newly_caught_up({OTHER_TP: 2}) == [OTHER_TP]
    assert intake.newly_caught_up({OTHER_TP: 2}) == []


def test_after_an_unclean_leave_the_mark_is_the_end_of_the_log_after_the_wait() -> None:
    """The last owner may have read, and pushed, further than the log was at assignment."""
    intake = Intake(Gate().submit)
    intake.assign(TP, Offset(0), None, until=60.0)
    intake.opened(TP)
    assert intake.unmarked(59.0) is None
    intake.offer([record(0), record(1)], 60.0)
    assert intake.newly_caught_up({TP: 2}) == []
    assert intake.unmarked(60.0) == TP
    intake.mark(TP, Offset(3))
    assert intake.newly_caught_up({TP: 2}) == []
    intake.offer([record(2)], 61.0)
    assert intake.newly_caught_up({}) == [TP]


def test_a_partition_that_waits_does_not_count_as_caught_up() -> None:
    """What narrows an item may be right behind the record that waits."""
    gate = Gate({TP: Wait.SCHEMA})
    intake = opened_intake(gate, catch_up_to=1)
    intake.offer([record(0)], 0.0)
    assert intake.newly_caught_up({TP: 1}) == []
    gate.refuse.clear()
    intake.offer([], 1.0)
    assert intake.newly_caught_up({}) == [TP]


def test_releasing_says_how_many_records_were_waiting() -> None:
    """The books must balance (INV-4)."""
    intake = opened_intake(Gate({TP: Wait.SCHEMA}))
    intake.offer([record(0), record(1)], 0.0)
    assert intake.release(TP) == 2
    assert intake.held_records() == 0
