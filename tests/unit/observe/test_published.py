"""How fresh, how alive, how ready the program is."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.observe.published import State, ledger_difference
from tests.unit.observe.pictures import Time, partition, published, status


def test_freshness_is_zero_without_a_backlog() -> None:
    """An idle database is no reason to wake anybody."""
    assert published(Time(), status(partition())).freshness_seconds() == 0.0


def test_freshness_is_the_age_of_the_oldest_open_change() -> None:
    """In a total stall nothing is accepted, so only the age of what waits can tell."""
    time = Time(utc_ms=90_000)
    young = partition(open_records=1, oldest_source_ts_ms=80_000)
    old = partition(open_records=3, oldest_source_ts_ms=30_000)
    assert published(time, status(young, old)).freshness_seconds() == 60.0


@pytest.mark.parametrize(
    "hindrance", [{"paused": True}, {"wait": "schema"}, {"held_records": 2, "wait": "budget"}]
)
def test_freshness_of_unread_records_is_bounded_by_the_youngest_accepted(
    hindrance: dict[str, Any],
) -> None:
    """What was not read has no known age, but it is not older than what came before it."""
    board = published(Time(utc_ms=90_000), status(partition(high_watermark=150, **hindrance)))
    board.last_accepted_source_ms = 20_000
    assert board.freshness_seconds() == 70.0


def test_freshness_of_a_backlog_of_unknown_age_is_no_figure() -> None:
    """Zero would say that all is well."""
    board = published(Time(), status(partition(high_watermark=150, paused=True)))
    assert board.freshness_seconds() is None


def test_a_transaction_marker_at_the_end_of_the_log_is_no_backlog() -> None:
    """Nobody ever reads a marker: an idle pipeline would look staler every second."""
    board = published(Time(), status(partition(position=100, high_watermark=101)))
    assert board.freshness_seconds() == 0.0


def test_a_change_from_the_future_is_fresh() -> None:
    """Two clocks never agree; a negative age helps nobody."""
    waiting = partition(open_records=1, oldest_source_ts_ms=99_000)
    assert published(Time(utc_ms=90_000), status(waiting)).freshness_seconds() == 0.0


def test_alive_as_long_as_the_loop_turns() -> None:
    """A wedged loop is the one thing that a restart mends."""
    time = Time(seconds=100.0)
    board = published(time)
    board.state = State.RUNNING
    time.seconds = 130.0
    assert board.is_alive(30.0)
    time.seconds = 130.5
    assert not board.is_alive(30.0)


@pytest.mark.parametrize("state", [State.STARTING, State.STOPPED])
def test_alive_before_the_first_turn_and_after_the_last(state: State) -> None:
    """A slow start has its own probe, and a last scrape must not look like a crash."""
    time = Time(seconds=100.0)
    board = published(time)
    board.state = state
    time.seconds = 10_000.0
    assert board.is_alive(30.0)


def test_a_coveo_outage_leaves_us_alive_and_ready() -> None:
    """Restarts would turn an outage into a rebalance storm."""
    stuck = partition(open_records=9, oldest_source_ts_ms=0, wait="budget", paused=True)
    board = published(Time(), status(stuck))
    board.state = State.RUNNING
    assert (board.is_alive(30.0), board.is_ready()) == (True, True)


@pytest.mark.parametrize(
    ("state", "ready"),
    [
        (State.STARTING, False),
        (State.RUNNING, True),
        (State.DRAINING, False),
        (State.STOPPED, False),
    ],
)
def test_ready_from_joining_to_draining(state: State, ready: bool) -> None:  # noqa: FBT001
    """A rollout goes on when the new member is in, and leaves one alone that drains."""
    board = published(Time(), status())
    board.state = state
    assert board.is_ready() is ready


def test_readiness_sticks_through_a_rebalance() -> None:
    """A rollout that waits for readiness must not be held up by the rebalance it causes."""
    board = published(Time(), status(), status(joined=False))
    board.state = State.RUNNING
    assert board.is_ready()


def test_the_ledger_finds_a_record_that_went_missing() -> None:
    """INV-4 in numbers: whoever polled ten and can tell of nine has lost one."""
    fates = {"accepted": 3, "superseded": 2, "skipped": 1, "dead_lettered": 1}
    terms: dict[str, Any] = {"fates": fates, "open": 1, "held": 1, "released": 0}
    assert ledger_difference(status(polled=9, **terms)) == 0
    assert ledger_difference(status(polled=10, **terms)) == 1
