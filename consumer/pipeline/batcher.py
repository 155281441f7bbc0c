"""Intents and the window that collects them: one per document id, the newest complete one wins.

Imports the domain only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from consumer.domain.operations import DocumentId, EncodedOperation, OperationKind
from consumer.domain.records import TopicPartition
from consumer.pipeline.tracker import Ticket

ENVELOPE_BYTES = len(b'{"addOrUpdate":[],"delete":[],"partialUpdate":[]}')
"""Most bytes of a batch body without operations (reference `push-api.md` §2.6, §1.5)."""

REFERENCE_BYTES = len(b',"compressedBinaryDataFileId":""') + 200
"""Most bytes by which a payload grows when it refers to a content of its own (§2.1)."""


@dataclass(slots=True, eq=False)
class Intent:
    """One operation with every record it answers for.

    `covered` are superseded records, oldest first; `riders` are tombstones behind this delete.
    `fallback` is the operation that this one superseded: it comes back if this one is refused,
    and with it the first `inherited` riders, which rode on it.
    """

    operation: EncodedOperation
    ticket: Ticket
    covered: list[Ticket] = field(default_factory=list)
    riders: list[Ticket] = field(default_factory=list)
    fallback: Intent | None = None
    inherited: int = 0
    accepted: bool = False

    @property
    def tp(self) -> TopicPartition:
        """Return the partition that owns this intent; superseding never crosses partitions."""
        return self.ticket.record.tp

    @property
    def size_bytes(self) -> int:
        """Return what it adds to what is uploaded: in the body, with the comma, and beside it."""
        content = self.operation.content
        beside = 0 if content is None else len(content) + REFERENCE_BYTES
        return len(self.operation.payload) + 1 + beside

    @property
    def has_content(self) -> bool:
        """Return whether a content is uploaded for it by itself."""
        return self.operation.content is not None

    @property
    def may_upsert(self) -> bool:
        """Return whether this changes an item, or may come to do so again by a refusal."""
        return self.operation.kind is not OperationKind.DELETE or self.fallback is not None

    def supersede(self, older: Intent) -> None:
        """Take over everything that `older` answers for; its records stay open until we are in."""
        self.covered = older.covered
        self.covered.append(older.ticket)
        self.riders = older.riders
        self.inherited = len(older.riders)
        self.fallback = older

    def absorb(self, other: Intent) -> None:
        """Answer for `other` as well, which then never comes back by itself."""
        if not self.covered:
            self.covered = other.covered  # taken over, not copied: chains of a hot row are long
        else:
            self.covered += other.covered
        self.covered.append(other.ticket)
        self.riders += other.riders

    def forget(self) -> None:
        """Accepted: keep what tombstones must know of a delete, and none of the records' bytes."""
        self.covered, self.riders, self.fallback = [], [], None
        if not self.ticket.parts:
            self.ticket.record = self.ticket.record.without_payload()

    def give_back(self) -> Intent | None:
        """Undo `supersede` after a refusal: return the older intent with what it answers for.

        What rode on this one stays with it: those tombstones deleted nothing either.
        """
        older = self.fallback
        if older is not None:
            older.covered = self.covered
            taken_back = older.covered.pop()
            assert taken_back is older.ticket
            older.riders, own = self.riders[: self.inherited], self.riders[self.inherited :]
            self.covered, self.riders, self.fallback, self.inherited = [], own, None, 0
        return older


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """When a window is full, and how long it may wait. The byte limit counts what is uploaded.

    `max_contents` bounds the operations whose content is uploaded by itself: each costs a request.
    """

    max_operations: int
    max_bytes: int
    linger_seconds: float
    max_contents: int = 10


Join: TypeAlias = Callable[[EncodedOperation, EncodedOperation], EncodedOperation | None]
"""Returns the one operation that does what an older and a newer one do to an item, if there is."""


def newest(older: EncodedOperation, newer: EncodedOperation) -> EncodedOperation | None:
    """Join complete operations: the newer one says everything. A partial one says not enough."""
    del older
    return None if newer.kind is OperationKind.PARTIAL else newer


class Window:
    """An open window: intents with distinct ids, whose order among each other is immaterial."""

    def __init__(self, limits: WindowLimits, join: Join = newest) -> None:
        """Start empty; `join` is for two operations on one item."""
        self._limits = limits
        self._join = join
        self._intents: dict[DocumentId, Intent] = {}
        self._tree_deletes: list[str] = []
        self._contents = 0
        self.size_bytes = ENVELOPE_BYTES
        self.opened_at: float | None = None

    def __len__(self) -> int:
        """Return how many operations wait here."""
        return len(self._intents)

    def takes(self, intent: Intent) -> bool:
        """Return whether `intent` may join: distinct id or same owner, room, no tree conflict."""
        older = self._intents.get(intent.operation.document_id)
        size_bytes = intent.size_bytes
        if older is not None:
            if not self._may_supersede(older, intent):
                return False
            both = self._join(older.operation, intent.operation)
            if both is None:
                return False
            size_bytes += len(both.payload) - len(intent.operation.payload) - older.size_bytes
        grown = self.size_bytes + size_bytes
        contents = self._contents - (older is not None and older.has_content)
        full = (
            grown > self._limits.max_bytes
            or (older is None and len(self._intents) >= self._limits.max_operations)
            or (intent.has_content and contents >= self._limits.max_contents)
        )
        return not self._intents or not (full or self._tree_conflict(intent.operation))

    @staticmethod
    def _may_supersede(older: Intent, intent: Intent) -> bool:
        """Only within one partition and epoch, and never a tree's delete by less than that."""
        loses_tree = older.operation.children and not intent.operation.children
        return older.ticket.epoch == intent.ticket.epoch and not loses_tree

    def _tree_conflict(self, operation: EncodedOperation) -> bool:
        """A delete with children and an upsert below it in one batch: order unknown (§4.4)."""
        if operation.kind is not OperationKind.DELETE:
            return any(operation.document_id.startswith(tree) for tree in self._tree_deletes)
        tree = f"{operation.document_id}/"
        return operation.children and any(
            other.may_upsert and document_id.startswith(tree)
            for document_id, other in self._intents.items()
        )

    def add(self, intent: Intent, now: float) -> bool:
        """Take `intent`; return whether it superseded an older one. Ask `takes` first.

        A partial update supersedes by saying what the older one said as well.
        """
        operation = intent.operation
        older = self._intents.get(operation.document_id)
        if older is not None:
            both = self._join(older.operation, operation)
            assert both is not None, "`takes` says no to it"
            intent.operation = both
            intent.supersede(older)
            self.size_bytes -= older.size_bytes
            self._contents -= older.has_content
        self._intents[operation.document_id] = intent
        self.size_bytes += intent.size_bytes
        self._contents += intent.has_content
        if operation.children:
            self._tree_deletes.append(f"{operation.document_id}/")
        if self.opened_at is None:
            self.opened_at = now
        return older is not None

    def due(self, now: float) -> bool:
        """Return whether the oldest operation has waited long enough, or the window is full."""
        if self.opened_at is None:
            return False
        return (
            now - self.opened_at >= self._limits.linger_seconds
            or len(self._intents) >= self._limits.max_operations
            or self.size_bytes >= self._limits.max_bytes
        )

    def due_at(self) -> float | None:
        """Return when lingering ends, or `None` if nothing waits."""
        return None if self.opened_at is None else self.opened_at + self._limits.linger_seconds

    def drain(self) -> list[Intent]:
        """Take out everything."""
        taken = list(self._intents.values())
        self._keep([], None)
        return taken

    def drop(self, tp: TopicPartition) -> None:
        """Forget every intent of a partition that was given up."""
        if any(intent.tp == tp for intent in self._intents.values()):
            kept = [intent for intent in self._intents.values() if intent.tp != tp]
            self._keep(kept, self.opened_at)

    def _keep(self, intents: list[Intent], opened_at: float | None) -> None:
        self._intents = {intent.operation.document_id: intent for intent in intents}
        self._tree_deletes = [
            f"{i.operation.document_id}/" for i in intents if i.operation.children
        ]
        self._contents = sum(intent.has_content for intent in intents)
        self.size_bytes = ENVELOPE_BYTES + sum(intent.size_bytes for intent in intents)
        self.opened_at = opened_at if intents else None
