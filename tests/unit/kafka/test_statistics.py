"""What is taken from a report of the client, and that none of them can do harm."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from confluent_kafka import KafkaError
from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.statistics import BrokerState
from consumer.kafka.errors import TABLE, Verdict
from consumer.kafka.statistics import Statistics, error_word
from consumer.observe.metrics import Words


def broker(node: int, state: str = "UP", **window: dict[str, float]) -> dict[str, Any]:
    """Return a broker as `STATISTICS.md` describes it, without what nobody reads."""
    quiet = {"p99": 0, "sum": 0, "cnt": 0}
    return {"nodeid": node, "state": state, "rtt": quiet, "throttle": quiet, **window}


def report(*brokers: dict[str, Any], **topics: list[str]) -> str:
    """Return a report; topics with the names of their partitions."""
    return json.dumps(
        {
            "brokers": {f"host:1/{number}": each for number, each in enumerate(brokers)},
            "topics": {
                name: {"partitions": {partition: {} for partition in partitions}}
                for name, partitions in topics.items()
            },
        }
    )


@pytest.fixture
def statistics() -> Statistics:
    """Give one on a clock that counts its looks: 0, 1, 2 and so on."""
    return Statistics(itertools.count().__next__)


def test_brokers_count_by_state_without_stand_ins(statistics: Statistics) -> None:
    """The bootstrap address and the coordinator are connections to brokers already listed."""
    states = ["UP", "UPDATE", "DOWN", "INIT", "AUTH_REQ", "TRY_CONNECT", "NEW_IN_3.0"]
    brokers = [broker(n + 1, state) for n, state in enumerate(states)]
    statistics.on_stats(report(*brokers, broker(-1, "UP"), broker(-1, "INIT")))
    found = statistics.latest().report
    assert found is not None
    assert found.brokers == {
        BrokerState.UP: 2,
        BrokerState.DOWN: 1,
        BrokerState.CONNECTING: 3,
        BrokerState.IDLE: 1,
    }


def test_round_trips_are_seconds_and_only_of_brokers_that_answered(statistics: Statistics) -> None:
    """The client gives microseconds, and 0 for a window in which nothing was asked."""
    asked = broker(7, rtt={"p99": 501_759, "sum": 0, "cnt": 3})
    statistics.on_stats(report(asked, broker(8)))
    found = statistics.latest().report
    assert found is not None
    assert found.rtt_seconds == {"7": 0.501759}


def test_a_topic_has_the_partitions_of_the_cluster_not_ours_alone(statistics: Statistics) -> None:
    """`-1` is the client's place for messages without a partition."""
    statistics.on_stats(report(orders=["0", "1", "2", "-1"]))
    found = statistics.latest().report
    assert found is not None
    assert found.partitions == {"orders": 3}


def test_throttling_adds_up_over_reports_and_brokers(statistics: Statistics) -> None:
    """Each report tells what was since the one before, in milliseconds; a counter never shrinks."""
    held = broker(1, throttle={"p99": 0, "sum": 1_500, "cnt": 2})
    for _ in range(2):
        statistics.on_stats(report(held, broker(-1, throttle={"p99": 0, "sum": 500, "cnt": 1})))
    assert statistics.latest().throttled_seconds == 4.0


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"brokers": {}}', report(broker(1, rtt={"p99": 1}))]
)
def test_a_report_that_cannot_be_read_changes_nothing(statistics: Statistics, text: str) -> None:
    """It is taken inside `poll`, where an exception would end the process over a decoration."""
    statistics.on_stats(report(broker(1)))
    before = statistics.latest()
    statistics.on_stats(text)
    assert statistics.latest() == before
    assert before.report is not None
    assert before.report.at_monotonic == 0


@given(st.text() | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_no_text_whatever_raises(text: str) -> None:
    """A new version of the client may say anything."""
    Statistics().on_stats(text)


def test_errors_are_counted_by_code_and_the_end_of_a_log_is_none(statistics: Statistics) -> None:
    """It comes thousands of times, and all is well."""
    for code in (KafkaError._TRANSPORT, KafkaError._TRANSPORT, KafkaError._PARTITION_EOF):
        statistics.count(KafkaError(code))
    assert statistics.latest().errors == {"transport": 2}


def test_every_code_is_a_label_of_its_own() -> None:
    """Local codes lose their underscore, which no other code may have without."""
    names = [name for name, (verdict, _) in TABLE.items() if verdict is not Verdict.BENIGN]
    words = [error_word(KafkaError(getattr(KafkaError, name))) for name in names]
    assert len(set(words)) == len(words)
    bound = Words()
    assert [bound.bounded(word) for word in words] == words
