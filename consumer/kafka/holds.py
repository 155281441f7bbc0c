"""Partitions that are ours and not read, each with why, and what of that must be raised."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

from consumer.domain.errors import CdcError, ConfigError
from consumer.domain.hazards import Hazard
from consumer.domain.records import TopicPartition
from consumer.kafka.changed import LogChangedError


class Holds:
    """What someone must act on is raised once, and told as long as it lasts."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.errors: dict[TopicPartition, CdcError] = {}
        self._unraised: deque[CdcError] = deque()
        self._changed: dict[str, LogChangedError] = {}

    def hold(self, held: Mapping[TopicPartition, CdcError]) -> None:
        """Keep these until their start is known.

        They go to the end of the queue, so that each gets its turn when they are asked about again.
        """
        for tp, error in held.items():
            before = self.errors.pop(tp, None)
            if isinstance(error, ConfigError) and not isinstance(before, ConfigError):
                self.raise_later(error)
            self.errors[tp] = error

    def raise_later(self, error: CdcError) -> None:
        """Have it raised at the next turn."""
        self._unraised.append(error)
        if isinstance(error, LogChangedError):
            self._changed[error.about] = error

    def raise_next(self) -> None:
        """Raise the oldest error that was not raised yet, if there is one."""
        if self._unraised:
            raise self._unraised.popleft()

    def let_go(self, tp: TopicPartition) -> None:
        """Its start is known, or it is not ours any more."""
        self.errors.pop(tp, None)
        self._changed.pop(str(tp), None)

    def hazards(self) -> list[Hazard]:
        """Return the changes of logs that keep something from being read."""
        return [each.hazard() for each in self._changed.values()]

    def troubles(self, told: Collection[str]) -> dict[str, str]:
        """Return why each is held, but for those of which is `told` otherwise."""
        return {str(tp): str(error) for tp, error in self.errors.items() if str(tp) not in told}
