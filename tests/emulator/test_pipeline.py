"""Acceptance and indexing are two moments; what is remembered is bounded."""

from __future__ import annotations

import pytest

from emulator.api import answer
from emulator.calls import Endpoint
from emulator.clock import ManualClock, SystemClock
from emulator.settings import Retention, SourceSpec
from tests.emulator.driver import START_MS, Driver, error_of


def test_an_accepted_item_shows_after_the_indexing_delay() -> None:
    """202 means queued, nothing more."""
    driver = Driver.of(indexing_delay_seconds=2.5)
    driver.push("a://1")
    driver.world.advance(2.499)
    assert driver.indexed() == []
    driver.world.advance(0.001)
    assert driver.indexed() == ["a://1"]


def test_history_tells_receipt_and_processing_apart() -> None:
    """A reader sees how long it waited."""
    driver = Driver.of(indexing_delay_seconds=60)
    driver.push("a://1")
    driver.world.advance(3_600)
    (entry,) = driver.document("a://1")["history"]
    assert entry["receivedAt"] == "2023-11-14T22:13:20.000Z"
    assert entry["processedAt"] == "2023-11-14T22:14:20.000Z"


def test_history_names_request_and_ordering_id(driver: Driver) -> None:
    """So that it can be matched with a client's own log."""
    driver.push("a://1", orderingId=5)
    driver.delete("a://1", orderingId=6)
    history = driver.document("a://1")["history"]
    assert [(one["operation"], one["request"], one["orderingId"]) for one in history] == [
        ("ADD", 1, 5),
        ("DELETE", 2, 6),
    ]


def test_a_second_push_is_an_update(driver: Driver) -> None:
    """The words of the service's own log."""
    driver.push("a://1")
    driver.push("a://1")
    history = driver.document("a://1")["history"]
    assert [one["operation"] for one in history] == ["ADD", "UPDATE"]


def test_history_is_bounded_per_item() -> None:
    """The oldest entries go."""
    driver = Driver.of(retention=Retention(history_per_item=3))
    for ordering in range(10):
        driver.push("a://1", orderingId=ordering)
    history = driver.document("a://1")["history"]
    assert [one["orderingId"] for one in history] == [7, 8, 9]


def test_a_status_answers_201_with_json(driver: Driver) -> None:
    """One official client parses it."""
    reply = driver.call(Endpoint.SOURCE_STATUS, statusType="rebuild")
    assert (reply.status, reply.body) == (201, b"{}")
    assert driver.world.source("open").status == "REBUILD"


def test_idle_ends_the_activity(driver: Driver) -> None:
    """And a second active status ends the first."""
    for status in ("REBUILD", "INCREMENTAL", "IDLE", "IDLE"):
        driver.call(Endpoint.SOURCE_STATUS, statusType=status)
    activities = driver.world.source("open").activities
    assert [(one.status, one.ended_ms) for one in activities] == [
        ("REBUILD", START_MS),
        ("INCREMENTAL", START_MS),
    ]


@pytest.mark.parametrize(("query", "code"), [({}, "MISSING"), ({"statusType": "X"}, "INVALID")])
def test_a_status_must_be_one_of_four(driver: Driver, query: dict[str, str], code: str) -> None:
    """Missing and wrong are two errors."""
    reply = driver.send(Endpoint.SOURCE_STATUS, query)
    assert error_of(reply) == (412, f"{code}_PARAMETER")


def test_a_status_does_not_gate_pushes(driver: Driver) -> None:
    """It is information for people."""
    driver.call(Endpoint.SOURCE_STATUS, statusType="IDLE")
    driver.push("a://1")
    assert driver.indexed() == ["a://1"]


def test_an_operation_delivered_twice_is_applied_twice(driver: Driver) -> None:
    """With an ordering id each, as if the request had come twice."""
    driver.push("a://1")
    answer(driver.world, driver.sent[-1].twice())
    history = driver.document("a://1")["history"]
    assert [one["orderingId"] for one in history] == [START_MS, START_MS + 1, START_MS + 2]
    assert driver.counters()["items"]["duplicates"] == 2


def test_a_late_action_happens_at_its_own_time(driver: Driver) -> None:
    """One large step of the clock stops at everything on its way."""
    seen: list[int] = []
    driver.world.defer(5, lambda: seen.append(driver.clock.now_ms()))
    driver.world.advance(60)
    assert seen == [START_MS + 5_000]
    assert driver.clock.now_ms() == START_MS + 60_000


def test_a_reset_leaves_settings_and_clock(driver: Driver) -> None:
    """A test starts from nothing without a new server."""
    driver.push("a://1")
    driver.world.put_source(SourceSpec("extra"))
    driver.world.advance(1)
    driver.world.reset()
    assert list(driver.world.sources) == ["open", "secured"]
    assert driver.indexed() == []
    assert driver.clock.now_ms() == START_MS + 1_000


def test_a_clock_does_not_go_back() -> None:
    """Ordering ids are made of it."""
    for clock in (ManualClock(), SystemClock()):
        with pytest.raises(ValueError, match="only moves forward"):
            clock.advance(-1)


def test_the_system_clock_can_be_moved_forward() -> None:
    """An operator need not wait for a purge."""
    clock = SystemClock()
    before = clock.now_ms()
    clock.advance(3_600_000)
    assert 3_600_000 <= clock.now_ms() - before < 3_700_000
