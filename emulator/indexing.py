"""The asynchronous half: operations that were accepted, applied to a source or rejected.

Imports: the values and the source state, no HTTP. What can go wrong after a 202 goes wrong here,
and is seen only in histories and the log, as with the real service (docs.coveo.com/en/68, 78).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, assert_never

import orjson

from emulator.admission import Admission, Turn, check_uri
from emulator.batches import Batch, read_batch
from emulator.batchfiles import BadBatchError
from emulator.containers import Absence
from emulator.items import read_item
from emulator.journal import LogEntry, Violation
from emulator.operations import (
    BatchFile,
    Change,
    Delete,
    DeleteOlderThan,
    Kind,
    Operation,
    Receipt,
    Refused,
    Result,
    Step,
    StreamLoad,
    StreamUpdate,
    Task,
    Upsert,
)
from emulator.rejections import BadItemError, Reason
from emulator.sources import Item
from emulator.streams import catalog_switches, check_size, read_load, read_merge, read_update
from emulator.switches import Switches

if TYPE_CHECKING:
    from emulator.items import Draft
    from emulator.sources import Source
    from emulator.world import World

Reader = Callable[[bytes, Switches], Batch]
# Reasons that concern an item's content are found one stage later than the others.
_PROCESSING_REASONS = frozenset({Reason.UNDECODABLE_CONTENT, Reason.INVALID_COMPRESSION})


class Indexer:
    """Applies operations. It is called with the world's lock held."""

    __slots__ = ("_admission", "_journal", "_meter", "_settings")

    def __init__(self, world: World) -> None:
        """Work on the parts of a world."""
        self._settings = world.settings
        self._journal = world.journal
        self._meter = world.meter
        self._admission = Admission(world)

    def apply(self, source: Source, receipt: Receipt, operation: Operation, now_ms: int) -> None:
        """Bring one accepted operation to its end, which is written into the journal."""
        if receipt.late:
            monotonic = self._settings.switches.monotonic_ordering
            stamp = source.ordering.assign(now_ms, monotonic=monotonic)
            receipt = Receipt(receipt.received_ms, stamp, receipt.request)
        file_id = operation.file_id if isinstance(operation, BatchFile | StreamUpdate) else None
        turn = Turn(source, receipt, now_ms, file_id)
        match operation:
            case Upsert() | Delete():
                self._apply_steps(turn, [operation])
            case BatchFile():
                self._apply_batch(turn, operation)
            case StreamUpdate():
                self._apply_batch(turn, operation)
            case StreamLoad():
                self._load(turn, operation)
            case DeleteOlderThan():
                self._delete_older_than(turn)
            case _:
                assert_never(operation)

    def _load(self, turn: Turn, load: StreamLoad) -> None:
        for file_id, content in load.files:
            part = replace(turn, file_id=file_id)
            self._apply_content(part, content, self._reader(load))
        # Whatever the stream did not bring is older than it.
        self._delete_older_than(turn)

    def _reader(self, operation: BatchFile | StreamUpdate | StreamLoad) -> Reader:
        limit = self._settings.limits.max_stream_item_bytes
        match operation:
            case BatchFile():
                return read_batch
            case StreamUpdate(merge=True):
                return read_merge
            case StreamUpdate():
                return partial(read_update, limit=limit)
            case StreamLoad():
                return partial(read_load, limit=limit)

    def _apply_batch(self, turn: Turn, batch: BatchFile | StreamUpdate) -> None:
        if isinstance(batch.content, Absence):
            detail = f"file {batch.file_id}: {batch.content}"
            self._fail_batch(turn, Reason.BATCH_FILE_MISSING, detail)
            return
        self._apply_content(turn, batch.content, self._reader(batch))

    def _apply_content(self, turn: Turn, raw: bytes, read: Reader) -> None:
        try:
            content = read(raw, self._settings.switches)
        except BadBatchError as error:
            detail = f"file {turn.file_id}: {error}"
            self._fail_batch(turn, Reason.BATCH_FILE_INVALID, detail)
            return
        for kind, document_id in content.violations:
            violation = Violation(kind, turn.source.name, document_id, turn.receipt.request)
            self._journal.add_violation(violation)
        self._apply_steps(turn, content.steps)
        self._log(turn, None, Kind.BATCH_FILE)

    def _apply_steps(self, turn: Turn, steps: list[Step]) -> None:
        self._meter.count_items(turn.now_ms, len(steps))
        for step in steps:
            match step:
                case Upsert(draft):
                    self._upsert(turn, draft)
                case Delete(document_id, with_children):
                    self._delete(turn, document_id, with_children=with_children)
                case Change():
                    self._change(turn, step)
                case Refused(document_id, kind, reason, detail):
                    if kind is Kind.ADD and document_id in turn.source.items:
                        kind = Kind.UPDATE
                    self._log(turn, document_id, kind, BadItemError(reason, detail))
                case _:
                    assert_never(step)

    def _upsert(self, turn: Turn, draft: Draft, kept: bytes | None = None) -> None:
        kind = Kind.UPDATE if draft.document_id in turn.source.items else Kind.ADD
        try:
            item = self._admission.admit(turn, draft)
        except BadItemError as error:
            self._log(turn, draft.document_id, kind, error)
            return
        if kept is not None:
            item = replace(item, binary=kept)
        former = turn.source.put(item)
        self._journal.items_upserted += 1
        if former is not None and former.same_content(item):
            self._journal.duplicates += 1
        self._log(turn, draft.document_id, kind)

    def _change(self, turn: Turn, change: Change) -> None:
        item = turn.source.items.get(change.document_id)
        kind = Kind.ADD if item is None else Kind.UPDATE
        try:
            draft = self._changed(change, item)
        except BadItemError as error:
            self._log(turn, change.document_id, kind, error)
            return
        kept = None if item is None else item.binary
        if kept is not None:
            # The content file was consumed when the item was pushed.
            draft = replace(draft, content_file=None)
        self._upsert(turn, draft, kept)

    def _changed(self, change: Change, item: Item | None) -> Draft:
        if item is None and not change.create:
            message = "there is no item to change"
            raise BadItemError(Reason.MISSING_ITEM, message)
        body = {"documentId": change.document_id} if item is None else orjson.loads(item.body)
        draft = read_item(
            change.apply(body), catalog_switches(self._settings.switches), change.document_id
        )
        check_size(draft.body, self._settings.limits.max_stream_item_bytes)
        return draft

    def _delete(self, turn: Turn, document_id: str, *, with_children: bool) -> None:
        kind = Kind.DELETE_AND_CHILDREN if with_children else Kind.DELETE
        try:
            check_uri(document_id)
            self._admission.check_order(turn, document_id)
        except BadItemError as error:
            self._log(turn, document_id, kind, error)
        else:
            self._remove(turn, document_id, kind)
        for child in turn.source.children(document_id) if with_children else ():
            try:
                self._admission.check_order(turn, child)
            except BadItemError as error:
                self._log(turn, child, kind, error)
            else:
                self._remove(turn, child, kind)

    def _remove(self, turn: Turn, document_id: str, kind: Kind) -> None:
        if turn.source.remove(document_id, turn.receipt.ordering_id):
            self._journal.items_deleted += 1
        self._log(turn, document_id, kind)

    def _delete_older_than(self, turn: Turn) -> None:
        kind = Kind.DELETE_OLDER_THAN
        for document_id in turn.source.remove_older_than(turn.receipt.ordering_id):
            self._journal.items_deleted += 1
            self._log(turn, document_id, kind, note=Reason.OLDER_THAN)
        self._log(turn, None, kind)

    def _fail_batch(self, turn: Turn, reason: Reason, detail: str) -> None:
        self._log(turn, None, Kind.BATCH_FILE, BadItemError(reason, detail))

    def _log(
        self,
        turn: Turn,
        document_id: str | None,
        kind: Kind,
        error: BadItemError | None = None,
        note: Reason | None = None,
    ) -> None:
        entry = LogEntry(
            self._journal.next_number(),
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
            turn.file_id,
        )
        self._journal.add_entry(entry)
        turn.source.remember(entry)


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
