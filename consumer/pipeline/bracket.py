"""When to say that changes reach a source, and when that they have ended. Pure.

One activity in the console for a set of updates, not one per batch: each status is a request of
the quota (docs/35; reference §5). It is a refresh while a snapshot's rows are among them: all of
it is pushed again, and nothing removed. A rebuild, which removes the rest, is none of a pipeline's.
"""

from __future__ import annotations

from typing import Final

from consumer.domain.source_status import SourceStatus

RETRY_SECONDS: Final = 300.0
"""How soon a status that was not taken is said again. Ours: nothing depends on it."""


class Bracket:
    """Opens with the first batch and closes when nothing was sent for `quiet_seconds`.

    What the source was last said to be is not known at the start and after each change of the
    group, as another member may have spoken. So it is said again then, and if there is nothing to
    send, a bracket that a crash left open is closed once.
    """

    def __init__(self, quiet_seconds: float, now: float) -> None:
        """Start with an unknown status."""
        self._quiet_seconds = quiet_seconds
        self._said: SourceStatus | None = None
        self._sent_at: float | None = None
        self._snapshot_at: float | None = None
        self._since = now
        self._not_before = 0.0

    def doubt(self, now: float) -> None:
        """Assume that somebody else may have spoken."""
        self._said = None
        self._since = now

    def sent(self, now: float, *, of_snapshot: bool = False) -> None:
        """Note that a batch went out, and whether it has rows that a snapshot read."""
        self._sent_at = now
        if of_snapshot:
            self._snapshot_at = now

    def due(self, now: float) -> SourceStatus | None:
        """Return what is to be said now, if anything."""
        wanted = self._wanted(now)
        return wanted if wanted is not self._said and now >= self._not_before else None

    def _wanted(self, now: float) -> SourceStatus | None:
        if self._is_recent(self._snapshot_at, now):
            return SourceStatus.REFRESH
        if self._is_recent(self._sent_at, now):
            return SourceStatus.INCREMENTAL
        if now < self._since + self._quiet_seconds:
            return self._said  # another member may just have begun to send
        return SourceStatus.IDLE

    def _is_recent(self, at: float | None, now: float) -> bool:
        return at is not None and now < at + self._quiet_seconds

    def is_open(self) -> bool:
        """Return whether the source was last said to be updated."""
        return self._said in {SourceStatus.INCREMENTAL, SourceStatus.REFRESH}

    def told(self, status: SourceStatus, now: float, *, taken: bool) -> None:
        """Note how saying it ended."""
        if taken:
            self._said = status
        else:
            self._not_before = now + RETRY_SECONDS
