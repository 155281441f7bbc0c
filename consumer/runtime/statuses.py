"""Says of each source when changes begin to reach it and when they have ended. Main thread only.

Nothing waits for it but a stop, for a moment: a status only shows in Coveo's console.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from consumer.domain.fates import Batch
from consumer.domain.operations import TargetId
from consumer.domain.source_status import SourceStatus, StatusCall, StatusTold
from consumer.pipeline.bracket import Bracket
from consumer.runtime.ports import Ports

CLOSING_SECONDS: Final = 2.0
"""How long a stop waits for the last status to be taken."""

_ONE_REQUEST: Final = 1


class Statuses:
    """One bracket per target; at most one status under way for each."""

    def __init__(
        self, ports: Ports, targets: Iterable[TargetId], quiet_seconds: float | None
    ) -> None:
        """Say nothing at all if `quiet_seconds` is `None`."""
        self._ports = ports
        now = ports.clock.monotonic()
        self._brackets = (
            {}
            if quiet_seconds is None
            else {target: Bracket(quiet_seconds, now) for target in targets}
        )
        self._under_way: set[TargetId] = set()

    def doubt(self, now: float) -> None:
        """The group changed: another member may have spoken, or was the one who would."""
        for bracket in self._brackets.values():
            bracket.doubt(now)

    def sent(self, batch: Batch, now: float) -> None:
        """Note that a batch went out."""
        if batch.target in self._brackets:
            self._brackets[batch.target].sent(now, of_snapshot=batch.of_snapshot)

    def run(self, now: float) -> None:
        """Take answers; say what is due if the quota has a request to spare."""
        self._take(self._ports.status_calls.outcomes(), now)
        for target, bracket in self._brackets.items():
            status = bracket.due(now)
            spare = self._ports.governor.due(now, _ONE_REQUEST) <= now
            if status is not None and spare and target not in self._under_way:
                self._say(StatusCall(target, status), now)

    def close(self, by: float) -> None:
        """Close what is open, waiting a moment, not past `by`; whatever fails stays open."""
        clock = self._ports.clock
        now = clock.monotonic()
        by = min(by, now + CLOSING_SECONDS)
        self._await(by)
        for target, bracket in self._brackets.items():
            if bracket.is_open() and target not in self._under_way:
                self._say(StatusCall(target, SourceStatus.IDLE), now)
        self._await(by)

    def _await(self, by: float) -> None:
        clock = self._ports.clock
        while self._under_way and (left := by - clock.monotonic()) > 0:
            self._take(self._ports.status_calls.outcomes(left), clock.monotonic())

    def _say(self, call: StatusCall, now: float) -> None:
        self._ports.governor.spend(now, _ONE_REQUEST)
        self._under_way.add(call.target)
        self._ports.status_calls.submit(call, now)

    def _take(self, told: Iterable[StatusTold], now: float) -> None:
        for each in told:
            self._under_way.discard(each.asked.target)
            bracket = self._brackets[each.asked.target]
            bracket.told(each.asked.status, now, taken=each.error is None)
            if each.retry_after_seconds:
                self._ports.governor.throttled(now + each.retry_after_seconds)
            self._ports.observer.status_told(each)
