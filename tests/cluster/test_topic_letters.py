"""Dead letters to a topic, with the real producer."""

from __future__ import annotations

import time

import pytest
from confluent_kafka import TopicPartition as ClientPartition

from consumer.domain.fates import DeadLetter
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.kafka.capturing import first_records
from consumer.kafka.topic_letters import TopicDeadLetters
from tests.cluster.mock_cluster import MockCluster

pytestmark = pytest.mark.cluster

RECORD = Record(
    TopicPartition("source", 2),
    Offset(41),
    1_700_000_000_123,
    b"\x00key",
    b"",
    (("h", b"1"), ("h", None)),
)
LETTER = DeadLetter(7, RECORD, "bad_row", "column x is not a date")


def _deliver(letters: TopicDeadLetters, count: int) -> list[int]:
    delivered: list[int] = []
    deadline = time.monotonic() + 8
    while len(delivered) < count:
        assert time.monotonic() < deadline, letters.trouble()
        delivered.extend(letters.delivered())
        time.sleep(0.005)
    return delivered


def test_a_letter_is_the_record_byte_for_byte_with_its_reason(cluster: MockCluster) -> None:
    """It can be put back as it was, and says by itself where it is from."""
    topic = cluster.new_topic()
    letters = TopicDeadLetters(cluster.settings("g"), topic)
    letters.send(LETTER)
    assert _deliver(letters, 1) == [7]
    (kept,) = first_records(cluster.settings("g"), topic, 1, 5.0)
    assert (kept.key, kept.value, kept.timestamp_ms) == (b"\x00key", b"", 1_700_000_000_123)
    assert kept.headers[:2] == RECORD.headers
    named = {name: value for name, value in kept.headers[2:] if value is not None}
    assert named["cdc.reason"] == b"bad_row"
    assert named["cdc.message"] == b"column x is not a date"
    where = (named["cdc.topic"], named["cdc.partition"], named["cdc.offset"])
    assert where == (b"source", b"2", b"41")
    assert letters.trouble() is None
    letters.close()


def test_a_letter_that_failed_is_named_and_sent_again(cluster: MockCluster) -> None:
    """Its record stays open meanwhile; nothing moves past it."""
    letters = TopicDeadLetters(cluster.settings("g"), cluster.new_topic(), retry_seconds=0.05)
    letters.send(LETTER)
    letters._producer.purge()
    assert letters.delivered() == []
    assert "source/2@41: _PURGE_QUEUE" in str(letters.trouble())
    assert _deliver(letters, 1) == [7]
    assert letters.trouble() is None
    letters.close()


def test_a_producer_that_ended_fatally_is_replaced_and_gives_back_what_it_held(
    cluster: MockCluster,
) -> None:
    """An idempotent producer may end; its letters must not end with it."""
    letters = TopicDeadLetters(cluster.settings("g"), cluster.new_topic(), retry_seconds=0.05)
    letters.send(LETTER)
    held = letters._producer
    letters._broken = True
    assert _deliver(letters, 1) == [7]
    assert letters._producer is not held
    letters.close()


def test_capturing_copies_a_topic_and_leaves_no_trace_in_any_group(cluster: MockCluster) -> None:
    """An operator looks at production with it."""
    topic = cluster.new_topic()
    for partition in range(4):
        cluster.append(TopicPartition(topic, partition), b"%d" % partition)
    records = first_records(cluster.settings(topic), topic, 10, 0.6)
    assert sorted(record.value or b"" for record in records) == [b"0", b"1", b"2", b"3"]
    with cluster.client(topic) as consumer:
        (committed,) = consumer.committed([ClientPartition(topic, 0)], timeout=5)
    assert committed.offset < 0
