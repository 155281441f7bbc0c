"""What Coveo's console shows of a source while changes come and when they have ended."""

from __future__ import annotations

import pytest

from emulator.calls import Endpoint
from emulator.faults import Status
from tests.e2e.program import wait_for
from tests.e2e.rows import row
from tests.e2e.stage import Stage, changed

pytestmark = pytest.mark.e2e


def activities(stage: Stage) -> list[tuple[str, bool]]:
    """Return the source's activities, oldest first: what it said to do, and whether that ended."""
    found = stage.index.world.sources[stage.open.topic].activities
    return [(each.status, each.ended_ms is not None) for each in found]


def test_a_set_of_updates_is_one_activity_and_ends_when_it_goes_quiet(stage: Stage) -> None:
    """Many batches, two status calls; the next change opens a new activity, a stop closes it."""
    stage.running(changed(stage.configuration(), {"coveo.status_quiet_seconds": 1.5}))
    for number in range(5):
        stage.put(row(f"row-{number}", number))
        stage.wait_for_versions(*(row(f"row-{n}", n) for n in range(number + 1)))
    wait_for(lambda: activities(stage) == [("INCREMENTAL", True)], "the activity has ended")
    pushed = len(stage.index.batches(stage.open.topic))
    told = [one for one in stage.requests("source_status") if one.source == stage.open.topic]
    assert (pushed > 2, len(told)) == (True, 2)


def test_rows_that_a_snapshot_read_are_a_refresh(stage: Stage) -> None:
    """The console tells the filling of a source from the changes after it."""
    stage.put(*(row(f"row-{n}", n) for n in range(3)), op="r")
    stage.running(changed(stage.configuration(), {"coveo.status_quiet_seconds": 1.5}))
    wait_for(lambda: activities(stage) == [("REFRESH", True)], "the snapshot is over")
    stage.put(row("row-0", 7), op="u")
    wait_for(
        lambda: activities(stage) == [("REFRESH", True), ("INCREMENTAL", True)], "so is the change"
    )


def test_a_stop_closes_the_activity(stage: Stage) -> None:
    """Nobody would for the next hours."""
    program = stage.running()
    stage.put(row("row-1", 1))
    stage.wait_for_versions(row("row-1", 1))
    wait_for(lambda: activities(stage) == [("INCREMENTAL", False)], "it is open")
    assert program.stop() == 0
    assert activities(stage) == [("INCREMENTAL", True)]


def test_a_status_that_is_refused_is_told_and_holds_up_nothing(stage: Stage) -> None:
    """It only shows in the console."""
    stage.index.fault(Status(403), Endpoint.SOURCE_STATUS)
    program = stage.running()
    stage.put(row("row-1", 1))
    stage.wait_for_versions(row("row-1", 1))
    wait_for(lambda: program.events("source_status_refused"), "it is told")
    assert program.stop() == 0
    assert stage.committed() == stage.broker.ends[stage.open.topic]
