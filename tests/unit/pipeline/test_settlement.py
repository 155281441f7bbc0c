"""Outcomes become fates: whose fault, what goes again (INV-3)."""

from __future__ import annotations

import pytest

from consumer.domain.assignment import Tenure
from consumer.domain.errors import FatalError
from consumer.domain.fates import (
    Abandoned,
    Accepted,
    Attempt,
    Blocked,
    Broken,
    Fate,
)
from consumer.domain.records import Offset
from consumer.pipeline.lanes import LaneState
from tests.fakes.pipeline import (
    LINGER,
    OTHER_TP,
    SECURED,
    TARGET,
    TP,
    FakeTranslator,
    accepted,
    batch_at,
    pipeline,
    record,
    refused,
    retry,
    sent,
)


def test_a_failed_batch_goes_again_before_anything_newer() -> None:
    """Else an older state could land after a newer one (INV-5)."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    first = batch_at(built, LINGER)
    built.submit(record(1, "-a"), LINGER)
    built.resolve(retry(first, after=5.0), LINGER)
    assert batch_at(built, LINGER + 4.9) is None
    again = batch_at(built, LINGER + 5.0)
    assert (sent(again), again and again.attempt) == (["+a"], 2)
    built.resolve(accepted(again), 20.0)
    assert sent(batch_at(built, 99.0)) == ["-a"]


def test_after_an_ambiguous_outcome_the_lane_waits_for_late_effects() -> None:
    """The lost request may still be applied, and would then be newer than our next one."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    built.resolve(retry(batch_at(built, LINGER), ambiguous=True), LINGER)
    assert built.tenure_on_leaving(TP, LINGER + 59.9) is Tenure.OPEN
    assert batch_at(built, LINGER + 59.9) is None
    assert built.tenure_on_leaving(TP, LINGER + 60.0) is Tenure.CLEAN
    assert sent(batch_at(built, LINGER + 60.0)) == ["+a"]


def test_a_refused_batch_is_halved_in_order_down_to_the_culprit() -> None:
    """Only the record that the service refuses is set aside."""
    built = pipeline()
    for offset, word in enumerate(["+a", "+b", "+c"]):
        built.submit(record(offset, word), 0.0)
    seen = []
    now = LINGER
    while (batch := batch_at(built, now)) is not None:
        seen.append(sent(batch))
        built.resolve(refused(batch) if "+b" in seen[-1] else accepted(batch), now)
    assert seen == [["+a", "+b", "+c"], ["+a"], ["+b", "+c"], ["+b"], ["+c"]]
    (letter,) = built.take_letters()
    assert (letter.record.offset, letter.reason) == (1, "invalid_json")
    assert built.low_water()[TP] == 1
    built.letters_delivered([letter.letter_id])
    assert built.low_water()[TP] == 3


def test_a_refused_winner_brings_the_superseded_operation_back() -> None:
    """The older valid state is better than the one before both."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    built.submit(record(1, "+a"), 0.0)
    built.resolve(refused(batch_at(built, LINGER)), LINGER)
    back = batch_at(built, LINGER)
    assert back is not None
    assert b'"v": 0' in back.operations[0].payload
    built.resolve(accepted(back), LINGER)
    built.letters_delivered([letter.letter_id for letter in built.take_letters()])
    assert built.tally().settled == {
        (Fate.ACCEPTED, ""): 1,
        (Fate.DEAD_LETTERED, "invalid_json"): 1,
    }


def test_on_a_secured_target_a_refused_winner_becomes_a_delete() -> None:
    """It may have narrowed access; the older, wider state must not come back (INV-6)."""
    built = pipeline(FakeTranslator((SECURED,)))
    built.submit(record(0, "+a"), 0.0)
    built.submit(record(1, "+a"), 0.0)
    built.resolve(refused(batch_at(built, LINGER)), LINGER)
    instead = batch_at(built, LINGER)
    assert sent(instead) == ["-a"]
    built.letters_delivered([letter.letter_id for letter in built.take_letters()])
    assert built.low_water()[TP] == 0
    built.resolve(accepted(instead), LINGER)
    assert built.low_water()[TP] == 2
    assert built.tally().settled[Fate.DEAD_LETTERED, "invalid_json"] == 1


def test_a_refused_delete_on_a_secured_target_blocks_its_lane() -> None:
    """There is nothing safer left to send: someone must look."""
    built = pipeline(FakeTranslator((SECURED,)))
    built.submit(record(0, "-a"), 0.0)
    built.resolve(refused(batch_at(built, LINGER)), LINGER)
    assert built.lanes()[SECURED].state is LaneState.BLOCKED
    assert batch_at(built, LINGER + 29.0) is None
    assert sent(batch_at(built, LINGER + 30.0)) == ["-a"]
    assert built.take_letters() == []


def test_a_blocked_target_is_tried_again_and_goes_on_when_mended() -> None:
    """A wrong key is nobody's record's fault."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    batch = batch_at(built, LINGER)
    assert batch is not None
    built.resolve(Blocked(batch.batch_id, Attempt(), "invalid_token", "401"), LINGER)
    assert built.lanes()[TARGET].state is LaneState.BLOCKED
    again = batch_at(built, LINGER + 30.0)
    built.resolve(accepted(again), 50.0)
    assert built.lanes()[TARGET].state is LaneState.READY
    assert built.low_water()[TP] == 1


def test_outcomes_of_a_released_partition_change_nothing() -> None:
    """They belong to an epoch that is over (INV-3)."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    batch = batch_at(built, LINGER)
    built.release(TP)
    built.assign(TP, Offset(0), behind=False)
    built.resolve(accepted(batch), LINGER)
    assert built.low_water()[TP] == 0
    assert built.tracker.totals.fates[Fate.ACCEPTED] == 0


def test_a_retry_leaves_out_what_was_lost_meanwhile() -> None:
    """What waits for a retry is dropped on a revoke, the rest of the batch goes on."""
    built = pipeline()
    built.assign(OTHER_TP, Offset(0), behind=False)
    built.submit(record(0, "+a"), 0.0)
    built.submit(record(0, "+b", tp=OTHER_TP), 0.0)
    batch = batch_at(built, LINGER)
    built.release(TP)
    built.resolve(retry(batch), LINGER)
    assert sent(batch_at(built, 99.0)) == ["+b"]


def test_operations_cut_by_the_worker_are_not_accepted() -> None:
    """They were left out of the body; if they are still ours they go again."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    built.submit(record(1, "+b"), 0.0)
    batch = batch_at(built, LINGER)
    assert batch is not None
    built.resolve(Accepted(batch.batch_id, Attempt(), frozenset({0})), LINGER)
    assert built.low_water()[TP] == 0
    again = batch_at(built, LINGER)
    assert sent(again) == ["+a"]
    built.resolve(Abandoned(again.batch_id if again else 0, Attempt()), LINGER)
    assert sent(batch_at(built, LINGER)) == ["+a"]


def test_a_broken_attempt_stops_everything() -> None:
    """An exception that nobody expected says nothing about what was sent."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    batch = batch_at(built, LINGER)
    assert batch is not None
    with pytest.raises(FatalError, match="KeyError"):
        built.resolve(Broken(batch.batch_id, Attempt(), "KeyError in a push worker"), LINGER)


def test_a_drain_does_not_wait_for_a_blocked_target() -> None:
    """Nothing will go out before somebody has mended it; the next start reads it again."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    batch = batch_at(built, LINGER)
    assert batch is not None
    built.flush()
    assert not built.is_drained()
    built.resolve(Blocked(batch.batch_id, Attempt(), "invalid_token", "401"), LINGER)
    assert built.is_drained()
    assert built.low_water()[TP] == 0


def test_a_remembered_delete_keeps_no_bytes_of_its_record() -> None:
    """Ten thousand old rows with long texts must not stay for the sake of their tombstones."""
    built = pipeline()
    built.submit(record(0, "-a", value_bytes=5_000), 0.0)
    built.resolve(accepted(batch_at(built, LINGER)), LINGER)
    (remembered,) = built.lanes()[TARGET]._deletes.values()
    assert remembered.ticket.record.value is None
    built.submit(record(1, "~a"), LINGER)
    assert built.low_water()[TP] == 2


def test_a_blocked_target_without_anything_to_send_is_not_stuck() -> None:
    """Its partition was given up; whoever has it now says how it answers."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    batch = batch_at(built, LINGER)
    assert batch is not None
    built.resolve(Blocked(batch.batch_id, Attempt(), "invalid_token", "401"), LINGER)
    built.release(TP)
    assert batch_at(built, LINGER + 31.0) is None
    assert built.lanes()[TARGET].state is LaneState.READY
