"""Bytes in memory per target: what is admitted, and when admission opens again.

Each target has an allowance of its own, so that one target's outage cannot starve another's
revocations (design §3). Imports the domain only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from consumer.domain.operations import TargetId

_REOPEN = 0.8  # below this share a full target takes records again: pausing drops prefetched ones


class Budget:
    """Reserves bytes for a record in every target that it can feed, all of them or none."""

    def __init__(self, limit_bytes: Mapping[TargetId, int]) -> None:
        """Take each target's allowance in bytes."""
        self._limits = dict(limit_bytes)
        self._used = dict.fromkeys(limit_bytes, 0)
        self._closed: set[TargetId] = set()

    def reserve(self, targets: Iterable[TargetId], size_bytes: int) -> TargetId | None:
        """Reserve, or return the first target without room (then nothing was reserved).

        A target that holds nothing takes a record of any size, else that record could never pass.
        """
        targets = tuple(targets)
        for target in targets:
            used = self._used[target]
            if target in self._closed or (used and used + size_bytes > self._limits[target]):
                self._closed.add(target)
                return target
        for target in targets:
            self._used[target] += size_bytes
        return None

    def release(self, targets: Iterable[TargetId], size_bytes: int) -> None:
        """Give bytes back; a full target opens again once it is well below its allowance."""
        for target in targets:
            used = self._used[target] - size_bytes
            assert used >= 0, f"more released than reserved for {target}"
            self._used[target] = used
            if used <= _REOPEN * self._limits[target]:
                self._closed.discard(target)

    def closed(self) -> frozenset[TargetId]:
        """Return the targets that take nothing now."""
        return frozenset(self._closed)

    def used_bytes(self, target: TargetId) -> int:
        """Return what is reserved for `target` now."""
        return self._used[target]

    def limit_bytes(self, target: TargetId) -> int:
        """Return the allowance of `target`."""
        return self._limits[target]
