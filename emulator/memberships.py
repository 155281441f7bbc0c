"""Which identities a user has, and through which others. Imports: the security cache."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.identities import IdentityKey
    from emulator.securitycache import SecurityCache


@dataclass(frozen=True, slots=True)
class Memberships:
    """All identities that somebody has, each with the one that led to it; None where it began."""

    came_from: Mapping[IdentityKey, IdentityKey | None]

    def holds(self, key: IdentityKey) -> bool:
        """Whether it is one of theirs."""
        return key in self.came_from

    def way(self, key: IdentityKey) -> tuple[IdentityKey, ...]:
        """Return a shortest way from what they are to `key`, both included; empty without one."""
        steps: list[IdentityKey] = []
        at: IdentityKey | None = key if key in self.came_from else None
        while at is not None:
            steps.append(at)
            at = self.came_from[at]
        return tuple(reversed(steps))


def memberships_of(cache: SecurityCache, keys: Iterable[IdentityKey]) -> Memberships:
    """Follow these identities to all they belong to, over any number of steps.

    Cycles are fine. A disabled identity counts for nothing, nor does what only it leads to.
    Nearest first, and neighbours in order, so that the same question has the same answer.
    """
    came_from: dict[IdentityKey, IdentityKey | None] = {}
    ahead: deque[tuple[IdentityKey, IdentityKey | None]] = deque((key, None) for key in keys)
    while ahead:
        key, origin = ahead.popleft()
        if key in came_from or cache.get(key).disabled:
            continue
        came_from[key] = origin
        ahead.extend((above, key) for above in cache.parents(key))
    return Memberships(came_from)
