"""Outside something is down or slow: records are held, membership is kept, all resumes."""

from __future__ import annotations

import time

import pytest

from emulator.calls import Endpoint
from emulator.faults import Drip
from tests.e2e.program import Program, wait_for
from tests.e2e.rows import COLUMNS, Table, row
from tests.e2e.stage import Stage, changed

pytestmark = pytest.mark.e2e

ROWS = [row(f"row-{number}", number) for number in range(20)]
SHORT = {"coveo.request_deadline_seconds": 0.8, "coveo.max_effect_seconds": 1.2}


def stays_a_member(program: Program) -> None:
    """Neither probe may restart a program for somebody else's outage; no partition is lost."""
    assert (program.get("/livez")[0], program.get("/readyz")[0]) == (200, 200)
    assert program.events("partitions_lost", "partitions_revoked") == []
    assert "Traceback" not in program.output()


def unreachable(program: Program) -> bool:
    """Return whether a partition is said to wait for a registry that does not answer."""
    return any("not reachable" in one["why"] for one in program.stuck("partition"))


def test_a_registry_that_is_down_at_the_start_is_waited_for(stage: Stage) -> None:
    """A start must not depend on it, and must not lose what it cannot read yet."""
    stage.registry.down()
    stage.put(*ROWS)
    program = stage.running()
    wait_for(lambda: program.stuck("partition"), "partitions are held")
    # Before that they wait for the commit that says whose they are, and for a moment for nothing.
    wait_for(lambda: unreachable(program), "it says why")
    stays_a_member(program)
    assert sum(stage.committed()) == 0
    stage.registry.up()
    stage.wait_for_versions(*ROWS)
    stage.wait_until_committed()
    wait_for(lambda: program.stuck() == [], "nothing is stuck any more")
    stays_a_member(program)


def test_a_registry_that_goes_down_holds_only_what_needs_a_new_schema(stage: Stage) -> None:
    """Schemas at hand go on being used; a changed table waits."""
    stage.put(*ROWS)
    program = stage.running()
    stage.wait_for_versions(*ROWS)
    stage.registry.down()
    columns = {**COLUMNS, "added": ["null", "string"]}
    altered = Table(stage.broker, stage.registry, stage.open.topic, columns)
    new, known = row("new", 98, added="x"), row("known", 99)
    altered.put(new)
    stage.put(known, table="secured")
    wait_for(lambda: program.stuck(f"partition {stage.open.topic}"), "the new schema is missed")
    stays_a_member(program)
    stage.registry.up()
    stage.registry.seconds_per_byte = 0.05  # and it is slow now
    stage.wait_for_versions(*ROWS, new)
    stage.wait_for_versions(known, table="secured")
    stays_a_member(program)


def test_coveo_down_for_a_while_costs_nothing_but_time(stage: Stage) -> None:
    """Records wait in order, the target says why, the program stays alive and ready."""
    program = stage.running()
    stage.index.stop()
    try:
        stage.put(*ROWS)
        stage.put(*ROWS, table="secured")
        for target in ("open", "secured"):
            wait_for(lambda: program.stuck(f"target {target}"), f"{target} waits")  # noqa: B023
        (trouble,) = program.stuck("target open")
        assert "network" in trouble["why"]
        assert trouble["to_do"] == "nothing: it goes on by itself"
        assert len(program.events("target_waiting")) == 2
        stays_a_member(program)
        assert sum(stage.committed()) == 0
    finally:
        stage.index.start_again()
    stage.wait_for_versions(*ROWS)
    stage.wait_for_versions(*ROWS, table="secured")
    stage.wait_until_committed()
    stays_a_member(program)
    metrics = program.get("/metrics")[1]
    assert 'cdc_push_batches_total{outcome="retried",target="open"}' in metrics


def test_coveo_that_drips_is_given_up_in_time_and_asked_again(stage: Stage) -> None:
    """A connection that is never quite dead must not hold a lane longer than its deadline."""
    stage.index.fault(Drip(0.05, 10_000), Endpoint.PUSH_BATCH)
    program = stage.running(changed(stage.configuration(), SHORT))
    stage.put(*ROWS)
    wait_for(lambda: program.events("batch_retried"), "the attempt is given up")
    (first, *_) = program.events("batch_retried")
    assert (first["ambiguous"], first["reason"]) == (True, "network")
    assert first["seconds"] < 3
    stays_a_member(program)
    assert sum(stage.committed()) == 0
    stage.index.heal()
    stage.wait_for_versions(*ROWS)
    stage.wait_until_committed()


def test_brokers_that_are_down_at_the_start_are_waited_for_and_said(stage: Stage) -> None:
    """Kafka's restart and ours may come in any order."""
    stage.put(*ROWS)
    stage.broker.set_down()
    try:
        program = stage.start()
        wait_for(lambda: program.stuck("kafka"), "it says that no broker answers")
        assert (program.get("/livez")[0], program.get("/readyz")[0]) == (200, 503)
        assert "the network or a broker is away" in program.stuck("kafka")[0]["why"]
        assert "make the brokers reachable" in program.stuck("kafka")[0]["to_do"]
        wait_for(lambda: program.events("library_warned"), "the log says so too")
    finally:
        stage.broker.set_up()
    stage.wait_for_versions(*ROWS)
    wait_for(lambda: program.stuck() == [], "nothing is stuck any more")
    assert program.ready()
    assert "Traceback" not in program.output()
    assert program.stop() == 0


def test_sigterm_ends_a_program_that_never_saw_a_broker(stage: Stage) -> None:
    """Whoever corrects the address must not have to kill it."""
    nowhere = changed(stage.configuration(), {"kafka.bootstrap_servers": "127.0.0.1:1"})
    program = stage.start(nowhere)
    wait_for(lambda: program.stuck("kafka"), "it says that no broker answers")
    assert program.stop() == 0
    assert "Traceback" not in program.output()


def test_brokers_that_go_away_in_the_middle_are_waited_for(stage: Stage) -> None:
    """What was accepted meanwhile is committed as soon as somebody takes the commit."""
    stage.put(*ROWS)
    program = stage.running()
    stage.wait_for_versions(*ROWS)
    stage.wait_until_committed()
    stage.broker.set_down()
    try:
        wait_for(lambda: program.stuck("kafka"), "it says that no broker answers")
        assert program.get("/livez")[0] == 200
    finally:
        stage.broker.set_up()
    later = row("later", 99)
    stage.put(later)
    stage.wait_for_versions(*ROWS, later)
    stage.wait_until_committed()
    assert program.stop() == 0


def test_sigterm_without_brokers_ends_within_the_grace_period(stage: Stage) -> None:
    """Its last commit cannot be made then; being killed for waiting on it would help nobody."""
    stage.put(*ROWS)
    program = stage.running(changed(stage.configuration(), {"shutdown": {"drain_seconds": 1}}))
    stage.wait_for_versions(*ROWS)
    stage.broker.set_down()
    try:
        wait_for(lambda: program.stuck("kafka"), "it says that no broker answers")
        asked = time.monotonic()
        assert program.stop() == 0
        assert time.monotonic() - asked < 15
        assert {event["tenure"] for event in program.events("commit_failed")} == {"clean"}
    finally:
        stage.broker.set_up()
    later = row("later", 99)
    stage.put(later)
    stage.running(changed(stage.configuration(), SHORT))
    stage.wait_for_versions(*ROWS, later)
