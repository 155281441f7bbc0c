"""Faults on demand, as a client meets them."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from emulator.calls import Endpoint
from emulator.faults import Delay, Plan, Status
from tests.emulator.driver import Driver
from tests.emulator.over_http import BASE, DOCUMENTS, export, push_batch, upload


def inject(client: httpx.Client, effect: dict[str, Any], **rule: Any) -> None:
    """Add one rule for item pushes."""
    match = {"endpoint": "push_item"}
    reply = client.post("/__admin/faults", json={"match": match, "effect": effect, **rule})
    assert reply.status_code == 201, reply.text


def push(client: httpx.Client, **options: Any) -> httpx.Response:
    """Push one item."""
    query = {"documentId": "a://1"}
    return client.put(DOCUMENTS, params=query, json={"data": "x"}, **options)


def last_request(client: httpx.Client) -> dict[str, Any]:
    """Return the newest entry of the request log."""
    found: dict[str, Any] = client.get("/__admin/requests").json()["requests"][-1]
    return found


def test_an_injected_status_is_answered_instead_of_handling(client: httpx.Client) -> None:
    """With code and wait as asked for."""
    effect = {"type": "status", "status": 429, "error_code": "X", "retry_after": 7}
    inject(client, effect)
    reply = push(client)
    assert (reply.status_code, reply.json()["errorCode"]) == (429, "X")
    assert reply.headers["Retry-After"] == "7"
    assert export(client) == []


def test_a_rule_strikes_once_by_default(client: httpx.Client) -> None:
    """Then the service is well again."""
    inject(client, {"type": "status", "status": 503})
    assert [push(client).status_code for _ in range(2)] == [503, 202]


def test_a_rule_can_strike_for_ever_and_be_removed(client: httpx.Client) -> None:
    """Count null means for ever."""
    inject(client, {"type": "status", "status": 503}, count=None)
    assert [push(client).status_code for _ in range(3)] == [503, 503, 503]
    assert client.delete("/__admin/faults").json() == {"rules": []}
    assert push(client).status_code == 202


def test_a_rule_can_let_some_requests_through_first(client: httpx.Client) -> None:
    """So that a fault falls into the middle of a run."""
    inject(client, {"type": "status", "status": 503}, skip=2)
    assert [push(client).status_code for _ in range(4)] == [202, 202, 503, 202]


def test_a_rule_hits_only_its_endpoint_and_source(client: httpx.Client) -> None:
    """Others go on as usual."""
    match = {"endpoint": "push_batch", "source": "secured"}
    rule = {"match": match, "effect": {"type": "status", "status": 500}}
    client.post("/__admin/faults", json=[rule])
    assert push(client).status_code == 202
    assert push_batch(client, []).status_code == 202
    assert push_batch(client, [], "secured").status_code == 500


def test_a_fault_of_the_storage_speaks_xml(client: httpx.Client) -> None:
    """As the storage does."""
    match = {"endpoint": "upload_file"}
    effect = {"type": "status", "status": 503, "error_code": "SlowDown"}
    client.post("/__admin/faults", json={"match": match, "effect": effect})
    created = client.post(f"{BASE}/files").json()
    reply = upload(client, created, b"")
    assert (reply.status_code, "<Code>SlowDown</Code>" in reply.text) == (503, True)


def test_a_dropped_request_has_no_effect(client: httpx.Client) -> None:
    """The connection closes before anything is handled."""
    inject(client, {"type": "drop"})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        push(client)
    assert export(client) == []
    assert last_request(client)["fault"] == "drop"
    assert last_request(client)["status"] is None


@pytest.mark.parametrize("halfway", [False, True])
def test_a_lost_answer_leaves_the_effect(client: httpx.Client, halfway: bool) -> None:  # noqa: FBT001
    """The client cannot know, which is the point."""
    inject(client, {"type": "lose_response", "halfway": halfway})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        push(client)
    assert len(export(client)) == 1


def test_an_empty_answer_can_be_cut_as_well(client: httpx.Client) -> None:
    """The storage answers without a body."""
    match, effect = {"endpoint": "upload_file"}, {"type": "lose_response", "halfway": True}
    client.post("/__admin/faults", json={"match": match, "effect": effect})
    created = client.post(f"{BASE}/files").json()
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        upload(client, created, b"{}")


def test_a_late_effect_comes_after_the_client_gave_up(client: httpx.Client) -> None:
    """And gets its ordering id then, above that of anything pushed in between."""
    inject(client, {"type": "late", "seconds": 30})
    with pytest.raises(httpx.ReadTimeout):
        push(client, timeout=0.05)
    assert export(client) == []
    client.post("/__admin/clock", json={"advance_seconds": 29})
    push(client)
    between = export(client)[0]["orderingId"]
    client.post("/__admin/clock", json={"advance_seconds": 1})
    assert export(client)[0]["orderingId"] > between


def test_a_late_effect_can_close_the_connection_at_once(client: httpx.Client) -> None:
    """Some clients would wait for minutes."""
    inject(client, {"type": "late", "seconds": 1, "drop": True})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        push(client)
    client.post("/__admin/clock", json={"advance_seconds": 1})
    assert len(export(client)) == 1


def test_garbage_is_not_json_and_the_effect_stands(client: httpx.Client) -> None:
    """A proxy's error page, say."""
    inject(client, {"type": "garbage", "status": 502})
    reply = push(client)
    assert (reply.status_code, reply.headers["Content-Type"]) == (502, "text/html")
    with pytest.raises(ValueError, match=r"JSON|utf-8|Expecting"):
        reply.json()
    assert len(export(client)) == 1


def test_a_dripping_answer_is_whole_in_the_end(client: httpx.Client) -> None:
    """No single read takes long, the sum does."""
    inject(client, {"type": "drip", "seconds_per_byte": 0.005, "size": 10})
    started = time.perf_counter()
    reply = push(client)
    assert (reply.status_code, reply.json()) == (202, None)
    assert time.perf_counter() - started >= 0.04


def test_a_delayed_request_is_handled_afterwards(client: httpx.Client) -> None:
    """It only takes longer."""
    inject(client, {"type": "delay", "seconds": 0.03})
    started = time.perf_counter()
    assert push(client).status_code == 202
    assert time.perf_counter() - started >= 0.03


def test_a_request_handled_twice_is_seen_in_the_history(client: httpx.Client) -> None:
    """The client sees one answer."""
    inject(client, {"type": "twice"})
    assert push(client).status_code == 202
    found = client.get("/__admin/sources/open/items/one", params={"id": "a://1"}).json()
    assert [one["operation"] for one in found["history"]] == ["ADD", "UPDATE"]


def test_dice_of_one_seed_fall_the_same(driver: Driver) -> None:
    """A failing run can be repeated."""
    runs = []
    for _ in range(2):
        plan = Plan(count=None, probability=0.5, seed=7)
        driver.world.faults.clear()
        driver.world.add_fault(Delay(0), plan=plan)
        strike = driver.world.faults.strike
        runs.append([strike(Endpoint.PUSH_ITEM, "open") is None for _ in range(20)])
    assert runs[0] == runs[1]
    assert 0 < sum(runs[0]) < 20


def test_the_first_rule_that_strikes_is_the_one(driver: Driver) -> None:
    """A spent rule makes room for the next."""
    for status in (500, 502):
        driver.world.add_fault(Status(status))
    strikes = [driver.world.faults.strike(Endpoint.CREATE_FILE, None) for _ in range(3)]
    assert strikes == [Status(500), Status(502), None]


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"effect": {"type": "explode"}},
        {"effect": {"type": "status"}},
        {"effect": {"type": "status", "status": "500"}},
        {"effect": {"type": "delay", "seconds": -1}},
        {"effect": {"type": "drop", "seconds": 1}},
        {"effect": {"type": "drop"}, "match": {"endpoint": "nowhere"}},
        {"effect": {"type": "drop"}, "match": {"path": "/"}},
        {"effect": {"type": "drop"}, "times": 3},
        {"effect": {"type": "drop"}, "probability": "often"},
        {"effect": {"type": "drop"}, "count": True},
        ["drop"],
    ],
)
def test_a_rule_that_cannot_be_understood_is_refused(client: httpx.Client, rule: object) -> None:
    """A misspelt rule that does nothing would let a test pass for nothing."""
    reply = client.post("/__admin/faults", json=rule)
    assert (reply.status_code, reply.json()["errorCode"]) == (400, "INVALID_ADMIN_REQUEST")
    assert client.get("/__admin/faults").json() == {"rules": []}


def test_rules_are_shown_with_their_hits(client: httpx.Client) -> None:
    """So that a test can tell that its fault really happened."""
    inject(client, {"type": "status", "status": 500}, count=2)
    push(client)
    (rule,) = client.get("/__admin/faults").json()["rules"]
    assert (rule["seen"], rule["hits"], rule["count"]) == (1, 1, 2)
    assert rule["effect"]["type"] == "status"
