"""`/status` says what is stuck, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from consumer.observe.status import status_document, to_do_about, troubles
from consumer.pipeline.contract import Wait
from consumer.runtime.status import LoopStatus
from tests.unit.observe.pictures import Time, lane, partition, published, status


def document(*statuses: LoopStatus) -> Mapping[str, Any]:
    """Return the document as a reader parses it."""
    parsed: Mapping[str, Any] = orjson.loads(
        orjson.dumps(status_document(published(Time(), *statuses)))
    )
    return parsed


def test_nothing_is_stuck_when_all_goes_well() -> None:
    """An empty list is the good news."""
    assert document(status(partition()))["stuck"] == []


def test_a_blocked_target_says_why_and_what_to_do() -> None:
    """An operator reads this before the log."""
    blocked = lane(state="blocked", reason="unauthorized", message="401: renew the API key")
    (stuck,) = document(status(lanes=(blocked,)))["stuck"]
    assert stuck["what"] == "target kb"
    assert stuck["why"] == "unauthorized: 401: renew the API key"
    assert stuck["runbook"] == "target-blocked"


@pytest.mark.parametrize("wait", Wait)
def test_every_wait_says_what_to_do(wait: Wait) -> None:
    """A closed set, each with its own heading in the runbook."""
    (stuck,) = troubles(status(partition(wait=wait.value, wait_detail="detail")))
    assert stuck.to_do == to_do_about(wait)
    assert stuck.why == f"{wait.value}: detail"
    assert stuck.runbook == f"partition-waits-{wait.value.replace('_', '-')}"


def test_what_someone_must_act_on_comes_first() -> None:
    """At three in the morning only the first line is read."""
    found = troubles(
        status(
            partition(wait="late_effects"),
            partition(wait="mapping"),
            lanes=(lane(state="waiting", reason="throttled", message="429"),),
        )
    )
    assert [trouble.runbook for trouble in found] == [
        "partition-waits-mapping",
        "target-waiting",
        "partition-waits-late-effects",
    ]


def test_undelivered_dead_letters_are_stuck() -> None:
    """Commits wait for them, so lag grows without any other sign."""
    (stuck,) = troubles(status(dead_letters_trouble="topic authorization failed"))
    assert (stuck.what, stuck.why) == ("dead letters", "topic authorization failed")


def test_a_cluster_that_does_not_answer_is_stuck() -> None:
    """At a start with a wrong address nothing else would ever show."""
    (stuck,) = troubles(status(kafka_troubles={"client": "_ALL_BROKERS_DOWN"}))
    assert (stuck.what, stuck.why) == ("kafka: client", "_ALL_BROKERS_DOWN")
    assert stuck.runbook == "kafka-does-not-answer"


def test_a_ledger_that_does_not_add_up_is_reported() -> None:
    """A lost record is our bug, and nobody else can notice."""
    (stuck,) = troubles(status(polled=1))
    assert stuck.what == "ledger"


def test_a_program_that_has_not_turned_yet_has_a_status() -> None:
    """The question comes first when a start hangs."""
    assert document()["state"] == "starting"


def test_partitions_show_every_offset_that_explains_a_lag() -> None:
    """Position, low-water, committed, watermark: which one stands still tells where it sticks."""
    shown = document(status(partition(low_water=40, position=60)))["partitions"][0]
    expected = {"topic": "kb.public.articles", "partition": 0, "low_water": 40, "position": 60}
    assert expected.items() <= shown.items()
    assert shown["lag"] == 60
