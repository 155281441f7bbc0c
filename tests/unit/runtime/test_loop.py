"""The loop's own rules: takeovers, revokes, commits, pauses, the drain."""

from __future__ import annotations

from consumer.domain.assignment import CommitPoint, Tenure
from consumer.domain.fates import Attempt, RetryLater
from consumer.domain.records import Offset
from consumer.domain.schemas import SchemaRef
from consumer.pipeline.contract import Wait
from tests.fakes.pipeline import OTHER_TP, SECURED, TARGET, TP, FakeTranslator, record
from tests.fakes.runtime import Bench


def point(offset: int, tenure: Tenure) -> CommitPoint:
    """Return a commit point."""
    return CommitPoint(Offset(offset), tenure)


def test_a_partition_is_marked_as_ours_before_anything_of_it_is_taken() -> None:
    """A crash right after must tell the next owner that a request may be on the wire."""
    bench = Bench()
    bench.checkpoint.answering = False
    bench.assign(TP)
    bench.turn(record(0, "+a"), seconds=99.0)
    assert bench.checkpoint.commits == [{TP: point(0, Tenure.OPEN)}]
    assert bench.pipeline.tracker.totals.opened == 0
    assert bench.source.paused == {TP}
    bench.checkpoint.answering = True
    bench.checkpoint.commit(bench.checkpoint.commits[0])
    bench.turn()
    bench.turn()
    assert bench.pipeline.tracker.totals.opened == 1


def test_a_mark_that_fails_is_tried_again_and_takes_nothing_until_then() -> None:
    """A rebalance in progress refuses commits for a moment."""
    bench = Bench()
    bench.checkpoint.error = "rebalance in progress"
    bench.assign(TP)
    bench.turn(record(0, "+a"))
    assert bench.pipeline.tracker.totals.opened == 0
    bench.checkpoint.error = None
    bench.turn(seconds=5.0)
    bench.turn()
    bench.turn()
    assert bench.pipeline.tracker.totals.opened == 1
    assert "commit of articles/0 failed" in bench.observer.events


def test_a_takeover_after_an_unclean_leave_waits_for_late_effects() -> None:
    """The last owner's request could land after ours."""
    bench = Bench()
    bench.assign(TP, clean=False)
    bench.turn(record(0, "+a"), seconds=1.0)
    bench.turn(seconds=58.0)
    assert bench.pipeline.tracker.totals.opened == 0
    assert "wait articles/0 late_effects" in bench.observer.events
    bench.turn(seconds=1.0)
    assert bench.pipeline.tracker.totals.opened == 1


def test_low_waters_are_committed_now_and_then_as_open() -> None:
    """Each commit says that we are still at work."""
    bench = Bench()
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0), record(1), seconds=1.0)
    assert len(bench.checkpoint.commits) == 1
    bench.turn(seconds=4.0)
    assert bench.checkpoint.commits[1:] == [{TP: point(2, Tenure.OPEN)}]
    bench.turn(seconds=99.0)
    assert len(bench.checkpoint.commits) == 2


def sending(bench: Bench) -> None:
    """Get one batch of partition TP onto the wire."""
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0, "+a"))
    bench.turn(seconds=10.0)
    assert len(bench.workers.batches) == 1


def test_a_revoke_waits_for_what_is_on_the_wire_and_leaves_cleanly() -> None:
    """Its acceptance is committed, and the next owner need not wait."""
    bench = Bench()
    sending(bench)
    bench.workers.while_waiting = bench.workers.accept_last
    bench.source.during_poll = lambda: bench.loop.on_revoked([TP])
    bench.turn()
    assert bench.checkpoint.last == [{TP: point(1, Tenure.CLEAN)}]
    assert not bench.fence.holds(TP, 1)


def test_a_revoke_whose_deadline_passes_leaves_openly() -> None:
    """The request is still on the wire; the next owner must wait for its effect."""
    bench = Bench()
    sending(bench)
    began = bench.clock.now
    bench.source.during_poll = lambda: bench.loop.on_revoked([TP])
    bench.turn()
    assert bench.clock.now - began == 20.0
    assert bench.checkpoint.last == [{TP: point(0, Tenure.OPEN)}]
    bench.workers.accept_last()
    bench.turn()
    assert bench.observer.settled == {}


def test_a_revoke_after_an_ambiguous_outcome_leaves_openly() -> None:
    """The time-out came back, its effect may not have yet."""
    bench = Bench()
    sending(bench)
    lost = RetryLater(bench.workers.batches[0].batch_id, Attempt(), "timeout", "", ambiguous=True)
    bench.workers.ready.append(lost)
    bench.turn()
    bench.source.during_poll = lambda: bench.loop.on_revoked([TP])
    bench.turn()
    assert bench.checkpoint.last == [{TP: point(0, Tenure.OPEN)}]


def test_a_revoke_while_still_waiting_for_the_last_owner_leaves_openly() -> None:
    """Its effects may still come; that we sent nothing ourselves changes nothing."""
    bench = Bench()
    bench.assign(TP, clean=False)
    bench.turn(seconds=59.0)
    bench.source.during_poll = lambda: bench.loop.on_revoked([TP])
    bench.turn()
    assert bench.checkpoint.last == [{TP: point(0, Tenure.OPEN)}]


def test_a_lost_partition_is_never_committed() -> None:
    """Somebody else may have gone on already; the broker would let us move the offset."""
    bench = Bench()
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0))
    bench.source.during_poll = lambda: bench.loop.on_lost([TP])
    bench.turn(seconds=99.0)
    assert (bench.checkpoint.last, len(bench.checkpoint.commits)) == ([], 1)
    assert bench.pipeline.tracker.partitions() == ()


def test_other_partitions_keep_what_they_have_in_a_revoke() -> None:
    """Cooperative rebalances move some partitions only."""
    bench = Bench()
    bench.assign(TP)
    bench.assign(OTHER_TP)
    bench.turn(seconds=5.0)
    bench.turn(record(0, "+a"), record(0, "+b", tp=OTHER_TP))
    bench.source.during_poll = lambda: bench.loop.on_revoked([TP])
    bench.turn(seconds=10.0)
    (batch,) = bench.workers.batches
    assert [operation.document_id for operation in batch.operations] == ["b"]


def test_missing_schemas_are_asked_for_and_hold_their_partition() -> None:
    """No HTTP on the poll thread."""
    bench = Bench(FakeTranslator(missing={SchemaRef("id/7")}))
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0, "?", "+a"))
    assert bench.schemas.requested[-1:] == ["id/7"]
    assert bench.source.paused == {TP}
    bench.translator.missing.clear()
    bench.turn()
    assert (bench.source.paused, bench.pipeline.tracker.totals.opened) == (frozenset(), 1)


def test_retry_after_is_obeyed_by_all_lanes() -> None:
    """The quota is the organization's."""
    bench = Bench()
    sending(bench)
    batch = bench.workers.batches[0]
    bench.workers.ready.append(RetryLater(batch.batch_id, Attempt(), "throttled", "", 42.0))
    bench.turn()
    assert bench.governor.until == bench.clock.now + 42.0


def test_a_dead_letter_is_a_fate_once_it_is_delivered() -> None:
    """A full disk holds the commit back, visibly."""
    bench = Bench()
    bench.letters.delivering = False
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0, "!"))
    assert (bench.pipeline.low_water()[TP], bench.loop.status().dead_letters_open) == (0, 1)
    assert bench.loop.status().dead_letters_trouble == "the disk is full"
    bench.letters.delivering = True
    bench.turn()
    assert bench.pipeline.low_water()[TP] == 1


def test_draining_sends_what_was_taken_in_and_takes_nothing_more() -> None:
    """SIGTERM loses nothing and does not wait for the linger."""
    bench = Bench()
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0, "+a"))
    bench.loop.start_draining()
    bench.turn(record(1, "+b"))
    assert [len(batch.operations) for batch in bench.workers.batches] == [1]
    assert bench.source.paused == {TP}
    assert not bench.loop.is_drained()
    bench.workers.accept_last()
    bench.turn()
    assert bench.loop.is_drained()
    bench.source.on_close = lambda: bench.loop.on_revoked([TP])
    bench.loop.close()
    assert bench.checkpoint.last == [{TP: point(1, Tenure.CLEAN)}]


def test_the_poll_does_not_outlast_the_linger() -> None:
    """Freshness is not rounded up to the poll's time-out."""
    bench = Bench()
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0, "+a"))
    bench.turn()
    assert bench.source.timeouts[-1] == 0.1
    bench.turn(seconds=9.96)
    assert round(bench.source.timeouts[-1], 6) == 0.04


def test_the_books_balance_with_held_and_released_records() -> None:
    """Polled = fates + open + held + released (INV-4)."""
    bench = Bench(FakeTranslator((SECURED,), missing={SchemaRef("id/7")}))
    bench.assign(TP)
    bench.assign(OTHER_TP)
    bench.turn(seconds=5.0)
    bench.turn(record(0), record(1, "+a"), record(2, "?"), record(0, "+b", tp=OTHER_TP))
    bench.source.during_poll = lambda: bench.loop.on_lost([TP])
    bench.turn()
    status = bench.loop.status()
    assert (status.polled, status.held, status.released, status.open) == (4, 0, 2, 1)
    assert status.polled == sum(status.fates.values()) + status.open + status.held + status.released


def test_after_an_unclean_takeover_a_secured_target_waits_for_the_end_of_the_log() -> None:
    """Asked for only once nobody else can be at work any more (INV-6)."""
    bench = Bench(FakeTranslator((SECURED,)))
    bench.assign(TP, clean=False)
    bench.turn(record(0, "+a"), seconds=61.0)
    bench.turn(seconds=99.0)
    assert bench.workers.batches == []
    bench.source.ends[TP] = 2
    bench.turn(seconds=99.0)
    assert bench.workers.batches == []
    bench.turn(record(1, "-a"))
    assert [op.document_id for op in bench.workers.batches[0].operations] == ["a"]


def test_an_end_of_the_log_that_nobody_tells_is_shown() -> None:
    """What is kept back for want of it would otherwise wait without a word."""
    bench = Bench(FakeTranslator((SECURED,)))
    bench.assign(TP, clean=False)
    bench.turn(record(0, "-a"), seconds=61.0)
    assert list(bench.loop.status().kafka_troubles) == ["articles/0"]
    bench.source.ends[TP] = 1
    bench.turn()
    assert bench.loop.status().kafka_troubles == {}


def test_poison_that_holds_its_partition_is_shown_without_a_record_behind_it() -> None:
    """It is the last one of its topic, perhaps for days."""
    bench = Bench(FakeTranslator((SECURED,)), dead_letters=False)
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0, "!", "a"))
    bench.turn()
    assert bench.loop.status().partitions[0].wait == Wait.DEAD_LETTER
    assert "wait articles/0 dead_letter" in bench.observer.events
    assert bench.source.paused == {TP}


def test_another_targets_outage_does_not_keep_deletes_back() -> None:
    """What is read while catching up and hides something goes out once reading stops."""
    bench = Bench(FakeTranslator((TARGET, SECURED)))
    bench.assign(TP, high_watermark=99)
    bench.turn()
    bench.turn(record(0, "-a"), record(1, "+b", value_bytes=60_000))
    bench.turn(record(2, "+c", value_bytes=60_000), seconds=10.0)
    bench.turn()
    sent = {b.target: [op.document_id for op in b.operations] for b in bench.workers.batches}
    assert sent == {TARGET: ["a", "b"], SECURED: ["a"]}


def test_commits_that_fail_are_shown_with_since_when() -> None:
    """Lag grows, and nothing else would say why."""
    bench = Bench()
    bench.checkpoint.error = "not coordinator"
    bench.assign(TP)
    bench.turn(seconds=5.0)
    bench.turn(seconds=30.0)
    assert bench.loop.status().commit_troubles == {"articles/0": "not coordinator (for 30 s)"}
    bench.checkpoint.error = None
    bench.turn(seconds=5.0)
    bench.turn(seconds=5.0)
    assert bench.loop.status().commit_troubles == {}
