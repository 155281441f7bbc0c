"""A picture of the loop at the end of a turn: plain values, safe to read from any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from consumer.domain.hazards import Hazard
from consumer.domain.operations import TargetId
from consumer.domain.records import TopicPartition


@dataclass(frozen=True, slots=True)
class PartitionPicture:
    """One assigned partition. Offsets are next offsets; `wait` is empty if it waits for nothing."""

    tp: TopicPartition
    epoch: int
    position: int
    low_water: int
    committed: int | None
    low_watermark: int | None
    high_watermark: int | None
    open_records: int
    held_records: int
    oldest_source_ts_ms: int | None
    wait: str
    wait_detail: str
    paused: bool


@dataclass(frozen=True, slots=True)
class LanePicture:
    """One target's lane. `retry_in_seconds` is 0 when it may send at once."""

    target: TargetId
    state: str
    reason: str
    message: str
    retry_in_seconds: float
    window_operations: int
    window_bytes: int
    sealed_batches: int
    in_flight_operations: int
    in_flight_seconds: float
    """How long the batch on the wire has been there; 0 without one."""
    buffered_bytes: int
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class LoopStatus:
    """The loop at one moment. The ledger's terms: polled = Σ fates + open + held + released."""

    state: str
    at_monotonic: float
    at_wall_ms: int
    joined: bool
    partitions: tuple[PartitionPicture, ...]
    lanes: tuple[LanePicture, ...]
    polled: int
    polled_by_topic: Mapping[str, int]
    fates: dict[str, int]
    open: int
    held: int
    released: int
    dead_letters_open: int
    dead_letters_trouble: str | None
    dead_letter_failures: int
    quota_due_in_seconds: float
    quota_rate_per_second: float
    commit_troubles: Mapping[str, str] = field(default_factory=dict)
    """Partitions whose commits fail: the error and since when, by partition."""
    kafka_troubles: Mapping[str, str] = field(default_factory=dict)
    """What the cluster does not answer, or cannot give, by topic, partition or `client`."""
    hazards: tuple[Hazard, ...] = ()
    """What was found out about the logs."""
