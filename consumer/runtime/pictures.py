"""Draws the picture of a loop: reads, changes nothing. Main thread only."""

from __future__ import annotations

from typing import Protocol

from consumer.domain.records import Offset, TopicPartition
from consumer.pipeline.intake import Intake
from consumer.pipeline.lanes import Lane
from consumer.pipeline.pipeline import Pipeline
from consumer.runtime.commits import Commits
from consumer.runtime.hazards import Hazards
from consumer.runtime.ports import Ports
from consumer.runtime.status import LanePicture, LoopStatus, PartitionPicture
from consumer.runtime.telling import explained


class Drawn(Protocol):
    """What a picture shows of a loop."""

    ports: Ports
    pipeline: Pipeline
    intake: Intake
    commits: Commits
    hazards: Hazards
    paused: frozenset[TopicPartition]
    draining: bool
    joined: bool
    released_held: int
    without_mark: TopicPartition | None

    def next_offset(self, tp: TopicPartition) -> Offset:
        """Return what may be committed."""
        ...


def loop_status(loop: Drawn) -> LoopStatus:
    """Return the loop at this moment, as plain values."""
    clock = loop.ports.clock
    now = clock.monotonic()
    totals = loop.pipeline.tracker.totals
    highs, lows = loop.ports.source.high_watermarks(), loop.ports.source.low_watermarks()
    letters = loop.ports.dead_letters
    tracker = loop.pipeline.tracker
    return LoopStatus(
        state="draining" if loop.draining else "running",
        at_monotonic=now,
        at_wall_ms=clock.wall_ms(),
        joined=loop.joined,
        partitions=tuple(
            _partition(loop, tp, lows.get(tp), highs.get(tp)) for tp in tracker.partitions()
        ),
        lanes=tuple(_lane(loop, lane, now) for lane in loop.pipeline.lanes().values()),
        polled=loop.intake.polled,
        polled_by_topic=loop.intake.polled_by_topic(),
        fates={fate.value: count for fate, count in totals.fates.items()},
        open=totals.open,
        held=loop.intake.held_records(),
        released=totals.released + loop.released_held,
        dead_letters_open=loop.pipeline.letters_open(),
        dead_letters_trouble=letters.trouble() if letters else None,
        dead_letter_failures=letters.failures() if letters else 0,
        commit_troubles=loop.commits.troubles(now),
        kafka_troubles=_kafka_troubles(loop),
        hazards=loop.hazards.current(),
        quota_due_in_seconds=max(0.0, loop.ports.governor.due(now, 2) - now),
        quota_rate_per_second=loop.ports.governor.rate_per_second(now),
    )


def _kafka_troubles(loop: Drawn) -> dict[str, str]:
    troubles = dict(loop.ports.source.troubles())
    if loop.without_mark is not None:
        why = "nobody answers where its log ends; until then nothing of it goes to secured targets"
        troubles.setdefault(str(loop.without_mark), why)
    return troubles


def _partition(
    loop: Drawn, tp: TopicPartition, low_watermark: int | None, high_watermark: int | None
) -> PartitionPicture:
    tracker, held = loop.pipeline.tracker, loop.intake.status(tp)
    oldest = tracker.oldest(tp)
    return PartitionPicture(
        tp=tp,
        epoch=tracker.epochs()[tp],
        position=held.next_offset,
        low_water=loop.next_offset(tp),
        committed=loop.commits.committed(tp),
        low_watermark=low_watermark,
        high_watermark=high_watermark,
        open_records=tracker.open_tickets(tp),
        held_records=len(held.records),
        oldest_source_ts_ms=oldest.source_ts_ms if oldest else None,
        wait=held.wait.value if held.wait else "",
        wait_detail=explained(loop.ports.schemas, held.wait, held.detail) if held.wait else "",
        paused=tp in loop.paused,
    )


def _lane(loop: Drawn, lane: Lane, now: float) -> LanePicture:
    target = lane.settings.target
    return LanePicture(
        target=target,
        state=lane.state.value,
        reason=lane.reason,
        message=lane.message,
        retry_in_seconds=max(0.0, lane.not_before - now) if lane.sealed_batches() else 0.0,
        window_operations=lane.window_operations(),
        window_bytes=lane.window_bytes(),
        sealed_batches=lane.sealed_batches(),
        in_flight_operations=len(lane.in_flight.intents) if lane.in_flight else 0,
        in_flight_seconds=now - lane.taken_at if lane.in_flight else 0.0,
        buffered_bytes=loop.pipeline.budget.used_bytes(target),
        limit_bytes=loop.pipeline.budget.limit_bytes(target),
    )
