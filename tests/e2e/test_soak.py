"""Hours of faults: nothing is lost and nothing grows. `make soak MINUTES=…`, and every night."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.e2e.changes import Changes
from tests.e2e.program import wait_for
from tests.e2e.rounds import TABLES
from tests.e2e.soak import Soak, middle
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]

MINUTES = float(os.environ.get("SOAK_MINUTES", "20"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
GROWTH = 1.10
"""What may be added between the second and the last quarter; caches fill up in the first."""

GROWTH_BYTES = 8_000_000
FIGURES = ("resident_bytes", "open_files", "threads")


def test_a_long_life_loses_nothing_and_grows_by_nothing(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """A leak of a megabyte an hour, or one record in a million, shows in no short test."""
    changes = Changes({name: stage.table(name) for name in TABLES}, SEED)
    soak = Soak(stage, changes, random.Random(SEED))
    host = stage.running(soak.configuration())
    soak.run(host, MINUTES * 60)
    wait_for(soak.is_true, "the index equals the tables")
    for table in TABLES:
        stage.wait_until_committed(table)
    quarter = len(soak.samples) // 4
    then, now = soak.samples[quarter : 2 * quarter], soak.samples[-quarter:]
    figures = {name: (middle(then, name), middle(now, name)) for name in FIGURES}
    record_property("soak", _report(soak, figures))
    assert "cdc_ledger_difference_records 0.0" in host.get("/metrics")[1]
    assert host.stop() == 0
    assert not (stage.folder / "dead-letters").exists()
    assert not any("Traceback" in program.output() for program in stage.programs)
    assert stage.index.world.journal.violation_count == 0
    assert stage.index.world.journal.rejected == {}
    assert soak.faults
    assert soak.guests_killed
    assert soak.guests_stopped
    for name, (before, after) in figures.items():
        spare = GROWTH_BYTES if name == "resident_bytes" else 2
        assert after <= before * GROWTH + spare, f"{name} grew: {figures}"


def _report(soak: Soak, figures: dict[str, tuple[float, float]]) -> str:
    told = {
        "minutes": MINUTES,
        "seed": SEED,
        "records": soak.changes.records,
        "batches taken": len(soak.stage.index.world.taken),
        "faults set": soak.faults,
        "broker outages": soak.outages,
        "members killed, stopped": (soak.guests_killed, soak.guests_stopped),
        **{f"{name}, 2nd and last quarter": pair for name, pair in figures.items()},
    }
    return ", ".join(f"{name}: {figure}" for name, figure in told.items())
