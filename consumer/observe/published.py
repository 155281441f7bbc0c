"""What the loop has published, where readers of other threads find it; how fresh, alive, ready.

Only references and numbers change hands, so a reader sees one whole status, never parts of two.
Imports the loop's status, a plain value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from consumer.observe.recent import RecentCalls
from consumer.runtime.status import LoopStatus, PartitionPicture


class State(StrEnum):
    """Where the program is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    DRAINING = "draining"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Clocks:
    """Monotonic seconds for durations, UTC milliseconds for timestamps."""

    monotonic: Callable[[], float]
    wall_ms: Callable[[], int]


class Published:
    """Written by the loop's thread only, but for `calls`; read by any."""

    def __init__(self, clocks: Clocks, versions: Mapping[str, str]) -> None:
        """Start as a program that is starting and has not turned yet."""
        self.clocks = clocks
        self.versions = versions
        self.state = State.STARTING
        self.status: LoopStatus | None = None
        self.turned_at = clocks.monotonic()
        self.joined = False
        """A member of the group; sticks, because a rebalance is no reason to be unready."""
        self.last_settled_ms: int | None = None
        self.last_accepted_source_ms: int | None = None
        """Source time of the youngest change that Coveo accepted."""
        self.heartbeats_ms: Mapping[str, int] = {}
        """Time of the last heartbeat, by the topic it came from."""
        self.calls = RecentCalls()
        """What Coveo answered last; written by any thread."""

    def publish(self, status: LoopStatus) -> None:
        """Replace the status."""
        self.status = status
        self.joined = self.joined or status.joined

    def owned_topics(self) -> frozenset[str]:
        """Return the topics of which partitions are ours."""
        pictures = self.status.partitions if self.status else ()
        return frozenset(picture.tp.topic for picture in pictures)

    def seconds_since_turn(self) -> float:
        """Return how long ago the loop last turned."""
        return max(0.0, self.clocks.monotonic() - self.turned_at)

    def is_alive(self, max_turn_age_seconds: float) -> bool:
        """Return whether the loop turns. Brokers, Coveo, lag and rebalances have no say in it.

        Before the first turn and after the last one there is nothing to measure.
        """
        if self.state in {State.STARTING, State.STOPPED}:
            return True
        return self.seconds_since_turn() <= max_turn_age_seconds

    def is_ready(self) -> bool:
        """Return whether the group was joined and no drain has begun; owning nothing counts."""
        return self.joined and self.state is State.RUNNING

    def freshness_seconds(self) -> float | None:
        """Return the age of the oldest change that Coveo has not accepted; 0 with nothing to do.

        For records that nobody has read yet, the youngest accepted change bounds it from above.
        `None` if something waits whose time is not known: no figure beats a good one.
        """
        behind = [p for p in self.status.partitions if _is_behind(p)] if self.status else []
        since = [ms for p in behind if (ms := self._behind_since_ms(p)) is not None]
        if since:
            return max(0.0, (self.clocks.wall_ms() - min(since)) / 1000)
        return None if behind else 0.0

    def _behind_since_ms(self, picture: PartitionPicture) -> int | None:
        known = picture.oldest_source_ts_ms
        return self.last_accepted_source_ms if known is None else known


def _is_behind(picture: PartitionPicture) -> bool:
    """Return whether a change waits here.

    What lies unread below the watermark counts only where something keeps it from being read:
    after a transaction the log ends with a marker that nobody ever reads.
    """
    if picture.open_records or picture.held_records:
        return True
    hindered = picture.paused or bool(picture.wait)
    return hindered and bool(unread_records(picture))


def unread_records(picture: PartitionPicture) -> int | None:
    """Return high watermark - position, or `None` while the watermark is not known."""
    if picture.high_watermark is None:
        return None
    return max(0, picture.high_watermark - picture.position)


def lag_records(picture: PartitionPicture) -> int | None:
    """Return high watermark - next offset to commit, or `None` while it is not known."""
    if picture.high_watermark is None:
        return None
    return max(0, picture.high_watermark - picture.low_water)


def ledger_difference(status: LoopStatus) -> int:
    """Return polled - everything accounted for (INV-4): 0, or a bug of ours."""
    fates = sum(status.fates.values())
    return status.polled - fates - status.open - status.held - status.released
