"""`/status` says what is stuck, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from consumer.domain.hazards import Hazard, HazardKind
from consumer.observe.status import Trouble, status_document, to_do_about, troubles
from consumer.pipeline.contract import Wait
from consumer.runtime.status import LoopStatus
from tests.unit.observe.pictures import Time, lane, partition, published, status


def document(*statuses: LoopStatus) -> Mapping[str, Any]:
    """Return the document as a reader parses it."""
    parsed: Mapping[str, Any] = orjson.loads(
        orjson.dumps(status_document(published(Time(), *statuses), 60.0))
    )
    return parsed


def stuck_in(one: LoopStatus) -> list[Trouble]:
    """Return what is stuck where a request has 30 seconds."""
    return troubles(one, 60.0)


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
    (stuck,) = stuck_in(status(partition(wait=wait.value, wait_detail="detail")))
    assert stuck.to_do == to_do_about(wait)
    assert stuck.why == f"{wait.value}: detail"
    assert stuck.runbook == f"partition-waits-{wait.value.replace('_', '-')}"


def test_what_someone_must_act_on_comes_first() -> None:
    """At three in the morning only the first line is read."""
    found = stuck_in(
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
    (stuck,) = stuck_in(status(dead_letters_trouble="topic authorization failed"))
    assert (stuck.what, stuck.why) == ("dead letters", "topic authorization failed")


def test_a_cluster_that_does_not_answer_is_stuck() -> None:
    """At a start with a wrong address nothing else would ever show."""
    (stuck,) = stuck_in(status(kafka_troubles={"client": "_ALL_BROKERS_DOWN"}))
    assert (stuck.what, stuck.why) == ("kafka: client", "_ALL_BROKERS_DOWN")
    assert stuck.runbook == "kafka-does-not-answer"


def test_commits_that_fail_are_stuck() -> None:
    """Everything goes on but the offsets: a restart would repeat all of it."""
    (stuck,) = stuck_in(status(commit_troubles={"t/0": "GROUP_AUTHORIZATION_FAILED (for 40 s)"}))
    assert (stuck.what, stuck.runbook) == ("commit of t/0", "commits-fail")
    assert stuck.why == "GROUP_AUTHORIZATION_FAILED (for 40 s)"


@pytest.mark.parametrize(("seconds", "count"), [(59.0, 0), (61.0, 1)])
def test_a_batch_that_outlives_its_deadline_is_stuck(seconds: float, count: int) -> None:
    """Only resolving a name is beyond the deadline: a lane that waits for it says nothing else."""
    found = stuck_in(status(lanes=(lane(in_flight_operations=3, in_flight_seconds=seconds),)))
    assert [(each.what, each.runbook) for each in found] == [
        ("target kb", "request-does-not-end")
    ] * count


@pytest.mark.parametrize(("seconds", "count"), [(3_600.0, 0), (3_601.0, 1), (float("inf"), 1)])
def test_a_quota_that_grants_nothing_for_an_hour_is_stuck(seconds: float, count: int) -> None:
    """Lag grows, and every target is ready."""
    found = stuck_in(status(quota_due_in_seconds=seconds))
    assert [each.runbook for each in found] == ["quota-spent"] * count


def test_a_ledger_that_does_not_add_up_is_reported() -> None:
    """A lost record is our bug, and nobody else can notice."""
    (stuck,) = stuck_in(status(polled=1))
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


HAZARDS = {
    HazardKind.TOPIC_CREATED_ANEW: "topic-created-anew",
    HazardKind.OFFSET_OUTSIDE_LOG: "offset-outside-the-log",
    HazardKind.PARTITION_ADDED: "partition-added",
    HazardKind.DELETES_MAY_BE_MISSING: "deletes-may-be-missing",
}


@pytest.mark.parametrize(("kind", "runbook"), HAZARDS.items())
@pytest.mark.parametrize("holds", [True, False])
def test_a_hazard_is_stuck_if_it_holds_records_and_a_warning_if_not(
    kind: HazardKind, runbook: str, *, holds: bool
) -> None:
    """What is over for the records is not over for the index: somebody must look at it."""
    hazard = Hazard(kind, "t", "t/3", "because", holds=holds)
    shown = document(status(hazards=(hazard,)))
    (one,) = shown["stuck" if holds else "warnings"]
    assert (one["what"], one["why"], one["runbook"]) == ("log of t/3", "because", runbook)
    assert shown["warnings" if holds else "stuck"] == []
