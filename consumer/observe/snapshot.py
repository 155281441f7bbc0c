"""What the loop publishes once per turn, and where readers of other threads find it.

A snapshot holds counts, names and states; no key, no value, no document id. Imports the domain
and the pipeline's closed sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from consumer.domain.operations import TargetId
from consumer.pipeline.contract import Wait
from consumer.pipeline.lanes import LaneState


class State(StrEnum):
    """Where the program is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    DRAINING = "draining"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One assigned partition."""

    topic: str
    partition: int
    epoch: int
    next_offset: int
    """The low-water: everything below it has a fate."""
    position: int
    """The next offset that will be read."""
    committed_offset: int | None = None
    """The next offset known to be durable; `None` until one is."""
    high_watermark: int | None = None
    """The end of the log as last heard; `None` until heard."""
    open_records: int = 0
    held_records: int = 0
    wait: Wait | None = None
    wait_detail: str = ""
    oldest_open_ms: int | None = None
    """Source time (without one, Kafka's) of the oldest record, held ones too, without a fate."""
    settled_ms: int | None = None
    """Source time of the youngest record that has one: an upper bound for what is not read yet."""

    @property
    def name(self) -> str:
        """Return the form that logs and messages use: `topic/partition`."""
        return f"{self.topic}/{self.partition}"

    @property
    def lag_records(self) -> int | None:
        """Return high watermark − low-water, or `None` while the watermark is unknown."""
        if self.high_watermark is None:
            return None
        return max(0, self.high_watermark - self.next_offset)


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """One target and its lane."""

    target: TargetId
    source: str
    secured: bool = False
    state: LaneState = LaneState.READY
    reason: str = ""
    message: str = ""
    retry_in_seconds: float | None = None
    window_operations: int = 0
    window_bytes: int = 0
    sealed_batches: int = 0
    in_flight: bool = False
    oldest_open_seconds: float | None = None
    """Age of the oldest operation that waits in this lane."""
    buffered_bytes: int = 0
    limit_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """The conservation law's terms since the start (INV-4), counted in records."""

    polled: int = 0
    accepted: int = 0
    superseded: int = 0
    skipped: int = 0
    dead_lettered: int = 0
    open: int = 0
    held: int = 0
    released: int = 0
    """Given back without a fate when their partition was revoked; its next owner reads them."""

    @property
    def difference(self) -> int:
        """Return polled − everything accounted for: 0, or a bug of ours."""
        fates = self.accepted + self.superseded + self.skipped + self.dead_lettered
        return self.polled - fates - self.open - self.held - self.released


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole program as of one turn of the loop."""

    state: State
    turn_monotonic: float
    """Monotonic seconds at that turn; its age says whether the loop still turns."""
    joined: bool = False
    """A member of the group; owning no partition counts."""
    partitions: tuple[PartitionStatus, ...] = ()
    targets: tuple[TargetStatus, ...] = ()
    ledger: Ledger = Ledger()
    dead_letters_trouble: str | None = None
    schemas_trouble: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Why a schema is not at hand, by its reference."""
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Published:
    """The latest snapshot: written by the loop, read by any thread.

    Only a reference changes hands, so a reader sees one whole snapshot, never parts of two.
    """

    def __init__(self, now: float) -> None:
        """Start with an empty snapshot of a program that is starting."""
        self._latest = Snapshot(State.STARTING, now)

    def publish(self, snapshot: Snapshot) -> None:
        """Replace the snapshot. Having joined sticks: a rebalance is no reason to be unready."""
        if self._latest.joined and not snapshot.joined:
            snapshot = replace(snapshot, joined=True)
        self._latest = snapshot

    def latest(self) -> Snapshot:
        """Return the snapshot published last."""
        return self._latest


def freshness_seconds(snapshot: Snapshot, now_ms: int) -> float | None:
    """Return how old the oldest change is that Coveo has not accepted; 0 with nothing to do.

    Where records wait in Kafka that were not read yet, the youngest settled change bounds their
    age from above. `None` if something waits whose time is not known: no figure beats a good one.
    """
    behind = [status for status in snapshot.partitions if status.open_records or status.lag_records]
    since = [ms for status in behind if (ms := _behind_since_ms(status)) is not None]
    if since:
        return max(0.0, (now_ms - min(since)) / 1000)
    return None if behind else 0.0


def _behind_since_ms(status: PartitionStatus) -> int | None:
    return status.settled_ms if status.oldest_open_ms is None else status.oldest_open_ms
