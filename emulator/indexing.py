"""The asynchronous half: operations that were accepted, applied to a source or rejected.

Imports: the values and the source state, no HTTP. What can go wrong after a 202 goes wrong here,
and is seen only in histories and the log, as with the real service (docs.coveo.com/en/68, 78).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from emulator.batches import BadBatchError, read_batch
from emulator.containers import Absence
from emulator.content import UndecodableError, decode_base64, decompress
from emulator.items import is_uri
from emulator.journal import LogEntry, Violation
from emulator.operations import (
    BatchFile,
    Delete,
    DeleteOlderThan,
    Kind,
    Operation,
    Receipt,
    Refused,
    Result,
    Step,
    Task,
    Upsert,
)
from emulator.permissiongate import PermissionGate
from emulator.rejections import BadItemError, Reason
from emulator.settings import Leniency
from emulator.sources import Item

if TYPE_CHECKING:
    from emulator.items import Draft
    from emulator.sources import Source
    from emulator.world import World

# Reasons that concern an item's content are found one stage later than the others.
_PROCESSING_REASONS = frozenset({Reason.UNDECODABLE_CONTENT, Reason.INVALID_COMPRESSION})


@dataclass(frozen=True, slots=True)
class _Turn:
    """One operation being applied: where, with which receipt, at what time."""

    source: Source
    receipt: Receipt
    now_ms: int


class Indexer:
    """Applies operations. It is called with the world's lock held."""

    __slots__ = ("_containers", "_gate", "_journal", "_meter", "_settings", "_world")

    def __init__(self, world: World) -> None:
        """Work on the parts of a world."""
        self._world = world
        self._settings = world.settings
        self._journal = world.journal
        self._containers = world.containers
        self._meter = world.meter
        self._gate = PermissionGate(world)

    def apply(self, source: Source, receipt: Receipt, operation: Operation, now_ms: int) -> None:
        """Bring one accepted operation to its end, which is written into the journal."""
        if receipt.late:
            monotonic = self._settings.switches.monotonic_ordering
            stamp = source.ordering.assign(now_ms, monotonic=monotonic)
            receipt = Receipt(receipt.received_ms, stamp, receipt.request)
        turn = _Turn(source, receipt, now_ms)
        match operation:
            case Upsert() | Delete():
                self._apply_steps(turn, [operation])
            case BatchFile():
                self._apply_batch(turn, operation)
            case DeleteOlderThan():
                self._delete_older_than(turn)
            case _:
                assert_never(operation)

    def _apply_batch(self, turn: _Turn, batch: BatchFile) -> None:
        if isinstance(batch.content, Absence):
            detail = f"file {batch.file_id}: {batch.content}"
            self._fail_batch(turn, Reason.BATCH_FILE_MISSING, detail)
            return
        try:
            content = read_batch(batch.content, self._settings.switches)
        except BadBatchError as error:
            detail = f"file {batch.file_id}: {error}"
            self._fail_batch(turn, Reason.BATCH_FILE_INVALID, detail)
            return
        for kind, document_id in content.violations:
            violation = Violation(kind, turn.source.name, document_id, turn.receipt.request)
            self._journal.add_violation(violation)
        self._apply_steps(turn, content.steps)
        self._log(turn, None, Kind.BATCH_FILE)

    def _apply_steps(self, turn: _Turn, steps: list[Step]) -> None:
        self._meter.count_items(turn.now_ms, len(steps))
        for step in steps:
            match step:
                case Upsert(draft):
                    self._upsert(turn, draft)
                case Delete(document_id, with_children):
                    self._delete(turn, document_id, with_children=with_children)
                case Refused(document_id, kind, reason, detail):
                    if kind is Kind.ADD and document_id in turn.source.items:
                        kind = Kind.UPDATE
                    self._log(turn, document_id, kind, BadItemError(reason, detail))
                case _:
                    assert_never(step)

    def _upsert(self, turn: _Turn, draft: Draft) -> None:
        kind = Kind.UPDATE if draft.document_id in turn.source.items else Kind.ADD
        try:
            item = self._admit(turn, draft)
        except BadItemError as error:
            self._log(turn, draft.document_id, kind, error)
            return
        former = turn.source.put(item)
        self._journal.items_upserted += 1
        if former is not None and former.same_content(item):
            self._journal.duplicates += 1
        self._log(turn, draft.document_id, kind)

    def _admit(self, turn: _Turn, draft: Draft) -> Item:
        """Check all that needs the source or a container; raises BadItemError."""
        _check_uri(draft.document_id)
        permissions = self._gate.admit(turn.source, draft, turn.receipt)
        self._check_order(turn, draft.document_id)
        self._check_room(turn.source, draft.document_id)
        binary = self._binary(turn, draft)
        receipt = turn.receipt
        return Item(
            draft.document_id,
            receipt.ordering_id,
            receipt.received_ms,
            turn.now_ms,
            receipt.request,
            draft.body,
            draft.comparable,
            draft.title,
            permissions,
            draft.compression,
            binary,
        )

    def _check_order(self, turn: _Turn, document_id: str) -> None:
        source, ordering_id = turn.source, turn.receipt.ordering_id
        if not source.admits(document_id, ordering_id, self._settings.switches.equal_ordering):
            message = f"ordering id {ordering_id} is not above the one recorded"
            raise BadItemError(Reason.OUT_OF_SEQUENCE_OPERATION, message)

    def _check_room(self, source: Source, document_id: str) -> None:
        limit = self._settings.limits.max_items
        if limit is None or document_id in source.items:
            return
        if self._world.count_items() >= limit:
            message = f"the index holds {limit} items already"
            raise BadItemError(Reason.DOCUMENT_LIMIT_EXCEEDED, message)

    def _binary(self, turn: _Turn, draft: Draft) -> bytes | None:
        """Check that compressed content can be decoded; returns what a content file holds."""
        content = self._content_file(turn, draft)
        try:
            if draft.inline is not None:
                inline = decode_base64(draft.inline)
                self._check_inline_size(inline)
                decompress(inline, draft.compression)
            elif content is not None:
                decompress(content, draft.compression)
        except UndecodableError as error:
            if self._settings.switches.undecodable_content is Leniency.REJECT:
                raise BadItemError(Reason.UNDECODABLE_CONTENT, str(error)) from error
        return content

    def _content_file(self, turn: _Turn, draft: Draft) -> bytes | None:
        if draft.content_file is None:
            return None
        content = self._containers.consume(draft.content_file, turn.now_ms)
        if isinstance(content, Absence):
            message = f"file {draft.content_file}: {content}"
            raise BadItemError(Reason.CONTENT_FILE_MISSING, message)
        return content

    def _check_inline_size(self, inline: bytes) -> None:
        limit = self._settings.limits.max_inline_content_bytes
        if len(inline) >= limit:
            message = f"{len(inline)} bytes inline; from {limit} on a file container is needed"
            raise BadItemError(Reason.CONTENT_TOO_LARGE, message)

    def _delete(self, turn: _Turn, document_id: str, *, with_children: bool) -> None:
        kind = Kind.DELETE_AND_CHILDREN if with_children else Kind.DELETE
        try:
            _check_uri(document_id)
            self._check_order(turn, document_id)
        except BadItemError as error:
            self._log(turn, document_id, kind, error)
        else:
            self._remove(turn, document_id, kind)
        for child in turn.source.children(document_id) if with_children else ():
            try:
                self._check_order(turn, child)
            except BadItemError as error:
                self._log(turn, child, kind, error)
            else:
                self._remove(turn, child, kind)

    def _remove(self, turn: _Turn, document_id: str, kind: Kind) -> None:
        if turn.source.remove(document_id, turn.receipt.ordering_id):
            self._journal.items_deleted += 1
        self._log(turn, document_id, kind)

    def _delete_older_than(self, turn: _Turn) -> None:
        kind = Kind.DELETE_OLDER_THAN
        for document_id in turn.source.remove_older_than(turn.receipt.ordering_id):
            self._journal.items_deleted += 1
            self._log(turn, document_id, kind, note=Reason.OLDER_THAN)
        self._log(turn, None, kind)

    def _fail_batch(self, turn: _Turn, reason: Reason, detail: str) -> None:
        self._log(turn, None, Kind.BATCH_FILE, BadItemError(reason, detail))

    def _log(
        self,
        turn: _Turn,
        document_id: str | None,
        kind: Kind,
        error: BadItemError | None = None,
        note: Reason | None = None,
    ) -> None:
        entry = LogEntry(
            self._journal.next_operation_number(),
            turn.source.name,
            document_id,
            kind,
            _task_of(document_id, kind, error),
            _result_of(document_id, error),
            note if error is None else error.reason,
            None if error is None else error.detail,
            turn.receipt.received_ms,
            turn.now_ms,
            turn.receipt.ordering_id,
            turn.receipt.request,
        )
        self._journal.add_entry(entry)
        turn.source.remember(entry)


def _check_uri(document_id: str) -> None:
    if not is_uri(document_id):
        raise BadItemError(
            Reason.INVALID_DOCUMENT_ID, "documentId must look like scheme://hier-part"
        )


def _task_of(document_id: str | None, kind: Kind, error: BadItemError | None) -> Task:
    if document_id is None:
        return Task.CONSUMING_BATCH if kind is Kind.BATCH_FILE else Task.CONSUMING
    if error is None:
        return Task.INDEXING
    return Task.PROCESSING if error.reason in _PROCESSING_REASONS else Task.CONSUMING


def _result_of(document_id: str | None, error: BadItemError | None) -> Result:
    if error is None:
        return Result.COMPLETED
    # docs/78 speaks of an error for missing permissions; a refused batch file is one as well.
    is_error = document_id is None or error.reason is Reason.MISSING_PERMISSIONS
    return Result.ERROR if is_error else Result.REJECTED
