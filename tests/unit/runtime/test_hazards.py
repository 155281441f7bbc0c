"""What goes wrong with logs: told once, shown on, and committed for the next owner."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from consumer.domain.assignment import Assigned
from consumer.domain.hazards import DeletesKept, EndSeen, Hazard, HazardKind
from consumer.domain.records import Offset
from consumer.domain.schemas import SchemaRef
from tests.fakes.pipeline import OTHER_TP, TP, FakeTranslator, record
from tests.fakes.runtime import Bench

HOUR_MS = 3_600_000
DAY = DeletesKept(86_400.0)
LATE = "deletes_may_be_missing articles"


def take_over(bench: Bench, *, hours_ago: float, kept: DeletesKept | None = DAY) -> None:
    """Assign TP, which was last known to be read to its end so long ago."""
    if kept is not None:
        bench.source.kept["articles"] = kept
    seen_ms = bench.clock.wall_ms() - int(hours_ago * HOUR_MS)
    given = Assigned(TP, Offset(0), Offset(0), clean=True, end_seen_ms=seen_ms)
    bench.source.during_poll = lambda: bench.loop.on_assigned([given])
    bench.turn()


def test_a_compacted_topic_that_is_read_too_late_is_told_once_and_shown() -> None:
    """A row that was deleted in the meantime may be in the index for ever."""
    bench = Bench()
    take_over(bench, hours_ago=25)
    for seconds in (5.0, 5.0, 7_200.0):
        bench.turn(seconds=seconds)
    assert bench.observer.events.count(LATE) == 1
    (hazard,) = bench.loop.status().hazards
    assert hazard.why == (
        "articles/0 was last known to be read to its end 25.0 hours ago, and the topic is compacted"
        " and keeps deletes for 24.0 hours"
    )
    assert not hazard.holds


@pytest.mark.parametrize(
    ("hours_ago", "kept"), [(23, DAY), (1e6, DeletesKept(math.inf)), (23, DeletesKept(9e4))]
)
def test_in_time_and_without_compaction_there_is_nothing_to_tell(
    hours_ago: float, kept: DeletesKept
) -> None:
    """A log that only ends stops the program instead, when it has ended before us."""
    bench = Bench()
    take_over(bench, hours_ago=hours_ago, kept=kept)
    bench.turn(seconds=5.0)
    assert bench.loop.status().hazards == ()


def test_an_answer_that_comes_late_still_finds_how_late_we_were() -> None:
    """To read on in the meantime must not make us look young."""
    bench = Bench()
    take_over(bench, hours_ago=25, kept=None)
    bench.source.seen[TP] = EndSeen(0, 0.0)
    bench.turn(seconds=5.0)
    assert bench.loop.status().hazards == ()
    bench.source.kept["articles"] = DeletesKept(86_400.0, certain=False)
    bench.turn(seconds=5.0)
    (hazard,) = bench.loop.status().hazards
    assert hazard.why.endswith("if the topic is compacted, it keeps deletes for 24.0 hours by"
                               " Kafka's default")  # fmt: skip


def test_a_backlog_that_grows_too_old_while_we_run_is_found_as_well() -> None:
    """A target that is blocked over the weekend does the same as a consumer that is down."""
    bench = Bench()
    take_over(bench, hours_ago=0)
    bench.source.seen[TP] = EndSeen(9, 0.0)
    bench.turn(seconds=86_000.0)
    assert bench.loop.status().hazards == ()
    bench.turn(seconds=500.0)
    assert LATE in bench.observer.events


def test_who_is_at_the_end_is_as_young_as_the_last_answer() -> None:
    """An idle topic must raise no alarm after a restart: its commit is renewed now and then."""
    bench = Bench()
    take_over(bench, hours_ago=1)
    bench.turn()
    bench.source.seen[TP] = EndSeen(0, 20.0)
    bench.turn(seconds=60.0)
    bench.turn(seconds=5.0)
    first, renewed = (commit[TP].end_seen_ms for commit in bench.checkpoint.commits)
    assert first == bench.clock.wall_ms() - HOUR_MS - 65_000
    assert renewed == bench.clock.wall_ms() - 25_000


def test_a_moment_that_is_hardly_younger_is_not_worth_a_commit() -> None:
    """Otherwise an idle group would write as much as a busy one."""
    bench = Bench()
    take_over(bench, hours_ago=0)
    bench.turn()
    for _ in range(9):
        bench.source.seen[TP] = EndSeen(0, 0.0)
        bench.turn(seconds=60.0)
    assert len(bench.checkpoint.commits) == 1


def test_what_the_source_finds_is_told_once_each() -> None:
    """Its text changes while it lasts; the log is not told each time."""
    bench = Bench()
    bench.assign(TP)
    found = Hazard(HazardKind.PARTITION_ADDED, "articles", "articles/4", "waits", holds=True)
    bench.source.found = [found]
    bench.turn()
    bench.source.found = [replace(found, why="is read", holds=False)]
    bench.turn()
    assert bench.observer.events.count("partition_added articles/4") == 1
    assert bench.loop.status().hazards == (bench.source.found[0],)


def test_what_was_never_committed_is_told_with_where_it_begins() -> None:
    """In a group that has commits, that is a new table or a topic created anew: never silent."""
    bench = Bench()
    new = Assigned(TP, Offset(7), Offset(9), clean=True, begun=True)
    known = Assigned(OTHER_TP, Offset(0), Offset(9), clean=True)
    bench.source.during_poll = lambda: bench.loop.on_assigned([new])
    bench.turn()
    bench.source.during_poll = lambda: bench.loop.on_assigned([known])
    bench.turn()
    bench.source.during_poll = lambda: bench.loop.on_lost([TP])
    bench.turn()
    bench.source.during_poll = lambda: bench.loop.on_assigned([new])
    bench.turn()
    begun = [event for event in bench.observer.events if event.startswith("begun")]
    assert begun == ["begun articles/0@7 new", "begun articles/0@7 known"]


def test_offsets_that_will_never_be_records_are_committed_at_the_end_of_the_log() -> None:
    """Behind a transaction lies its marker: lag would stay at one, and siblings wait for it."""
    bench = Bench()
    bench.assign(TP)
    bench.turn()
    bench.turn(record(0), record(1, "+a"))
    bench.source.read_ends = {TP: 4}
    bench.turn(seconds=5.0)
    assert bench.checkpoint.commits[-1][TP].next_offset == 1
    bench.turn(seconds=10.0)
    bench.workers.accept_last()
    bench.turn(seconds=5.0)
    assert bench.checkpoint.commits[-1][TP].next_offset == 4
    assert bench.loop.status().partitions[0].low_water == 4


def test_a_commit_never_falls_back_to_before_a_gap() -> None:
    """A record that waits in front of the pipeline is as good a mark as the end of the log."""
    bench = Bench(FakeTranslator(missing={SchemaRef("id/7")}))
    bench.assign(TP)
    bench.source.read_ends = {TP: 4}
    bench.turn(seconds=5.0)
    bench.turn(seconds=5.0)
    assert bench.checkpoint.commits[-1][TP].next_offset == 4
    bench.turn(record(6, "?"))
    bench.turn(seconds=5.0)
    assert bench.checkpoint.commits[-1][TP].next_offset == 6


def test_what_is_read_while_draining_is_not_passed_over() -> None:
    """It is not taken in any more, so its end says nothing of what is settled."""
    bench = Bench()
    bench.assign(TP)
    bench.turn()
    bench.loop.start_draining()
    bench.source.read_ends = {TP: 3}
    bench.turn(record(0), record(1), record(2))
    bench.source.on_close = lambda: bench.loop.on_revoked([TP])
    bench.loop.close()
    assert bench.checkpoint.last[-1][TP].next_offset == 0
