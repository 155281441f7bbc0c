"""Two members under one seed: every promise holds, and every situation was met."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.plan import FEEDS
from tests.simulation.run import Report, Simulation
from tests.simulation.situations import Situations
from tests.simulation.wire import Weather

pytestmark = pytest.mark.simulation

SEEDS = range(1, 21)
STEPS = 80_000
MUTANT_SEEDS = (*range(1, 15), 27)  # the rarest order of events comes up at the last
MUTANT_STEPS = 40_000


def held(report: Report) -> Report:
    """Return the report of a run in which nothing broke; fail with its story otherwise."""
    if report.violation is not None:
        story = "\n".join(report.story)
        again = f"python -m tests.simulation --seed {report.seed} --steps {report.steps} --story"
        pytest.fail(f"{story}\n{report.violation}\nreplay: {again}", pytrace=False)
    return report


@pytest.mark.slow
def test_promises_hold_for_a_million_steps_and_every_situation_is_met() -> None:
    """A situation that never comes up is a promise that was never tried."""
    met, steps = Situations(), 0
    for seed in SEEDS:
        report = held(Simulation(seed).run(STEPS))
        met.update(report.situations)
        steps += report.steps
    assert steps >= 1_000_000
    assert not met.missing()


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(1_000, 1_200))
def test_promises_hold_for_many_more_seeds(seed: int) -> None:
    """Rare orders of events need many runs."""
    held(Simulation(seed).run(200_000))


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_is_found(name: str) -> None:
    """A simulation that a broken product survives proves nothing about a sound one."""
    mutant = MUTANTS[name]
    runs = (Simulation(seed, mutant.apply).run(MUTANT_STEPS) for seed in MUTANT_SEEDS)
    found = next((run.violation for run in runs if run.violation is not None), None)
    assert found is not None, f"{name} survives: {mutant.why}"
    assert found.promise in mutant.breaks


def test_a_topic_that_feeds_two_targets_is_not_starved() -> None:
    """Both are hardly ever open at once when there is more to do than they take."""
    run = Simulation(3)
    around = run.around
    around.plan = replace(around.plan, records_per_second=30.0, backlog=100_000)
    around.wire.weather = Weather(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    run.faults.start_all()
    run.faults.writer.write()
    for _ in range(40_000):
        run.world.step()
    done = {tp: each.next_offset or 0 for tp, each in around.cluster.committed.items()}
    slowest = {topic: min(n for tp, n in done.items() if tp.topic == topic) for topic in FEEDS}
    assert slowest["posts"] > 0.15 * slowest["files"]


def test_equal_seeds_give_equal_runs() -> None:
    """Else a failing seed could not be replayed."""
    first, second = (Simulation(7).run(15_000) for _ in range(2))
    assert (first.trace, first.steps) == (second.trace, second.steps)
    assert first.situations == second.situations
    assert Simulation(8).run(15_000).trace != first.trace


def test_a_run_does_not_depend_on_the_order_of_sets() -> None:
    """Each process hashes strings differently; a seed must replay in another process, too."""
    command = [sys.executable, "-m", "tests.simulation", "--seed", "7", "--steps", "15000"]
    traces = {
        subprocess.run(
            command,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.partition("trace ")[2][:8]
        for hash_seed in ("1", "2")
    }
    assert traces == {f"{Simulation(7).run(15_000).trace:08x}"}


def test_a_violation_tells_the_story_of_what_it_concerns() -> None:
    """Who reads it must see what happened to that item, and be able to replay it."""
    run, again = (Simulation(1, MUTANTS["two_in_flight"].apply).run(MUTANT_STEPS) for _ in range(2))
    assert run.violation is not None
    assert any(about in run.story[-1] for about in run.violation.about)
    assert (again.steps, again.trace, again.story) == (run.steps, run.trace, run.story)
