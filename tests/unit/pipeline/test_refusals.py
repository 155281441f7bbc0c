"""What a refusal may touch: the refused operation and nobody else (found by the simulation)."""

from __future__ import annotations

from consumer.domain.fates import Fate
from consumer.domain.records import Offset
from consumer.pipeline.batcher import Intent, Window, WindowLimits
from consumer.pipeline.tracker import Tracker
from tests.fakes.pipeline import (
    OTHER_TP,
    TARGET,
    TP,
    accepted,
    batch_at,
    delete,
    pipeline,
    record,
    refused,
    sent,
    upsert,
)


def test_a_tombstone_shares_the_fate_of_the_delete_it_rode_on() -> None:
    """If the delete is refused, the tombstone has deleted nothing: it is set aside, too."""
    built = pipeline()
    for offset, word in enumerate(["+a", "-a", "~a"]):
        built.submit(record(offset, word), 0.0)
    built.resolve(refused(batch_at(built, 10.0)), 10.0)
    assert [letter.record.offset for letter in built.take_letters()] == [1, 2]
    built.resolve(accepted(batch_at(built, 10.0)), 10.0)
    assert built.tally().settled == {(Fate.ACCEPTED, ""): 1}


def test_riders_of_a_restored_delete_stay_with_it() -> None:
    """A refused upsert gives back what it took over, and only that."""
    built = pipeline()
    for offset, word in enumerate(["-a", "~a", "+a"]):
        built.submit(record(offset, word), 0.0)
    built.resolve(refused(batch_at(built, 10.0)), 10.0)
    assert [letter.record.offset for letter in built.take_letters()] == [2]
    built.resolve(accepted(batch_at(built, 10.0)), 10.0)
    assert built.low_water()[TP] == 2


def test_the_last_owned_operation_of_a_refused_batch_is_not_the_culprit() -> None:
    """The one that spoiled the batch may have belonged to a partition lost meanwhile."""
    built = pipeline()
    built.assign(OTHER_TP, Offset(0), behind=False)
    built.submit(record(0, "+good"), 0.0)
    built.submit(record(0, "+bad", tp=OTHER_TP), 0.0)
    batch = batch_at(built, 10.0)
    built.release(OTHER_TP)
    built.resolve(refused(batch), 10.0)
    assert not built.take_letters()
    assert sent(batch_at(built, 10.0)) == ["+good"]


def test_superseded_operations_are_counted() -> None:
    """The operator sees how much quota superseding saves."""
    built = pipeline()
    for offset in range(3):
        built.submit(record(offset, "+a"), 0.0)
    assert built.tally().superseded == {TARGET: 2}


def test_what_a_refusal_brings_back_stays_before_a_later_tree_delete() -> None:
    """Else an item would rise again that the delete of its tree had taken away (INV-5)."""
    window = Window(WindowLimits(100, 10_000, 10.0))
    tracker = Tracker()
    tracker.assign(TP, Offset(0))
    for offset, operation in enumerate([upsert("a/b"), delete("a/b")]):
        window.add(Intent(operation, tracker.open(record(offset), 1)), 0.0)
    tree = Intent(delete("a", children=True), tracker.open(record(2), 1))
    assert not window.takes(tree)
