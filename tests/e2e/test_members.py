"""Two members of one group: partitions move while batches are in flight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from emulator.faults import Delay
from tests.e2e.changes import Changes
from tests.e2e.program import Json, Program, wait_for
from tests.e2e.stage import CLASSIC, Stage, changed

pytestmark = pytest.mark.e2e

TABLES = ("open", "secured")
SEED = 11


@pytest.mark.parametrize("protocol", [{}, CLASSIC], ids=["KIP-848", "classic"])
def test_partitions_that_move_lose_nothing_and_go_back_to_no_older_state(
    stage: Stage, protocol: Mapping[str, Any]
) -> None:
    """A second member arrives while a batch is in flight; then the first one is killed."""
    changes = Changes({name: stage.table(name) for name in TABLES}, SEED)
    _write(stage, changes, 200)
    stage.index.fault(Delay(0.3))
    first = stage.running(_configuration(stage, protocol))
    wait_for(lambda: stage.requests("push_batch"), "a batch is on the wire")
    second = stage.running(_configuration(stage, protocol))
    _write(stage, changes, 200)
    wait_for(lambda: _shared(first, second), "they share the partitions")
    _write(stage, changes, 200)
    wait_for(lambda: _in_flight(first), "a batch of the first is on the wire")
    first.kill()
    _write(stage, changes, 200)
    wait_for(lambda: _owned(second) == 6, "the second has all partitions")
    stage.index.heal()
    for table in TABLES:
        wait_for(lambda: _is_true(stage, changes, table), f"{table} equals the truth")  # noqa: B023
        stage.wait_until_committed(table)
    assert second.stop() == 0
    assert stage.index.world.journal.rejected == {}
    assert stage.index.world.journal.violation_count == 0


def _configuration(stage: Stage, protocol: Mapping[str, Any]) -> Json:
    times = {"coveo.request_deadline_seconds": 1.0, "coveo.max_effect_seconds": 1.5, **protocol}
    return changed(stage.configuration(), times)


def _write(stage: Stage, changes: Changes, count: int) -> None:
    for _ in range(count):
        changes.step()
    stage.broker.flush()


def _owned(program: Program) -> int:
    return len(program.status().get("partitions", []))


def _shared(first: Program, second: Program) -> bool:
    return _owned(second) > 0 and _owned(first) + _owned(second) == 6


def _in_flight(program: Program) -> bool:
    return any(lane["in_flight_operations"] for lane in program.status().get("targets", []))


def _is_true(stage: Stage, changes: Changes, table: str) -> bool:
    return stage.index.items(stage.sources[table]) == changes.truth(table)
