"""Lanes: order, merging, tombstones, catching up (INV-5)."""

from __future__ import annotations

import pytest

from consumer.domain.fates import (
    Fate,
)
from consumer.domain.records import Offset
from consumer.pipeline.backlog import Backlog
from consumer.pipeline.batcher import Intent, WindowLimits
from consumer.pipeline.contract import Rejected
from consumer.pipeline.lanes import Due
from consumer.pipeline.tracker import Tracker
from tests.fakes.pipeline import (
    LINGER,
    OTHER_TP,
    SECURED,
    TARGET,
    TP,
    FakeTranslator,
    TreeTranslator,
    accepted,
    batch_at,
    delete,
    lane_settings,
    pipeline,
    record,
    retry,
    sent,
    upsert,
)


def test_a_record_is_settled_only_by_acceptance() -> None:
    """Sealed and sent are not accepted."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    batch = batch_at(built, LINGER)
    assert built.low_water()[TP] == 0
    built.resolve(accepted(batch), LINGER)
    assert built.low_water()[TP] == 1
    assert built.tally().settled == {(Fate.ACCEPTED, ""): 1}


def test_a_superseded_record_is_final_only_with_its_winner() -> None:
    """Else a crash between the two would lose the row (INV-1)."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    built.submit(record(1, "+a"), 0.0)
    batch = batch_at(built, LINGER)
    assert (sent(batch), built.low_water()[TP]) == (["+a"], 0)
    built.resolve(accepted(batch), LINGER)
    assert built.low_water()[TP] == 2
    assert built.tally().settled == {(Fate.ACCEPTED, ""): 1, (Fate.SUPERSEDED, ""): 1}


def test_a_batch_names_the_offsets_that_it_answers_for() -> None:
    """The log of a batch must lead back to its records."""
    built = pipeline()
    for offset, word in enumerate(["+a", "+b", "+a"]):
        built.submit(record(offset, word), 0.0)
    batch = batch_at(built, LINGER)
    assert batch is not None
    assert batch.ranges == ((TP, 0, 2),)


def test_one_batch_in_flight_and_the_window_merges_meanwhile() -> None:
    """Order per id follows from it; what waits keeps costing one operation per id."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    first = batch_at(built, LINGER)
    for offset in (1, 2, 3):
        built.submit(record(offset, "+a"), LINGER)
    assert batch_at(built, 99.0) is None
    built.resolve(accepted(first), 99.0)
    second = batch_at(built, 99.0)
    assert sent(second) == ["+a"]
    built.resolve(accepted(second), 99.0)
    assert built.low_water()[TP] == 4


def test_a_tombstone_behind_a_delete_in_the_window_costs_nothing() -> None:
    """Debezium sends both for each deleted row."""
    built = pipeline()
    built.submit(record(0, "-a"), 0.0)
    built.submit(record(1, "~a"), 0.0)
    batch = batch_at(built, LINGER)
    assert sent(batch) == ["-a"]
    built.resolve(accepted(batch), LINGER)
    assert built.tally().settled[Fate.SKIPPED, "tombstone"] == 1
    assert built.low_water()[TP] == 2


def test_a_tombstone_behind_a_delete_in_flight_shares_its_fate() -> None:
    """If the delete fails, the tombstone must not have been committed."""
    built = pipeline()
    built.submit(record(0, "-a"), 0.0)
    batch = batch_at(built, LINGER)
    built.submit(record(1, "~a"), LINGER)
    assert built.low_water()[TP] == 0
    built.resolve(accepted(batch), LINGER)
    assert built.low_water()[TP] == 2
    built.submit(record(2, "~a"), LINGER)
    assert built.low_water()[TP] == 3
    assert batch_at(built, 99.0) is None


def test_a_tombstone_alone_or_after_an_upsert_deletes() -> None:
    """The `d` may have been compacted away."""
    built = pipeline()
    built.submit(record(0, "-a"), 0.0)
    built.submit(record(1, "+a"), 0.0)
    built.submit(record(2, "~a"), 0.0)
    built.submit(record(3, "~b"), 0.0)
    assert sent(batch_at(built, LINGER)) == ["-a", "-b"]


def test_a_short_quota_stretches_the_window_instead_of_queueing_batches() -> None:
    """What waits for a request keeps merging, so that the request carries more."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    built.poll(LINGER, lambda now: now + 1)
    assert built.take(LINGER, lambda now: now + 1) is None
    built.submit(record(1, "+a"), LINGER)
    batch = batch_at(built, LINGER + 1)
    assert sent(batch) == ["+a"]
    built.resolve(accepted(batch), LINGER + 1)
    assert built.low_water()[TP] == 2


def quota_from(time: float) -> Due:
    """Return a quota that lets batches go from `time` on."""
    return lambda now: max(now, time)


def test_a_wait_for_the_quota_begins_when_nothing_else_keeps_the_batch() -> None:
    """Lingering, a retry's pause and a batch in flight are no limiter's doing."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    for now in (0.0, LINGER - 1, LINGER, LINGER + 3):
        built.poll(now, quota_from(LINGER + 5))
        assert built.take(now, quota_from(LINGER + 5)) is None
    batch = batch_at(built, LINGER + 5)
    assert built.tally().quota_waits_seconds == [5.0]
    built.resolve(retry(batch, after=7.0), LINGER + 6)
    assert batch_at(built, LINGER + 8) is None
    assert batch_at(built, LINGER + 13) is not None
    assert built.tally().quota_waits_seconds == [0.0]
    assert built.tally().quota_waits_seconds == []


def test_a_wait_for_the_quota_is_forgotten_with_what_waited() -> None:
    """The next batch would inherit the wait of one that was given up in a revoke."""
    built = pipeline()
    built.submit(record(0, "+a"), 0.0)
    built.poll(LINGER, quota_from(99.0))
    built.release(TP)
    built.poll(LINGER + 1, quota_from(99.0))
    built.assign(TP, Offset(0), behind=False)
    built.submit(record(0, "+a"), 50.0)
    assert batch_at(built, 60.0) is not None
    assert built.tally().quota_waits_seconds == [0.0]


def test_on_a_secured_target_a_partition_that_catches_up_is_coalesced_first() -> None:
    """Older states are read again after a takeover; only the newest may show (INV-5)."""
    built = pipeline(FakeTranslator((SECURED,)))
    built.assign(OTHER_TP, Offset(0), behind=True)
    built.submit(record(0, "+a"), 0.0)
    built.submit(record(0, "+b", tp=OTHER_TP), 0.0)
    batch = batch_at(built, LINGER)
    assert sent(batch) == ["+a"]
    built.resolve(accepted(batch), LINGER)
    built.submit(record(1, "-b", tp=OTHER_TP), LINGER)
    assert batch_at(built, 500.0) is None
    built.caught_up(OTHER_TP)
    assert sent(batch_at(built, 500.0)) == ["-b"]


def test_nothing_but_the_mark_or_the_budget_ends_the_coalescing() -> None:
    """More documents than a window holds, and a neighbour that fills it, are no reason (INV-6)."""
    built = pipeline(FakeTranslator((SECURED,)), lanes=(lane_settings(SECURED, max_operations=2),))
    built.assign(OTHER_TP, Offset(0), behind=True)
    for offset, word in enumerate(["+x", "+b", "+c", "+d"]):
        built.submit(record(offset, word, tp=OTHER_TP), 0.0)
    for offset, word in enumerate(["+e", "+f", "+b"]):
        built.submit(record(offset, word), 0.0)
    batch = batch_at(built, LINGER)
    assert sent(batch) == ["+e", "+f"]
    built.resolve(accepted(batch), LINGER)
    batch = batch_at(built, LINGER + 1)
    assert sent(batch) == ["+b"]
    built.resolve(accepted(batch), LINGER + 1)
    built.submit(record(4, "-x", tp=OTHER_TP), LINGER + 1)
    built.caught_up(OTHER_TP)
    bodies = []
    while (batch := batch_at(built, 99.0)) is not None:
        bodies.append(sent(batch))
        built.resolve(accepted(batch), 99.0)
    assert bodies == [["-x", "+b"], ["+c", "+d"]]
    assert built.low_water() == {TP: 3, OTHER_TP: 5}


def test_a_full_budget_ends_the_coalescing_of_what_fills_it() -> None:
    """Otherwise nothing would ever leave it; another target's outage is no reason."""
    built = pipeline(FakeTranslator((TARGET, SECURED)), budget_bytes=3_000)
    built.assign(OTHER_TP, Offset(0), behind=True)
    built.submit(record(0, "+a", tp=OTHER_TP, value_bytes=2_000), 0.0)
    with pytest.raises(Rejected):
        built.submit(record(1, "+b", tp=OTHER_TP, value_bytes=2_000), 0.0)
    assert built.budget.closed() == {TARGET}
    built.resolve(accepted(batch_at(built, LINGER)), LINGER)
    assert batch_at(built, 99.0) is None
    with pytest.raises(Rejected):
        built.submit(record(1, "+b", tp=OTHER_TP, value_bytes=2_000), 99.0)
    assert built.budget.closed() == {SECURED}
    assert sent(batch_at(built, 99.0)) == ["+a"]


def test_a_backlog_keeps_the_order_of_a_tree_and_what_is_below_it() -> None:
    """Only the newest state of each id goes out, the delete of a tree before what follows it."""
    backlog, tracker = Backlog(), Tracker()
    tracker.assign(TP, Offset(0))
    words = [
        upsert("kb://a/1", version=1),
        delete("kb://a", children=True),
        upsert("kb://b", version=1),
        upsert("kb://a/1", version=2),
        upsert("kb://b", version=2),
    ]
    for offset, operation in enumerate(words):
        backlog.add(Intent(operation, tracker.open(record(offset), 1)))
    bodies = [[i.operation for i in body] for body in backlog.take(WindowLimits(9, 9_999, 1.0))]
    assert bodies == [[words[1]], [words[3], words[4]]]
    assert len(backlog) == 0


def test_the_delete_of_a_tree_answers_for_all_that_was_wanted_below_it() -> None:
    """An older state of a child must not show before, and not at all if deletes go alone."""
    built = pipeline(TreeTranslator((SECURED,)))
    built.assign(OTHER_TP, Offset(0), behind=True)
    for offset, word in enumerate(["+a/1", "-a/2", "-a", "+a/1"]):
        built.submit(record(offset, word, tp=OTHER_TP), 0.0)
    built.let_deletes_go(OTHER_TP)
    batch = batch_at(built, 0.0)
    assert sent(batch) == ["-a"]
    built.resolve(accepted(batch), 0.0)
    assert built.low_water()[OTHER_TP] == 3
    built.caught_up(OTHER_TP)
    assert sent(batch_at(built, 0.0)) == ["+a/1"]


def test_a_backlog_forgets_no_record_of_a_tree_that_was_deleted_twice() -> None:
    """The second delete stands for the first, for the row between them, and for what is below."""
    built = pipeline(TreeTranslator((SECURED,)))
    built.assign(OTHER_TP, Offset(0), behind=True)
    for offset, word in enumerate(["-a", "+a", "+a/1", "-a", "~a"]):
        built.submit(record(offset, word, tp=OTHER_TP), 0.0)
    built.caught_up(OTHER_TP)
    batch = batch_at(built, 0.0)
    assert sent(batch) == ["-a"]
    built.resolve(accepted(batch), 0.0)
    assert built.low_water()[OTHER_TP] == 5


def test_a_partition_that_waits_for_somebody_lets_its_deletes_go() -> None:
    """A row that was deleted must not stay visible because the next record cannot be used."""
    built = pipeline(FakeTranslator((SECURED,)))
    built.assign(OTHER_TP, Offset(0), behind=True)
    for offset, word in enumerate(["+a", "+b", "-b"]):
        built.submit(record(offset, word, tp=OTHER_TP), 0.0)
    built.let_deletes_go(OTHER_TP)
    batch = batch_at(built, 0.0)
    assert sent(batch) == ["-b"]
    built.resolve(accepted(batch), 0.0)
    assert batch_at(built, 999.0) is None


def test_draining_sends_at_once_but_not_what_still_catches_up() -> None:
    """A shutdown must not show an older state of a secured item."""
    built = pipeline(FakeTranslator((SECURED,)))
    built.assign(OTHER_TP, Offset(0), behind=True)
    built.submit(record(0, "+a"), 0.0)
    built.submit(record(0, "+b", tp=OTHER_TP), 0.0)
    built.flush()
    batch = batch_at(built, 0.0)
    assert sent(batch) == ["+a"]
    built.resolve(accepted(batch), 0.0)
    assert built.is_drained()
    assert built.low_water() == {TP: 1, OTHER_TP: 0}
