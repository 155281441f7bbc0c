"""Statuses to look at, with one thing out of the ordinary each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from consumer.domain.operations import TargetId
from consumer.domain.records import TopicPartition
from consumer.domain.statistics import BrokerState, ClientReport
from consumer.observe.published import Clocks, Published
from consumer.runtime.status import LanePicture, LoopStatus, PartitionPicture

TP = TopicPartition("kb.public.articles", 0)

_PARTITION = PartitionPicture(
    tp=TP,
    epoch=1,
    position=100,
    low_water=100,
    committed=90,
    low_watermark=0,
    high_watermark=100,
    open_records=0,
    held_records=0,
    oldest_source_ts_ms=None,
    wait="",
    wait_detail="",
    paused=False,
)
_LANE = LanePicture(
    target=TargetId("kb"),
    state="ready",
    reason="",
    message="",
    retry_in_seconds=0.0,
    window_operations=0,
    window_bytes=0,
    sealed_batches=0,
    in_flight_operations=0,
    in_flight_seconds=0.0,
    buffered_bytes=0,
    limit_bytes=1_000,
)


REPORT = ClientReport(
    at_monotonic=1_000.0,
    brokers={
        BrokerState.UP: 2,
        BrokerState.DOWN: 1,
        BrokerState.CONNECTING: 0,
        BrokerState.IDLE: 0,
    },
    rtt_seconds={"1": 0.004},
    partitions={TP.topic: 6, "another.topic": 3},
)
"""What the client might have said."""


@dataclass
class Time:
    """A clock that stands still until it is set."""

    seconds: float = 1_000.0
    utc_ms: int = 1_700_000_000_000

    def clocks(self) -> Clocks:
        """Return this clock as the clocks that the code asks for."""
        return Clocks(lambda: self.seconds, lambda: self.utc_ms)


def partition(**different: Any) -> PartitionPicture:
    """Return a partition that has nothing to do, but for what is given."""
    return replace(_PARTITION, **different)


def lane(**different: Any) -> LanePicture:
    """Return a target that is ready, but for what is given."""
    return replace(_LANE, **different)


def status(
    *partitions: PartitionPicture, lanes: tuple[LanePicture, ...] = (_LANE,), **different: Any
) -> LoopStatus:
    """Return the status of a running member, but for what is given."""
    base = LoopStatus(
        state="running",
        at_monotonic=1_000.0,
        at_wall_ms=1_700_000_000_000,
        joined=True,
        partitions=partitions,
        lanes=lanes,
        polled=0,
        polled_by_topic={},
        fates={},
        open=0,
        held=0,
        released=0,
        dead_letters_open=0,
        dead_letters_trouble=None,
        dead_letter_failures=0,
        quota_due_in_seconds=0.0,
        quota_rate_per_second=0.25,
    )
    return replace(base, **different)


def published(time: Time, *statuses: LoopStatus) -> Published:
    """Return what a program has published that got as far as these statuses."""
    board = Published(time.clocks(), {"version": "1.2.3"})
    for each in statuses:
        board.publish(each)
    return board
