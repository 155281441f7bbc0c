"""A target whose windows of one operation go by the call for one item."""

from __future__ import annotations

import pytest

from emulator.calls import Endpoint
from emulator.faults import Late, Status
from tests.e2e.program import Json, wait_for
from tests.e2e.rows import row
from tests.e2e.stage import Stage, changed

pytestmark = pytest.mark.e2e


def by_themselves(stage: Stage) -> Json:
    """Return a configuration that asks for it."""
    return changed(stage.configuration(), {"targets.open.single_item_calls": True})


def made(stage: Stage) -> list[str]:
    """Return the calls that cost quota, without statuses."""
    counted = ("create_file", "push_batch", "push_item", "delete_item")
    log = {one.number: one.endpoint for name in counted for one in stage.requests(name)}
    return [log[number] for number in sorted(log)]


def test_one_change_is_one_call_and_several_are_a_batch(stage: Stage) -> None:
    """Logs, metrics and status tell of it as of any call."""
    stage.put(first := row("row-1", 1))
    program = stage.running(by_themselves(stage))
    stage.wait_for_versions(first)
    stage.put(row("row-1", 2))
    stage.wait_for_versions(row("row-1", 2))
    stage.put(*(several := [row(f"row-{number}", 3) for number in range(4)]))
    stage.wait_for_versions(*several)
    while several:
        stage.open.delete(several.pop())
        stage.broker.flush()
        stage.wait_for_versions(*several)
    stage.wait_until_committed()
    calls = made(stage)
    assert calls[:2] == ["push_item"] * 2
    assert calls[-4:] == ["delete_item"] * 4
    assert "push_batch" in calls[2:-4]
    last = program.events("batch_accepted")[-1]
    assert [call["endpoint"] for call in last["calls"]] == ["documents/delete"]
    assert program.status()["calls"][-1]["endpoint"] in {"documents/delete", "status"}
    counted = 'cdc_push_requests_total{code="202",endpoint="documents/delete",target="open"} 4.0'
    assert counted in program.get("/metrics")[1]
    assert stage.secrets_in_logs() == []


def test_an_item_that_coveo_refuses_is_set_aside_by_its_own_answer(stage: Stage) -> None:
    """Nothing has to be split, and the table goes on."""
    stage.index.fault(Status(400, "INVALID_JSON", "it is wrong"), Endpoint.PUSH_ITEM, count=1)
    stage.put(row("row-1", 1))
    program = stage.running(by_themselves(stage))
    stage.wait_until_committed()
    stage.put(row("row-2", 1))
    stage.wait_for_versions(row("row-2", 1))
    assert [one["reason"] for one in program.events("batch_refused")] == ["invalid_batch"]
    assert len(list((stage.folder / "dead-letters").iterdir())) == 1


def test_a_call_that_takes_effect_late_is_waited_for(stage: Stage) -> None:
    """What was pushed meanwhile would be older than it for the service."""
    stage.index.fault(Late(2.0, drop=True), Endpoint.PUSH_ITEM, count=1)
    stage.put(row("row-1", 1))
    program = stage.running(by_themselves(stage))
    wait_for(lambda: program.events("batch_retried"), "the answer is lost")
    stage.put(row("row-1", 2))
    wait_for(lambda: stage.versions() == {f"e2e://rows/{row('row-1', 1)['id']}": 1}, "it is late")
    stage.wait_until_committed()
    stage.wait_for_versions(row("row-1", 2))
    assert program.events("batch_retried")[0]["ambiguous"]
