"""Taking records in: whole or not at all, poison, budgets, books (stations 2 to 7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.domain.fates import Fate
from consumer.domain.operations import SkipReason, SourceKind, TargetId
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.domain.schemas import SchemaRef
from consumer.pipeline.contract import SNAPSHOT_READ, Rejected, Translation, Wait
from consumer.pipeline.pipeline import Pipeline
from tests.fakes.pipeline import (
    SECURED,
    TARGET,
    TP,
    FakeTranslator,
    accepted,
    always,
    batch_at,
    lane_settings,
    pipeline,
    record,
    retry,
    sent,
)


def refusal(built: Pipeline, offset: int, *words: str, value_bytes: int = 0) -> Rejected:
    """Submit a record that must be refused."""
    with pytest.raises(Rejected) as caught:
        built.submit(record(offset, *words, value_bytes=value_bytes), 0.0)
    return caught.value


def test_a_skip_is_a_fate() -> None:
    """A record that means nothing must not hold the commit back."""
    built = pipeline()
    built.submit(record(0), 0.0)
    assert built.low_water()[TP] == 1
    assert built.tally().settled == {(Fate.SKIPPED, "not_mapped"): 1}


def test_a_missing_schema_takes_nothing() -> None:
    """The same record is offered again once the schema is there."""
    translator = FakeTranslator(missing={SchemaRef("id/7")})
    built = pipeline(translator)
    assert refusal(built, 0, "?", "+a").wait is Wait.SCHEMA
    assert (built.tracker.totals.opened, built.budget.used_bytes(TARGET)) == (0, 0)
    translator.missing.clear()
    built.submit(record(0, "?", "+a"), 0.0)
    assert built.tracker.totals.opened == 1


def test_a_schema_that_went_away_meanwhile_takes_nothing_either() -> None:
    """Withdrawn by the registry between two looks: its record waits for it, nothing ends."""
    translator = FakeTranslator(gone={SchemaRef("id/7")})
    built = pipeline(translator)
    refused = refusal(built, 0, "+a")
    assert (refused.wait, refused.detail) == (Wait.SCHEMA, "id/7")
    assert (built.tracker.totals.opened, built.budget.used_bytes(TARGET)) == (0, 0)
    translator.gone.clear()
    built.submit(record(0, "+a"), 0.0)
    assert built.tracker.totals.opened == 1


def test_a_key_schema_that_went_away_holds_a_poisoned_record() -> None:
    """Which item to delete on a secured target is known as soon as it is there again."""
    translator = FakeTranslator((SECURED,), gone_for_deletes={SchemaRef("id/7")})
    refused = refusal(pipeline(translator), 0, "!", "a")
    assert (refused.wait, refused.detail) == (Wait.SCHEMA, "id/7")


def test_a_mapping_that_misfits_takes_nothing_and_says_why() -> None:
    """Someone must act; until then the partition waits."""
    built = pipeline()
    refused = refusal(built, 0, "#")
    assert (refused.wait, "titel" in refused.detail) == (Wait.MAPPING, True)
    assert (built.tracker.totals.opened, built.budget.used_bytes(TARGET)) == (0, 0)


def test_a_full_budget_refuses_until_well_below_it() -> None:
    """Pausing throws prefetched records away, so it must not flap."""
    built = pipeline(budget_bytes=3_000)
    built.submit(record(0, "+a", value_bytes=1_500), 0.0)
    assert refusal(built, 1, "+b", value_bytes=1_500).wait is Wait.BUDGET
    assert built.budget.closed() == {TARGET}
    built.poll(99.0, always)
    built.resolve(accepted(built.take(99.0, always)), 99.0)
    assert built.budget.closed() == frozenset()
    built.submit(record(1, "+b", value_bytes=1_500), 99.0)


def test_a_record_larger_than_the_budget_passes_alone() -> None:
    """Else it could never pass."""
    built = pipeline(budget_bytes=1_000)
    built.submit(record(0, "+a", value_bytes=5_000), 0.0)
    assert refusal(built, 1, "+b").wait is Wait.BUDGET


def test_poison_is_set_aside_and_the_next_record_goes_on() -> None:
    """Its fate is final only when the letter is delivered."""
    built = pipeline()
    built.submit(record(0, "!"), 0.0)
    built.submit(record(1), 0.0)
    (letter,) = built.take_letters()
    assert (letter.record.offset, letter.reason) == (0, "undecodable")
    assert built.low_water()[TP] == 0
    built.letters_delivered([letter.letter_id])
    assert built.low_water()[TP] == 2
    assert built.tally().settled[Fate.DEAD_LETTERED, "undecodable"] == 1


def test_poison_without_a_place_for_it_holds_its_partition() -> None:
    """Neither dropped nor passed over."""
    built = pipeline(dead_letters=False)
    refused = refusal(built, 0, "!")
    assert refused.wait is Wait.DEAD_LETTER
    assert "dead_letters" in refused.detail
    assert built.tracker.totals.opened == 0


def test_poison_on_a_secured_target_deletes_its_item() -> None:
    """The object behind it may have been narrowed (INV-6)."""
    built = pipeline(FakeTranslator((SECURED,)))
    built.submit(record(0, "!", "a"), 0.0)
    built.letters_delivered([letter.letter_id for letter in built.take_letters()])
    assert built.low_water()[TP] == 0
    built.poll(99.0, always)
    batch = built.take(99.0, always)
    assert sent(batch) == ["-a"]
    built.resolve(accepted(batch), 99.0)
    assert built.low_water()[TP] == 1
    assert built.tally().settled[Fate.DEAD_LETTERED, "undecodable"] == 1


def test_poison_without_a_readable_key_holds_a_secured_partition() -> None:
    """Nobody knows which item may have been narrowed."""
    built = pipeline(FakeTranslator((SECURED,), key_is_readable=False))
    assert refusal(built, 0, "!", "a").wait is Wait.DEAD_LETTER


def test_a_record_for_two_targets_waits_for_both() -> None:
    """Either alone would be half a change."""
    built = pipeline(FakeTranslator((TARGET, SECURED)))
    built.submit(record(0, "+a"), 0.0)
    built.poll(99.0, always)
    first, second = built.take(99.0, always), built.take(99.0, always)
    assert first is not None
    assert second is not None
    assert {first.target, second.target} == {TARGET, SECURED}
    built.resolve(accepted(first), 99.0)
    assert built.low_water()[TP] == 0
    built.resolve(accepted(second), 99.0)
    assert built.low_water()[TP] == 1


def test_releasing_a_partition_frees_its_bytes() -> None:
    """Its records will be read by somebody else."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    built.release(TP)
    assert built.budget.used_bytes(TARGET) == 0
    assert built.is_drained()
    assert built.tracker.totals.released == 1
    built.assign(TP, Offset(0), behind=False)
    built.submit(record(0, "+a"), 0.0)


def test_a_blocked_target_does_not_fill_the_budget_of_another() -> None:
    """A revocation on one target must not wait for the outage of another (design §3)."""
    built = pipeline(FakeTranslator((TARGET, SECURED)), budget_bytes=3_000)
    built.submit(record(0, "+a", value_bytes=2_000), 0.0)
    built.poll(99.0, always)
    batches = [built.take(99.0, always), built.take(99.0, always)]
    (mine,) = [batch for batch in batches if batch is not None and batch.target == SECURED]
    built.resolve(accepted(mine), 99.0)
    assert built.budget.used_bytes(SECURED) == 0
    assert built.budget.used_bytes(TARGET) > 2_000
    (other,) = [batch for batch in batches if batch is not None and batch.target == TARGET]
    built.resolve(accepted(other), 99.0)
    assert built.budget.used_bytes(TARGET) == 0
    assert built.low_water()[TP] == 1


def test_a_dead_letter_keeps_the_bytes_of_its_record() -> None:
    """They are needed until it is delivered, however many targets are done."""
    built = pipeline(FakeTranslator((TARGET, SECURED)))
    built.submit(record(0, "!", "a"), 0.0)
    built.poll(99.0, always)
    built.resolve(accepted(built.take(99.0, always)), 99.0)
    assert built.budget.used_bytes(SECURED) > 0
    built.letters_delivered([letter.letter_id for letter in built.take_letters()])
    assert (built.budget.used_bytes(SECURED), built.budget.used_bytes(TARGET)) == (0, 0)


def test_a_dead_letter_of_two_targets_is_within_both_budgets() -> None:
    """Letters that cannot be delivered must not fill the memory."""
    built = pipeline(FakeTranslator((TARGET, TargetId("other"))), budget_bytes=3_000)
    built.submit(record(0, "!", value_bytes=2_000), 0.0)
    assert refusal(built, 1, "!", value_bytes=2_000).wait is Wait.BUDGET
    built.letters_delivered([letter.letter_id for letter in built.take_letters()])
    assert built.budget.used_bytes(TARGET) == 0


def test_poison_on_a_secured_target_deletes_its_item_even_without_a_place_for_it() -> None:
    """The partition holds, but what may have been narrowed is hidden (INV-6)."""
    built = pipeline(FakeTranslator((SECURED,)), dead_letters=False)
    built.submit(record(0, "!", "a"), 0.0)
    assert refusal(built, 1, "+b").wait is Wait.DEAD_LETTER
    built.poll(99.0, always)
    batch = built.take(99.0, always)
    assert sent(batch) == ["-a"]
    built.resolve(accepted(batch), 99.0)
    assert built.low_water()[TP] == 0
    built.release(TP)
    built.assign(TP, Offset(0), behind=False)
    built.submit(record(0, "+b"), 0.0)


def test_an_accepted_batch_leaves_the_times_of_its_way() -> None:
    """Whose latency it was is told by them, without a clock in here."""
    built = pipeline()
    built.submit(record(0, "+a"), 1.0)
    built.submit(record(1, "+b"), 2.0)
    first = batch_at(built, 11.0)
    built.resolve(retry(first, after=4.0), 12.0)
    built.resolve(accepted(batch_at(built, 16.0)), 17.5)
    (passage,) = built.tally().passages
    assert (passage.target, passage.sent_at, passage.answered_at) == (TARGET, 16.0, 17.5)
    assert passage.stream == [(1_000, 0, 1.0), (1_001, 0, 2.0)]
    assert (passage.snapshot, built.tally().passages) == ([], [])


def test_rows_that_a_snapshot_read_are_told_apart() -> None:
    """Their age is the snapshot's."""

    class Snapshot(FakeTranslator):
        def translate(self, record: Record) -> Translation:
            return replace(super().translate(record), event=SNAPSHOT_READ)

    built = pipeline(Snapshot())
    built.submit(record(0, "+a"), 1.0)
    built.resolve(accepted(batch_at(built, 11.0)), 12.0)
    (passage,) = built.tally().passages
    assert (passage.stream, passage.snapshot) == ([], [(1_000, 0, 1.0)])


def test_heartbeats_are_kept_by_the_topic_they_came_from() -> None:
    """Each connector has its own, and each can die alone."""

    class Heartbeat(FakeTranslator):
        def translate(self, record: Record) -> Translation:
            return Translation((), SkipReason.HEARTBEAT, 500 + int(record.offset), "heartbeat")

    built, other = pipeline(Heartbeat()), TopicPartition("beats.b", 0)
    built.assign(other, Offset(0), behind=False)
    for one in (record(0), record(1), record(0, tp=other)):
        built.submit(one, 0.0)
    assert built.tally().heartbeats_ms == {TP.topic: 501, "beats.b": 500}


def test_a_catalog_is_told_no_status() -> None:
    """The call is documented for push sources; a catalog refuses it."""
    catalog = replace(lane_settings(), kind=SourceKind.CATALOG)
    built = pipeline(lanes=(catalog, lane_settings(SECURED)))
    assert built.pushed() == (SECURED,)
