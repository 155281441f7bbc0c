"""The whole state as JSON Lines: what goes out comes in again."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given

from emulator import commands
from emulator.calls import Endpoint
from emulator.serving import RunningEmulator
from emulator.state.transfer import import_state
from emulator.state.values import BadStateError
from tests.emulator.driver import Driver
from tests.emulator.lives import STEPS, Step, live, new_driver, state_of
from tests.emulator.over_http import DOCUMENTS


@given(STEPS)
def test_export_and_import_give_the_same_state_and_the_same_future(steps: list[Step]) -> None:
    """Also of what is still in the pipeline, and of the next refresh."""
    one, other = new_driver(), new_driver()
    live(one, steps)
    exported = state_of(one.world)
    import_state(other.world, [line.encode() for line in exported])
    assert state_of(other.world) == exported
    for driver in (one, other):
        driver.world.advance(100_000)
    assert state_of(other.world) == state_of(one.world)


def test_a_file_may_be_written_by_hand(driver: Driver) -> None:
    """Most fields may be left out; a refresh without details is done at once."""
    records: list[dict[str, Any]] = [
        {"kind": "provider", "id": "HR"},
        {"kind": "source", "id": "files", "visibility": "SECURED", "providers": ["HR"]},
        {
            "kind": "identity",
            "provider": "HR",
            "identity": {"name": "staff", "type": "Group"},
            "members": [{"name": "dora", "type": "User"}],
        },
        {"kind": "refresh"},
        {
            "kind": "item",
            "source": "files",
            "documentId": "f://1",
            "body": {
                "data": "text",
                "permissions": [
                    {"allowedPermissions": [{"identity": "staff", "identityType": "Group"}]}
                ],
            },
        },
    ]
    import_state(driver.world, [json.dumps(one).encode() for one in records])
    dora = {"userIds": [{"name": "dora", "provider": "HR"}]}
    reply = driver.send(Endpoint.CREATE_SEARCH_TOKEN, {}, json.dumps(dora).encode())
    headers = {"authorization": f"Bearer {json.loads(reply.body)['token']}"}
    found = json.loads(driver.send(Endpoint.SEARCH, {}, b"", headers).body)
    assert [one["uri"] for one in found["results"]] == ["f://1"]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"kind": "planet"}',
        b'{"kind": "emulator", "format": 2}',
        b'{"kind": "item", "source": "nowhere", "documentId": "a://1", "body": {}}',
        b'{"kind": "item", "source": "open", "documentId": "a://1", "body": {"a": {"b": {}}}}',
        b'{"kind": "source", "id": "x", "visibility": "OPEN"}',
        b'{"kind": "identity", "provider": "nowhere", "identity": {"name": "a", "type": "USER"}}',
    ],
)
def test_a_line_that_is_no_record_is_refused_with_its_number(driver: Driver, line: bytes) -> None:
    """And a load that fails forgets nothing."""
    driver.push("a://1")
    before = state_of(driver.world)
    with pytest.raises(BadStateError, match="line 2"):
        commands.load(driver.world, [b'{"kind": "source", "id": "y"}', line])
    assert state_of(driver.world) == before


def test_the_state_is_exported_and_imported_over_http(
    client: httpx.Client, emulator: RunningEmulator
) -> None:
    """What was there before is forgotten."""
    client.put(DOCUMENTS, params={"documentId": "a://1"}, json={"data": ""})
    exported = client.get("/__admin/state").content
    client.put(DOCUMENTS, params={"documentId": "a://2"}, json={"data": ""})
    assert client.post("/__admin/state", content=exported).status_code == 200
    assert list(emulator.world.sources["open"].items) == ["a://1"]
    reply = client.post("/__admin/state", content=b"nonsense")
    assert (reply.status_code, reply.json()["errorCode"]) == (400, "INVALID_ADMIN_REQUEST")


def test_numbers_of_requests_are_not_given_twice(driver: Driver) -> None:
    """Log entries refer to them."""
    driver.world.request_log.go_on_behind(41)
    exported = [line.encode() for line in state_of(driver.world)]
    other = Driver.of()
    import_state(other.world, exported)
    assert other.world.request_log.next_number() == 42
