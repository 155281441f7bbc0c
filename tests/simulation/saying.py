"""The status calls of one member: every fourth is refused, and one in a while is throttled."""

from __future__ import annotations

from collections.abc import Sequence

from consumer.domain.source_status import SourceStatus, StatusCall, StatusTold
from tests.simulation.world import World

_REFUSED_EACH = 4
_THROTTLED_EACH = 9
_RETRY_AFTER_SECONDS = 3.0


class SimStatusCalls:
    """Answers at the next look."""

    def __init__(self, world: World) -> None:
        """Start with nothing said."""
        self._world = world
        self._said = 0
        self._told: list[StatusTold] = []

    def submit(self, call: StatusCall, since: float) -> None:
        """Count and answer."""
        del since
        self._said += 1
        if call.status is SourceStatus.IDLE:
            self._world.seen.met("source_called_idle")
        refused = self._said % _REFUSED_EACH == 0
        throttled = _RETRY_AFTER_SECONDS if self._said % _THROTTLED_EACH == 0 else None
        self._told.append(StatusTold(call, None, "503" if refused else None, throttled))

    def outcomes(self, wait_seconds: float = 0.0) -> Sequence[StatusTold]:
        """Return and forget."""
        del wait_seconds
        told, self._told = self._told, []
        return told
