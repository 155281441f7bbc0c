"""The security cache: who belongs to what, as of the last refresh. Imports: identities.

Pushed identities change nothing by themselves: they wait in the store until the cache is
refreshed, on its schedule or on request (docs.coveo.com/en/1905). States are those of Coveo's
Security Cache API. A relation is an edge from an identity to one that contains it:

    member → group,   identity → granted identity,   alias target → identity that is mapped to it
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from emulator.identities import IdentityKey, Relations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.identities import Directory

Edge = tuple[IdentityKey, IdentityKey]
_RUNS_KEPT = 50


class State(StrEnum):
    """The state of an identity in the cache."""

    UNKNOWN = "UNKNOWN"
    UP_TO_DATE = "UP_TO_DATE"
    NOT_UPDATED = "NOT_UPDATED"
    OUT_OF_DATE = "OUT_OF_DATE"
    IN_ERROR = "IN_ERROR"
    DISABLED = "DISABLED"


HELD_STATES: tuple[State, ...] = tuple(one for one in State if one is not State.UNKNOWN)
"""The states that an identity of the cache can be in; the API has a word for others as well."""


@dataclass(frozen=True, slots=True)
class Cached:
    """What the cache holds of an identity; `failure` is why its last update failed."""

    relations: Relations = field(default_factory=Relations)
    disabled: bool = False
    updated_ms: int | None = None
    tried_ms: int | None = None
    failure: str | None = None

    @property
    def state(self) -> State:
        """Return the state that the Security Cache API shows."""
        if self.disabled:
            return State.DISABLED
        if self.failure is not None:
            return State.IN_ERROR if self.updated_ms is None else State.OUT_OF_DATE
        return State.NOT_UPDATED if self.updated_ms is None else State.UP_TO_DATE


NOT_UPDATED = Cached()


@dataclass(frozen=True, slots=True)
class RefreshRun:
    """One refresh of a provider that is over."""

    provider: str
    at_ms: int
    processed: int
    failed: int


@dataclass(slots=True)
class SecurityCache:
    """All providers' identities as of their last refresh. It expects the world's lock."""

    directory: Directory
    entities: dict[IdentityKey, Cached] = field(default_factory=dict)
    # Changed in the store since the last refresh, or failed then.
    waiting: dict[str, dict[IdentityKey, None]] = field(default_factory=dict)
    runs: deque[RefreshRun] = field(default_factory=lambda: deque(maxlen=_RUNS_KEPT))
    _told: dict[IdentityKey, tuple[Edge, ...]] = field(default_factory=dict)
    _above: dict[IdentityKey, dict[IdentityKey, int]] = field(default_factory=dict)
    _below: dict[IdentityKey, dict[IdentityKey, int]] = field(default_factory=dict)

    def touch(self, key: IdentityKey) -> None:
        """Note that an identity changed in the store."""
        self.waiting.setdefault(key.provider, {})[key] = None

    def refresh(self, provider: str, now_ms: int) -> RefreshRun:
        """Take over everything that waits in one provider."""
        keys = self.waiting.pop(provider, {})
        failed = sum(not self.refresh_one(key, now_ms) for key in keys)
        run = RefreshRun(provider, now_ms, len(keys), failed)
        self.runs.append(run)
        return run

    def refresh_all(self, now_ms: int) -> None:
        """Refresh every provider, as the schedule does."""
        for provider in list(self.directory.providers):
            self.refresh(provider, now_ms)

    def refresh_one(self, key: IdentityKey, now_ms: int) -> bool:
        """Take over one identity; False if that failed, and then what was known of it stays."""
        pushed, former = self.directory.get(key), self.entities.get(key, NOT_UPDATED)
        relations = Relations() if pushed is None else pushed.relations
        failure = self._failure(key, relations)
        self.waiting.get(key.provider, {}).pop(key, None)
        if failure is not None:
            self.entities[key] = replace(former, tried_ms=now_ms, failure=failure)
            self.touch(key)
            return False
        disabled = pushed is not None and pushed.disabled
        self.put(key, Cached(relations, disabled, now_ms, now_ms))
        return True

    def put(self, key: IdentityKey, cached: Cached) -> None:
        """Hold this of an identity, and connect it accordingly."""
        self._disconnect_all(key)
        edges = tuple(self._edges(key, cached.relations))
        for child, parent in edges:
            _connect(self._above, child, parent)
            _connect(self._below, parent, child)
        if edges:
            self._told[key] = edges
        self.entities[key] = cached

    def forget(self, provider: str) -> None:
        """Drop all that is held of a provider's identities."""
        for key in [one for one in self.entities if one.provider == provider]:
            self._disconnect_all(key)
            del self.entities[key]
        self.waiting.pop(provider, None)

    def _disconnect_all(self, key: IdentityKey) -> None:
        # As they were connected: what a provider cascades to may have changed since.
        for child, parent in self._told.pop(key, ()):
            _disconnect(self._above, child, parent)
            _disconnect(self._below, parent, child)

    def get(self, key: IdentityKey) -> Cached:
        """Return what is held of an identity, NOT_UPDATED if nothing."""
        return self.entities.get(key, NOT_UPDATED)

    def parents(self, key: IdentityKey, *, recursive: bool = False) -> list[IdentityKey]:
        """List what an identity belongs to."""
        return self._neighbours(key, self._above, recursive=recursive)

    def children(self, key: IdentityKey, *, recursive: bool = False) -> list[IdentityKey]:
        """List what belongs to an identity."""
        return self._neighbours(key, self._below, recursive=recursive)

    def within(self, key: IdentityKey) -> set[IdentityKey]:
        """Return an identity and all that belongs to it, without what is disabled."""
        return set(self._reach(key, self._below, pass_disabled=False))

    def counts(self, provider: str) -> dict[str, int]:
        """Count a provider's identities by state."""
        return self.counts_of(self.directory.all_keys(provider))

    def counts_of(self, keys: Iterable[IdentityKey]) -> dict[str, int]:
        """Count identities by state."""
        numbers = {str(one): 0 for one in HELD_STATES}
        for key in keys:
            numbers[self.get(key).state] += 1
        return numbers

    def _neighbours(
        self,
        key: IdentityKey,
        edges: dict[IdentityKey, dict[IdentityKey, int]],
        *,
        recursive: bool,
    ) -> list[IdentityKey]:
        if not recursive:
            return sorted(edges.get(key, ()))
        return sorted(one for one in self._reach(key, edges, pass_disabled=True) if one != key)

    def _reach(
        self,
        start: IdentityKey,
        edges: dict[IdentityKey, dict[IdentityKey, int]],
        *,
        pass_disabled: bool,
    ) -> Iterator[IdentityKey]:
        seen: set[IdentityKey] = set()
        ahead = [start]
        while ahead:
            key = ahead.pop()
            if key in seen or (not pass_disabled and self.get(key).disabled):
                continue
            seen.add(key)
            yield key
            ahead.extend(edges.get(key, ()))

    def _failure(self, key: IdentityKey, relations: Relations) -> str | None:
        for alias in relations.mappings:
            if self.directory.alias_provider(key.provider, alias) is None:
                named = "no provider is named" if alias.provider is None else f"'{alias.provider}'"
                return f"'{key.provider}' does not cascade to the provider of an alias: {named}"
        return None

    def _edges(self, key: IdentityKey, relations: Relations) -> Iterator[Edge]:
        directory = self.directory
        for member in directory.keys(key.provider, relations.members):
            yield member, key
        for target in directory.mapped(key, relations):
            yield target, key
        for granted in directory.keys(key.provider, relations.well_knowns):
            yield key, granted


def _connect(
    edges: dict[IdentityKey, dict[IdentityKey, int]], one: IdentityKey, other: IdentityKey
) -> None:
    # Two identities may both tell of the same relation, and each may withdraw its word.
    numbers = edges.setdefault(one, {})
    numbers[other] = numbers.get(other, 0) + 1


def _disconnect(
    edges: dict[IdentityKey, dict[IdentityKey, int]], one: IdentityKey, other: IdentityKey
) -> None:
    numbers = edges.get(one, {})
    if numbers.get(other, 0) > 1:
        numbers[other] -= 1
        return
    numbers.pop(other, None)
    if not numbers:
        edges.pop(one, None)
