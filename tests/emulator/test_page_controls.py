"""Steering the emulator by the page's forms."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.datafolder import DataFolder
from emulator.serving import RunningEmulator
from emulator.web import actions
from emulator.web.faultrules import read_rules
from emulator.web.pages.faultforms import PRESETS, read_fault
from emulator.world import World
from tests.emulator.directory import Identities, group, user
from tests.emulator.driver import Driver, upsert
from tests.emulator.lives import reopened, state_of
from tests.emulator.over_http import BASE, export, push_batch
from tests.emulator.pages import page

CRM = f"{BASE}/providers/CRM/permissions"


def send(client: httpx.Client, path: str, **values: str) -> httpx.Response:
    """Send one of the forms as a browser on the page does."""
    origin = str(client.base_url).rstrip("/")
    return client.post(path, data=values, headers={"Origin": origin})


def after(client: httpx.Client, path: str, **values: str) -> str:
    """Return the page that a form leads to."""
    reply = send(client, path, **values)
    assert reply.status_code == 303, reply.text
    return page(client, reply.headers["Location"].partition("#")[0])


def rules(client: httpx.Client) -> list[dict[str, Any]]:
    """Return the active faults."""
    found: list[dict[str, Any]] = client.get("/__admin/faults").json()["rules"]
    return found


def test_the_clock_moves_and_the_page_says_so(
    client: httpx.Client, emulator: RunningEmulator
) -> None:
    """What becomes due on the way happens."""
    before = emulator.world.clock.now_ms()
    shown = after(client, "/controls/clock", amount="5", unit="minutes")
    assert emulator.world.clock.now_ms() == before + 300_000
    assert 'role="status">The clock was moved' in shown


@pytest.mark.parametrize(
    ("amount", "unit"),
    [("0", "minutes"), ("-1", "minutes"), ("1001", "days"), ("1", "years"), ("0000000011", "days")],
)
def test_a_step_that_makes_no_sense_is_refused_on_the_page(
    client: httpx.Client, emulator: RunningEmulator, amount: str, unit: str
) -> None:
    """The clock never goes back, and by a slip never decades ahead."""
    before = emulator.world.clock.now_ms()
    reply = send(client, "/controls/clock", amount=amount, unit=unit)
    assert reply.status_code == 400
    assert 'role="alert">The clock moves by 1 to 1000' in reply.text
    assert emulator.world.clock.now_ms() == before


def test_the_security_cache_is_refreshed_on_request(client: httpx.Client) -> None:
    """From the controls, and from the identities themselves."""
    identity = {"name": "staff", "type": "GROUP"}
    client.put(CRM, json={"identity": identity, "members": [], "wellKnowns": []})
    assert "Changed and waiting: 1 of CRM." in page(client, "/controls")
    shown = after(client, "/controls/refresh", back="identities")
    assert "<h1>Identities</h1>" in shown
    assert 'role="status">The security cache took over what waited.' in shown
    assert "Nothing waits for a refresh." in page(client, "/controls")


def test_a_fault_is_added_listed_and_removed(client: httpx.Client) -> None:
    """With what it is meant for and how often it struck."""
    values = {"effect": "429", "endpoint": "create_file", "count": "2", "skip": "1"}
    shown = after(client, "/controls/faults", **values)
    assert "status 429, retry after 30" in shown
    statuses = [client.post(f"{BASE}/files").status_code for _ in range(4)]
    assert statuses == [201, 429, 429, 201]
    assert "spent</span>" in page(client, "/controls")
    assert "No fault is active" in after(client, "/controls/faults/clear")


def test_any_rule_can_be_given_as_json(client: httpx.Client) -> None:
    """The list of the usual ones cannot have them all."""
    after(client, "/controls/faults", rule='{"effect": {"type": "delay", "seconds": 1.5}}')
    assert [one["effect"]["type"] for one in rules(client)] == ["delay"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"rule": "{"}, "the rule is not JSON"),
        ({"rule": '{"effect": {"type": "explode"}}'}, "effect.type must be one of"),
        ({"effect": "explode"}, "choose what happens"),
        ({"effect": "drop", "endpoint": "nowhere"}, "match.endpoint must be one of"),
        ({"effect": "drop", "count": "many"}, "count must be a whole number"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_on_the_page(
    client: httpx.Client, values: dict[str, str], told: str
) -> None:
    """A misspelt rule must not do nothing unseen."""
    reply = send(client, "/controls/faults", **values)
    assert reply.status_code == 400
    assert told in reply.text
    assert rules(client) == []


@pytest.mark.parametrize("word", PRESETS)
def test_every_usual_fault_is_one_that_can_be_read(word: str) -> None:
    """A choice that is refused would be no choice; 0 times means for ever."""
    (rule,) = read_rules(read_fault({"effect": word, "count": "0"}))
    assert rule.plan.count is None


def test_everything_is_forgotten_only_when_that_is_meant(client: httpx.Client) -> None:
    """One wrong key must not empty a demonstration."""
    push_batch(client, [upsert("a://1")])
    reply = send(client, "/controls/reset")
    assert reply.status_code == 400
    assert len(export(client)) == 1
    assert "Everything is back to the start" in after(client, "/controls/reset", sure="yes")
    assert export(client) == []


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null"])
@pytest.mark.parametrize("path", ["/controls/reset", "/controls/clock", "/controls/faults"])
def test_a_form_from_another_page_is_refused(client: httpx.Client, path: str, origin: str) -> None:
    """Any site that is open in the same browser could send it."""
    push_batch(client, [upsert("a://1")])
    values = {"sure": "yes", "amount": "1", "unit": "days", "effect": "drop"}
    reply = client.post(path, data=values, headers={"Origin": origin})
    assert reply.status_code == 403
    assert len(export(client)) == 1
    assert rules(client) == []


def test_a_form_that_is_too_large_is_refused(client: httpx.Client) -> None:
    """Before it is read to its end."""
    assert send(client, "/controls/faults", rule="x" * 200_000).status_code == 403


@pytest.mark.parametrize(
    ("act", "values"),
    [
        (actions.move_clock, {"amount": "3", "unit": "hours"}),
        (actions.refresh_cache, {}),
        (actions.start_again, {"sure": "yes"}),
    ],
)
def test_what_the_page_does_outlives_a_kill(
    tmp_path: Path, act: Callable[[World, dict[str, str]], str], values: dict[str, str]
) -> None:
    """It is written down like everything else that an emulator with a data folder is told."""
    driver = Driver.of()
    folder = DataFolder(tmp_path, driver.world)
    folder.open()
    with ExitStack() as end:
        end.callback(folder.abandon)
        Identities(driver).put(group("staff"), [user("dora")])
        act(driver.world, values)
        assert state_of(reopened(tmp_path, driver)) == state_of(driver.world)
