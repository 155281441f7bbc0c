"""The partitions' records, and what each of them asks for: the truth that all is judged by.

The truth is computed as records are written, from what they mean, never from what members do.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

import orjson

from consumer.domain.operations import TargetId
from consumer.domain.records import Offset, Record, TopicPartition
from tests.simulation.plan import FEEDS, OPEN, PARTITIONS, VAULT, targets_of

Item = tuple[TargetId, str]
"""An item of an index: target and document id."""

State = tuple[int, int]
"""What an item is like: the version of its fields, and that of its text."""


class Kind(StrEnum):
    """What a record is."""

    UPSERT = "u"
    DELETE = "d"
    TREE = "x"
    """A delete of an item and of everything below it."""
    TOMBSTONE = "t"
    PARTIAL = "q"
    """An update that leaves a text out, for a catalog; any other target gets it whole."""
    CONTROL = "h"
    POISON = "p"


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is to be written. `bad`: the service refuses what it causes.

    `flag` is `m` where a mapping may misfit, `k` where the key may be unreadable, for a while.
    """

    kind: Kind
    document_id: str
    pad: int = 0
    bad: bool = False
    flag: str = ""
    schema: int = 1


@dataclass(frozen=True, slots=True)
class Want:
    """What one record wants of one item: its state accepted from version `needs` on.

    `refusable`: the operation is refused for certain and not replaced, so a dead letter does, too.
    """

    item: Item
    needs: int
    refusable: bool


@dataclass(slots=True, eq=False)
class Entry:
    """A written record with what it wants."""

    record: Record
    draft: Draft
    wants: tuple[Want, ...]
    letter_delivered: bool = False


@dataclass(slots=True, eq=False)
class _Row:
    """An item as the log has it: its last operation and the state that follows from all of them."""

    deleted_by: int | None = None
    badly: bool = False
    """That delete is refused; so is a tombstone behind it, for it asks for the very same."""
    state: State | None = None
    refused: bool = False
    """Its last upsert is refused. No partial update comes behind one: joined, it would go too."""
    operations: list[int] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Partition:
    """One partition's log; offsets may have gaps."""

    entries: list[Entry] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    high: int = 0

    def index_of(self, offset: int) -> int:
        """Return the index of the first entry at or after `offset`."""
        return bisect_left(self.offsets, offset)

    @property
    def end(self) -> int:
        """Return the next offset after the last record; gaps at the very end do not count."""
        return self.offsets[-1] + 1 if self.offsets else 0


class Log:
    """All partitions, and the state that the indexes must have at the end."""

    def __init__(self) -> None:
        """Start empty."""
        self.partitions = {tp: Partition() for tp in PARTITIONS}
        self._rows: defaultdict[Item, _Row] = defaultdict(_Row)

    def skip_offsets(self, tp: TopicPartition, count: int) -> None:
        """Leave offsets out, as transaction markers and compaction do."""
        self.partitions[tp].high += count

    def append(self, tp: TopicPartition, draft: Draft) -> Entry:
        """Write one record."""
        partition = self.partitions[tp]
        offset = partition.high
        if draft.kind is Kind.TOMBSTONE:
            draft = replace(draft, bad=self._is_badly_deleted(tp, draft))
        elif draft.kind is Kind.PARTIAL and self._rows[OPEN, draft.document_id].refused:
            draft = replace(draft, kind=Kind.UPSERT)
        record = Record(tp, Offset(offset), 0, *_bytes(draft), _headers(draft))
        entry = Entry(record, draft, tuple(self._wants(tp, offset, draft)))
        partition.entries.append(entry)
        partition.offsets.append(offset)
        partition.high = offset + 1
        return entry

    def _is_badly_deleted(self, tp: TopicPartition, draft: Draft) -> bool:
        row = self._rows[targets_of(tp.topic, draft.document_id)[0], draft.document_id]
        return row.deleted_by is not None and row.badly

    def _wants(self, tp: TopicPartition, offset: int, draft: Draft) -> Iterator[Want]:
        if draft.kind is Kind.CONTROL:
            return
        if draft.kind is Kind.POISON:
            for item in self._safe_deletes(tp, draft):
                yield self._note(item, offset, deleted=True)
            return
        for target in targets_of(tp.topic, draft.document_id):
            item = (target, draft.document_id)
            if draft.kind is Kind.PARTIAL and target == OPEN:
                yield self._partial(item, offset)
            elif draft.kind in {Kind.UPSERT, Kind.PARTIAL}:
                yield self._upsert(item, offset, draft)
            else:
                yield self._delete(item, offset, draft)

    def _safe_deletes(self, tp: TopicPartition, draft: Draft) -> list[Item]:
        return [(t, draft.document_id) for t in FEEDS[tp.topic] if t == VAULT]

    def _note(self, item: Item, offset: int, *, deleted: bool) -> Want:
        row = self._rows[item]
        row.operations.append(offset)
        row.deleted_by = offset if deleted else None
        row.state = None if deleted else (offset, offset)
        row.badly = row.refused = False
        return Want(item, offset, refusable=False)

    def _note_below(self, item: Item, offset: int) -> None:
        """A whole tree goes; what had a delete of its own before still has it."""
        for other, row in self._rows.items():
            if is_below(other, item):
                row.state = None
                row.operations.append(offset)

    def _upsert(self, item: Item, offset: int, draft: Draft) -> Want:
        """A refused upsert changes nothing; on the secured target it is replaced by a delete."""
        row = self._rows[item]
        before = row.state
        want = self._note(item, offset, deleted=False)
        if not draft.bad:
            return want
        row.state = None if item[0] == VAULT else before
        row.refused = True
        return Want(item, offset, refusable=item[0] != VAULT)

    def _partial(self, item: Item, offset: int) -> Want:
        """The text stays; an item that is not there does not come to be."""
        row = self._rows[item]
        before = row.state
        want = self._note(item, offset, deleted=False)
        row.state = None if before is None else (offset, before[1])
        return want

    def _delete(self, item: Item, offset: int, draft: Draft) -> Want:
        """A tombstone behind a delete wants no more than that delete."""
        row = self._rows[item]
        if draft.kind is Kind.TOMBSTONE and row.deleted_by is not None:
            return Want(item, row.deleted_by, refusable=draft.bad and item[0] != VAULT)
        before = row.state
        want = self._note(item, offset, deleted=True)
        if draft.kind is Kind.TREE:
            self._note_below(item, offset)
        row.badly = draft.bad
        if not draft.bad or item[0] == VAULT:
            return want
        row.state = before
        return Want(item, offset, refusable=True)

    def truth(self) -> dict[Item, State]:
        """Return the state that each item must have in the end; deleted ones are left out."""
        return {item: row.state for item, row in self._rows.items() if row.state is not None}

    def below(self, root: Item) -> list[Item]:
        """Return the items in the tree below one."""
        return [item for item in self._rows if is_below(item, root)]

    def newest_below(self, item: Item, mark: int) -> int:
        """Return the newest operation on an item below an offset, or -1."""
        operations = self._rows[item].operations
        index = bisect_left(operations, mark)
        return operations[index - 1] if index else -1


def is_below(item: Item, root: Item) -> bool:
    """Return whether an item is in the tree below another one."""
    return item[0] == root[0] and item[1].startswith(f"{root[1]}/")


def _bytes(draft: Draft) -> tuple[bytes, bytes | None]:
    key = draft.document_id.encode()
    match draft.kind:
        case Kind.TOMBSTONE:
            return key, None
        case Kind.POISON:
            return key, b"\xff" + b"?" * draft.pad
        case _:
            value = {"op": draft.kind.value, "bad": draft.bad, "flag": draft.flag}
            return key, b"%d" % draft.schema + orjson.dumps(value | {"pad": "x" * draft.pad})


def _headers(draft: Draft) -> tuple[tuple[str, bytes | None], ...]:
    return (("bad", b"1"),) if draft.bad and draft.kind is Kind.TOMBSTONE else ()
