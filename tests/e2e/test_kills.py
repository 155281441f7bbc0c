"""SIGKILL at random moments, again and again, while everything around misbehaves."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from emulator.faults import Late
from tests.e2e.changes import Changes
from tests.e2e.order import Judge, Verdict
from tests.e2e.program import wait_for
from tests.e2e.rounds import TABLES, Rounds
from tests.e2e.rows import row
from tests.e2e.stage import Stage, changed

pytestmark = pytest.mark.e2e

ROUNDS = 50
SEED = 7


@pytest.mark.slow
def test_sigkill_at_any_moment_loses_nothing_and_repeats_only_what_was_in_flight(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """At least once, in order per document, is a promise about exactly these moments."""
    changes = Changes({name: stage.table(name) for name in TABLES}, SEED)
    rounds = Rounds(stage, changes, random.Random(SEED))
    rounds.play(ROUNDS)
    code = rounds.finish()
    verdicts = {table: _verdict(rounds, table) for table in TABLES}
    record_property("SIGKILL rounds", _report(rounds, verdicts))
    assert code == 0
    for table in TABLES:
        assert stage.index.items(stage.sources[table]) == changes.truth(table)
        assert stage.committed(table) == stage.broker.ends[stage.sources[table]]
        assert verdicts[table].wrong == []
        # What a round pushes again was taken before and not committed when it began: that is what
        # was in flight at the kill, plus what was accepted since the last commit.
        repeated, exposed = verdicts[table].repeated, verdicts[table].exposed
        assert [at for at in repeated if repeated[at] > exposed[at]] == []
    assert sum(one.on_the_wire for one in rounds.done) > 0
    assert len({one.fault for one in rounds.done if one.struck}) > 5
    assert all(+verdict.in_flight and verdict.repeated for verdict in verdicts.values())
    assert stage.index.world.journal.violation_count == 0
    assert stage.index.world.journal.rejected == {}
    assert not (stage.folder / "dead-letters").exists()
    assert not any("Traceback" in program.output() for program in stage.programs)


def _verdict(rounds: Rounds, table: str) -> Verdict:
    stage = rounds.stage
    log = stage.index.world.request_log.behind(0, 1_000_000)
    answered = {record.number: record.status == 202 and record.fault is None for record in log}
    lives = rounds.changes.lives[table]
    judge = Judge(lives, rounds.done, table, secured=table == "secured")
    return judge.judge(stage.index.batches(stage.sources[table]), answered)


def _report(rounds: Rounds, verdicts: dict[str, Verdict]) -> str:
    stage, done = rounds.stage, rounds.done[:-1]
    figures: dict[str, object] = {
        "rounds ended by SIGKILL": len(done),
        "killed with a request on the wire": sum(one.on_the_wire for one in done),
        "moments": dict(Counter(one.moment for one in done)),
        "faults met": dict(Counter(one.fault for one in done if one.struck)),
        "changes": dict(rounds.changes.kinds),
        "records": rounds.changes.records,
        "batches taken": len(stage.index.world.taken),
    }
    for table, verdict in verdicts.items():
        figures[f"operations taken, {table}"] = verdict.operations
        figures[f"kills between taking and commit, {table}"] = len(+verdict.in_flight)
        figures[f"operations in flight then, {table}"] = verdict.in_flight.total()
        figures[f"pushed again after a kill, {table}"] = verdict.repeated.total()
        figures[f"batches that took effect after the kill, {table}"] = verdict.after_the_kill
        figures[f"pushed again after no answer, {table}"] = verdict.repeated_unanswered
    return ", ".join(f"{name}: {figure}" for name, figure in figures.items())


def test_a_request_that_outlives_its_sender_lands_before_anything_newer(stage: Stage) -> None:
    """Otherwise an older state would stay in the index for good (ADR 8)."""
    old, new = row("a", 1), row("a", 2)
    stage.index.fault(Late(2.5), count=1)
    times = {"coveo.request_deadline_seconds": 3.0, "coveo.max_effect_seconds": 4.0}
    first = stage.running(changed(stage.configuration(), times))
    stage.put(old)
    wait_for(lambda: stage.requests("push_batch"), "the batch is on the wire")
    first.kill()
    stage.put(new, op="u")
    second = stage.running(changed(stage.configuration(), times))
    stage.wait_for_versions(new)
    landed = stage.index.batches(stage.open.topic)
    assert landed[0].request == stage.requests("push_batch")[0].number
    versions = [version for batch in landed for version in batch.upserts.values()]
    assert versions == sorted(versions)
    held = {event["wait"] for event in second.events("partition_held")}
    assert "late_effects" in held
