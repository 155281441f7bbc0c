"""The state of one source: items, tombstones, barrier, history.

Imports: ordering, settings, switches. The ordering rules are those of docs.coveo.com/en/147 and
131, applied item by item as Coveo answered in its forum (14966).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.ordering import OrderingIds
from emulator.settings import SourceSpec, Visibility
from emulator.switches import EqualOrdering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.content import Compression
    from emulator.journal import LogEntry
    from emulator.permissions import PermissionLevel


@dataclass(frozen=True, slots=True)
class Item:
    """An indexed item. `binary` is what came from a content file, still compressed."""

    document_id: str
    ordering_id: int
    received_ms: int
    indexed_ms: int
    request: int
    body: bytes
    comparable: bytes
    title: str | None
    permissions: tuple[PermissionLevel, ...] | None
    compression: Compression
    binary: bytes | None

    def same_content(self, other: Item) -> bool:
        """Whether both were pushed with equal bytes, whatever their ordering ids."""
        return (
            self.comparable == other.comparable
            and self.compression == other.compression
            and self.binary == other.binary
        )


@dataclass(slots=True)
class Activity:
    """What a source said it was doing, from one status call to the next."""

    status: str
    started_ms: int
    ended_ms: int | None = None


class SortedIds:
    """Document ids in order, sorted only when someone asks.

    Pushing 100,000 items must not pay for an order that only pages and prefix deletes need.
    """

    __slots__ = ("_gone", "_ids", "_new")

    def __init__(self) -> None:
        """Start empty."""
        self._ids: list[str] = []
        self._new: set[str] = set()
        self._gone: set[str] = set()

    def add(self, name: str) -> None:
        """Add an id that is not in."""
        if name in self._gone:
            self._gone.remove(name)
        else:
            self._new.add(name)

    def discard(self, name: str) -> None:
        """Remove an id that is in."""
        if name in self._new:
            self._new.remove(name)
        else:
            self._gone.add(name)

    def ordered(self) -> list[str]:
        """All ids in order; the list is the set's own, do not change it."""
        if self._new or self._gone:
            rest = [name for name in self._ids if name not in self._gone]
            self._ids = sorted(rest + sorted(self._new))
            self._new, self._gone = set(), set()
        return self._ids

    def starting_with(self, prefix: str) -> list[str]:
        """Return the ids with that prefix, in order."""
        ids = self.ordered()
        first = bisect_left(ids, prefix)
        # No string with the prefix sorts behind the prefix followed by the last code point.
        last = bisect_left(ids, prefix + "\U0010ffff", first)
        while last < len(ids) and ids[last].startswith(prefix):
            last += 1
        return ids[first:last]


class Source:
    """One source. All methods expect the world's lock to be held."""

    __slots__ = (
        "_history_bound",
        "_sorted",
        "activities",
        "barrier",
        "created_ms",
        "history",
        "items",
        "mappings",
        "name",
        "ordering",
        "providers",
        "push_enabled",
        "stream_enabled",
        "title",
        "tombstones",
        "type",
        "visibility",
    )

    def __init__(self, spec: SourceSpec, history_bound: int) -> None:
        """Start empty; an id keeps at most `history_bound` entries."""
        self.name = spec.name
        self.change(spec)
        self.mappings: dict[str, Any] = {"common": {"rules": []}, "types": []}
        self.created_ms = 0
        self.ordering = OrderingIds()
        self.items: dict[str, Item] = {}
        self.tombstones: dict[str, int] = {}
        self.barrier: int | None = None
        self.history: dict[str, list[LogEntry]] = {}
        self.activities: list[Activity] = []
        self._sorted = SortedIds()
        self._history_bound = history_bound

    def change(self, spec: SourceSpec) -> None:
        """Take over what a source is; its items stay."""
        self.title = spec.title or spec.name
        self.type = spec.type
        self.visibility = spec.visibility
        self.push_enabled = spec.push_enabled
        self.stream_enabled = spec.stream_enabled
        self.providers = spec.providers

    @property
    def spec(self) -> SourceSpec:
        """Return what the source is."""
        return SourceSpec(
            self.name,
            self.visibility,
            self.push_enabled,
            self.providers,
            self.type,
            self.stream_enabled,
            self.title,
        )

    @property
    def secured(self) -> bool:
        """Whether items need permissions here."""
        return self.visibility is Visibility.SECURED

    def admits(self, document_id: str, ordering_id: int, equal: EqualOrdering) -> bool:
        """Whether an operation is new enough for this id; a removed item's id counts too."""
        if self.barrier is not None and ordering_id < self.barrier:
            return False
        item = self.items.get(document_id)
        last = self.tombstones.get(document_id) if item is None else item.ordering_id
        if last is None or ordering_id > last:
            return True
        return ordering_id == last and equal is EqualOrdering.APPLY

    def put(self, item: Item) -> Item | None:
        """Store an admitted item and return the one it replaces."""
        name = item.document_id
        former = self.items.get(name)
        if former is None:
            self.tombstones.pop(name, None)
            self._sorted.add(name)
        self.items[name] = item
        return former

    def remove(self, document_id: str, ordering_id: int) -> bool:
        """Take an id out and leave a tombstone; returns whether there was an item."""
        self.tombstones[document_id] = ordering_id
        if self.items.pop(document_id, None) is None:
            return False
        self._sorted.discard(document_id)
        return True

    def children(self, document_id: str) -> list[str]:
        """Ids below an id: by prefix and slash, not by parentId (docs.coveo.com/en/171)."""
        prefix = document_id.rstrip("/") + "/"
        return [name for name in self._sorted.starting_with(prefix) if name != document_id]

    def remove_older_than(self, ordering_id: int) -> list[str]:
        """Remove items with a strictly lower ordering id and raise the barrier to it.

        Returns their ids in order: what happens must not depend on how the state came to be.
        """
        older = sorted(name for name, item in self.items.items() if item.ordering_id < ordering_id)
        for name in older:
            del self.items[name]
            self._sorted.discard(name)
        # The barrier says the same and more, so these ids need no tombstone.
        if self.barrier is None or ordering_id > self.barrier:
            self.barrier = ordering_id
        return older

    def ids(self, prefix: str = "") -> list[str]:
        """Indexed ids in order; do not change the list."""
        return self._sorted.starting_with(prefix) if prefix else self._sorted.ordered()

    def remember(self, entry: LogEntry) -> None:
        """Append to an id's history, dropping its oldest entry when the bound is reached."""
        if entry.document_id is None:
            return
        entries = self.history.setdefault(entry.document_id, [])
        entries.append(entry)
        if len(entries) > self._history_bound:
            del entries[0]

    def set_status(self, status: str, now_ms: int) -> None:
        """Open an activity and close the one before; IDLE only closes (docs.coveo.com/en/35)."""
        if self.activities and self.activities[-1].ended_ms is None:
            self.activities[-1].ended_ms = now_ms
        if status != "IDLE":
            self.activities.append(Activity(status, now_ms))

    @property
    def status(self) -> str:
        """The current activity, IDLE if there is none."""
        last = self.activities[-1] if self.activities else None
        return "IDLE" if last is None or last.ended_ms is not None else last.status

    def items_from(self, after: str | None, count: int) -> Iterator[Item]:
        """Up to `count` items with an id behind `after`, in order of id."""
        ids = self._sorted.ordered()
        first = 0 if after is None else bisect_left(ids, after + "\0")
        return (self.items[name] for name in ids[first : first + count])
