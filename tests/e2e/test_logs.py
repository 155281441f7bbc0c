"""What a run leaves behind for people and machines: its log, its probes, its numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from emulator.calls import Endpoint
from emulator.faults import Status
from tests.e2e.program import wait_for
from tests.e2e.rows import row
from tests.e2e.stage import Stage, changed

pytestmark = pytest.mark.e2e

ROWS = [row(f"row-{number}", number) for number in range(30)]


def test_each_batch_is_one_line_with_all_that_support_asks_for(stage: Stage) -> None:
    """Per batch, not per record; enough to find it at Coveo's side and in Kafka."""
    stage.index.fault(Status(429, "TOO_MANY_REQUESTS", retry_after=0), Endpoint.PUSH_BATCH, 1)
    stage.put(*ROWS)
    program = stage.running()
    stage.wait_for_versions(*ROWS)
    stage.wait_until_committed()
    (throttled,) = program.events("batch_retried")
    assert (throttled["attempt"], throttled["reason"]) == (1, "throttled")
    assert throttled["calls"][-1]["code"] == 429
    accepted = program.events("batch_accepted")
    assert len(accepted) == len(stage.index.batches(stage.open.topic))
    (again,) = [one for one in accepted if one["batch"] == throttled["batch"]]
    assert (again["target"], again["attempt"], again["level"]) == ("open", 2, "info")
    assert [call["code"] for call in again["calls"]] == [201, 200, 202]
    assert all(call["seconds"] >= 0 and call["request_id"] for call in again["calls"])
    assert sum(sum(one["operations"].values()) for one in accepted) == len(ROWS)
    assert again["body_bytes"] == again["calls"][1]["sent_bytes"] > 100
    assert again["seconds"] >= sum(call["seconds"] for call in again["calls"]) - 0.01
    covered = {name for one in accepted for name in one["offsets"]}
    assert covered == {f"{stage.open.topic}/{number}" for number in range(3)}


def test_every_line_is_one_object_with_time_level_and_event(stage: Stage) -> None:
    """A log that is only mostly JSON breaks whoever reads it by machine."""
    stage.put(*ROWS)
    program = stage.running()
    stage.wait_for_versions(*ROWS)
    assert program.stop() == 0
    events = program.events()
    assert len(events) == len(program.output().splitlines())
    times = [datetime.fromisoformat(event["timestamp"]) for event in events]
    assert times == sorted(times)
    assert {time.utcoffset() for time in times} == {timedelta(0)}
    assert {event["level"] for event in events} <= {"debug", "info", "warning"}
    states = [event["state"] for event in program.events("state_changed")]
    assert states == ["running", "draining", "stopped"]
    assert (events[0]["event"], events[-1]["event"]) == ("run_started", "run_finished")


def test_the_ledger_on_status_and_in_metrics_leaves_nothing_out(stage: Stage) -> None:
    """Records polled = fates + open + held + released (INV-4), as everybody can see."""
    stage.put(*ROWS)
    stage.put(*ROWS, op="u")
    gone = ROWS[:5]
    for each in gone:
        stage.open.delete(each)
    stage.broker.flush()
    program = stage.running()
    stage.wait_for_versions(*ROWS[5:])
    stage.wait_until_committed()
    polled = 2 * len(ROWS) + 2 * len(gone)
    wait_for(lambda: _settled(program.status()["records"]) == polled, "all have their fate")
    records = program.status()["records"]
    assert (records["polled"], records["open"], records["held"]) == (polled, 0, 0)
    assert records["unaccounted"] == 0
    assert all(one["lag"] == 0 for one in program.status()["partitions"])
    metrics = program.get("/metrics")[1]
    labels = f'{{topic="{stage.open.topic}"}}'
    assert f"cdc_records_consumed_total{labels} {float(polled)}" in metrics


def _settled(records: dict[str, int]) -> int:
    fates = ("accepted", "superseded", "skipped", "dead_lettered")
    return sum(records[fate] for fate in fates)


def test_readiness_begins_with_membership_and_ends_with_the_drain(stage: Stage) -> None:
    """A program is of use from joining to draining; it is alive all the time."""
    program = stage.start()
    seen: list[tuple[int, int]] = []
    wait_for(lambda: _look(seen, program.get("/livez")[0], program.get("/readyz")[0]), "ready")
    assert {alive for alive, _ in seen if alive} == {200}
    assert [ready for _, ready in seen if ready][-1] == 200
    assert {ready for _, ready in seen} <= {0, 503, 200}
    status = program.status()
    assert (status["joined"], status["state"]) == (True, "running")
    assert len(status["partitions"]) == 6


def _look(seen: list[tuple[int, int]], alive: int, ready: int) -> bool:
    seen.append((alive, ready))
    return ready == 200


def test_a_schema_that_was_replaced_is_an_error_in_the_log(stage: Stage) -> None:
    """Rows may have been read by another table's schema: someone must act, and finds the line."""
    folder = str(stage.folder / "schemas")
    wanted = changed(stage.configuration(), {"schema_registry.cache_directory": folder})
    stage.put(ROWS[0])
    first = stage.running(wanted)
    stage.wait_for_versions(ROWS[0])
    assert first.stop() == 0
    stage.registry.down()
    stage.put(ROWS[1])
    second = stage.running(wanted)
    stage.wait_for_versions(*ROWS[:2])
    stage.registry.replace(stage.open.value_id, {"type": "string"})
    stage.registry.up()
    wait_for(lambda: second.events("schema_replaced"), "the line is there")
    (line,) = second.events("schema_replaced")
    assert (line["level"], line["schema"]) == ("error", f"id/{stage.open.value_id}")
    assert "'A schema was replaced' in the runbook" in line["message"]
