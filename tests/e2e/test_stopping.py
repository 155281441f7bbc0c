"""SIGTERM drains, commits and leaves; a second signal ends at once."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from typing import Any

import pytest

from emulator.faults import Delay
from tests.e2e.program import wait_for
from tests.e2e.rows import row
from tests.e2e.stage import CLASSIC, Stage, changed

pytestmark = pytest.mark.e2e

ROWS = [row(f"row-{number}", number) for number in range(50)]


@pytest.mark.parametrize("protocol", [{}, CLASSIC], ids=["KIP-848", "classic"])
def test_what_is_stopped_is_committed_and_the_next_start_repeats_nothing(
    stage: Stage, protocol: Mapping[str, Any]
) -> None:
    """A deployment must cost neither a request nor a wait for late effects."""
    stage.put(*ROWS)
    stage.put(*ROWS, table="secured")
    first = stage.running(changed(stage.configuration(), protocol))
    stage.wait_for_versions(*ROWS)
    stage.wait_for_versions(*ROWS, table="secured")
    assert first.stop() == 0
    assert stage.committed() == stage.broker.ends[stage.open.topic]
    pushed = len(stage.index.world.taken)
    second, new = stage.running(changed(stage.configuration(), protocol)), row("row-new", 99)
    stage.put(new)
    stage.wait_for_versions(*ROWS, new)
    assert second.stop() == 0
    waits = {event["wait"] for event in second.events("partition_held")}
    assert "late_effects" not in waits
    assert len(stage.index.world.taken) == pushed + 1


def test_sigterm_sends_and_commits_what_lingers_and_what_is_on_the_wire(stage: Stage) -> None:
    """What was read is finished: the next owner needs neither to repeat it nor to wait."""
    stage.index.fault(Delay(0.7), count=1, source=stage.open.topic)
    # A window is full with the first rows; what comes behind them would wait for a minute.
    windows = {"windows": {"max_operations": len(ROWS), "linger_seconds": 60.0}}
    program = stage.running(changed(stage.configuration(), windows))
    stage.put(*ROWS)
    wait_for(lambda: stage.requests("push_batch"), "a batch is on the wire")
    late = [row(f"late-{number}", number) for number in range(9)]
    stage.put(*late)
    wait_for(lambda: program.window_operations("open") == 9, "the others linger")
    program.signal()
    wait_for(lambda: program.events("state_changed")[-1]["state"] == "draining", "it drains")
    assert program.get("/readyz")[0] in {0, 503}
    assert program.wait() == 0
    stage.wait_for_versions(*ROWS, *late)
    assert len(stage.index.batches(stage.open.topic)) == 2
    ends = stage.broker.ends[stage.open.topic]
    commits = stage.broker.committed(stage.group, stage.open.topic)
    assert [one.offset for one in commits] == ends
    assert {(one.metadata or "").split()[1] for one in commits} == {"clean"}


def test_a_second_signal_ends_at_once_and_nothing_is_lost(stage: Stage) -> None:
    """Whoever is in a hurry is obeyed; what had no fate is read again."""
    stage.index.fault(Delay(30.0), count=1)
    program = stage.running(changed(stage.configuration(), {"coveo.max_effect_seconds": 5.1}))
    stage.put(*ROWS)
    wait_for(lambda: stage.requests("push_batch"), "a batch is on the wire")
    program.signal(signal.SIGINT)
    wait_for(lambda: program.events("state_changed")[-1]["state"] == "draining", "it drains")
    assert (program.get("/readyz")[0], program.get("/livez")[0]) == (503, 200)
    asked = time.monotonic()
    program.signal()
    assert program.wait() == 130
    assert time.monotonic() - asked < 3
    assert sum(stage.committed()) == 0
    stage.index.heal()
    short = {"coveo.request_deadline_seconds": 0.8, "coveo.max_effect_seconds": 1.0}
    again = stage.running(changed(stage.configuration(), short))
    stage.wait_for_versions(*ROWS)
    assert again.stop() == 0
