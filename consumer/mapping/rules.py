"""What an event does to the item of one mapping: the id by key, or by the row's images.

Imports the domain only. Two rules with one contract:

- `KeyedRule` makes the id from the record's key, so every kind of record names its item;
- `ImageRule` makes it from the row (full before-images): a row whose id changes moves its item,
  and records without a row, such as tombstones, say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from consumer.domain.errors import PoisonError
from consumer.domain.events import ChangeEvent, Doubt, Event, Op, Row
from consumer.domain.operations import DeleteItem, DocumentId, Operation, TargetId
from consumer.mapping.certainty import Gate
from consumer.mapping.items import ItemReader
from consumer.mapping.part import Read
from consumer.mapping.partial import PartialReader
from consumer.mapping.reasons import Reason


class Rule(Protocol):
    """One mapping at work on one topic. Every method may raise PoisonError."""

    @property
    def target(self) -> TargetId:
        """Return the target of every operation."""
        ...

    def change(self, event: ChangeEvent) -> Sequence[Operation]:
        """Return what a row change does."""
        ...

    def tombstone(self, key: Row) -> Sequence[Operation]:
        """Return what a tombstone does, over what its delete has done already."""
        ...

    def deletes(self, key: Row, event: Event | None) -> Sequence[DeleteItem]:
        """Return deletes of whatever a record can be about, also one that cannot be mapped.

        `event` is what it says, `None` if that cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether a row has an item, once everything that decides it is certain."""

    gate: Gate
    admits: Read[bool] | None

    def holds(self, row: Row, doubts: Iterable[Doubt] = ()) -> bool:
        """Return whether it has. Raises PoisonError if that cannot be told."""
        self.gate.check(doubts)
        return self.admits is None or self.admits(row)


@dataclass(frozen=True, slots=True)
class KeyedRule:
    """The id comes from the record's key."""

    target: TargetId
    identify: Read[str | None]
    condition: Condition
    item: ItemReader
    children: bool
    partly: PartialReader | None = None
    """Takes the updates that leave values out, if the mapping lets it."""

    def change(self, event: ChangeEvent) -> Sequence[Operation]:
        """Return one operation: the item, or its delete where the row is gone or filtered out.

        Only of an update is it certain that there was an item before it.
        """
        document_id = self._identify(event.key)
        if event.op is Op.DELETE:
            return (delete_by(self, document_id),)
        row = image(event.after, Reason.AFTER_IMAGE_MISSING)
        if not self.condition.holds(row, event.doubts):
            return (delete_by(self, document_id),)
        if self.partly is not None and event.op is Op.UPDATE and self.partly.lacks(row):
            return (self.partly.read(document_id, row, event.doubts),)
        return (self.item.read(document_id, row, event.doubts),)

    def tombstone(self, key: Row) -> Sequence[Operation]:
        """Return a delete that only confirms an earlier one."""
        document_id = self._identify(key)
        return (DeleteItem(self.target, document_id, self.children, confirms=True),)

    def deletes(self, key: Row, event: Event | None) -> Sequence[DeleteItem]:  # noqa: ARG002 - the contract's
        """Return the delete of the item that belongs to the key."""
        return (delete_by(self, self._identify(key)),)

    def _identify(self, key: Row | None) -> DocumentId:
        if key is None:
            raise PoisonError(
                Reason.KEY_MISSING,
                "the record has no key to make a document id of; give the table a primary key, or "
                "map it with full_before_images",
            )
        return certain(self.identify(key))


@dataclass(frozen=True, slots=True)
class ImageRule:
    """The id comes from the row; the old one from the full before-image."""

    target: TargetId
    identify: Read[str | None]
    condition: Condition
    item: ItemReader
    children: bool

    def change(self, event: ChangeEvent) -> Sequence[Operation]:
        """Return the item and, where the row had another id before, the delete of that one."""
        if event.op is Op.DELETE:
            return self._gone(image(event.before, Reason.BEFORE_IMAGE_MISSING))
        row = image(event.after, Reason.AFTER_IMAGE_MISSING)
        old = None
        if event.op is Op.UPDATE:
            old = self.identify(image(event.before, Reason.BEFORE_IMAGE_MISSING))
        if not self.condition.holds(row, event.doubts):
            ids = dict.fromkeys((old, self.identify(row)))
            return [delete_by(self, DocumentId(one)) for one in ids if one is not None]
        new = certain(self.identify(row))
        upsert = self.item.read(new, row, event.doubts)
        return (upsert,) if old in {None, new} else (delete_by(self, DocumentId(old or "")), upsert)

    def tombstone(self, key: Row) -> Sequence[Operation]:  # noqa: ARG002 - the contract's
        """Return nothing: the delete before it had the row, a tombstone has none."""
        return ()

    def deletes(self, key: Row, event: Event | None) -> Sequence[DeleteItem]:  # noqa: ARG002 - the contract's
        """Return the deletes of the row's items, the old one and the new one.

        Raises PoisonError if the images do not name them.
        """
        match event:
            case ChangeEvent(op=Op.DELETE):
                return self._gone(image(event.before, Reason.BEFORE_IMAGE_MISSING))
            case ChangeEvent():
                images = [image(event.after, Reason.AFTER_IMAGE_MISSING)]
                if event.op is Op.UPDATE:
                    images.insert(0, image(event.before, Reason.BEFORE_IMAGE_MISSING))
                ids = dict.fromkeys(self._possible_id(row) for row in images)
                return [delete_by(self, one) for one in ids if one is not None]
            case None:
                raise PoisonError(
                    Reason.BEFORE_IMAGE_MISSING,
                    "the document id is made of the row, and this record's row cannot be read",
                )
            case _:
                return ()

    def _possible_id(self, row: Row) -> DocumentId | None:
        """Return the id that a row's item can have; `None` if no item can be a row's of this kind.

        Raises PoisonError if the event leaves a part of the id out.
        """
        try:
            made = self.identify(row)
        except PoisonError as error:
            if error.reason == Reason.DOCUMENT_ID:
                return None
            raise
        return None if made is None else DocumentId(made)

    def _gone(self, before: Row) -> Sequence[DeleteItem]:
        """Delete the item of a row. Where it had none because of `when`, there is nothing to do."""
        old = self.identify(before)
        if old is None and not self.condition.holds(before):
            return ()
        return (delete_by(self, certain(old)),)


def delete_by(rule: KeyedRule | ImageRule, document_id: DocumentId) -> DeleteItem:
    """Return the delete of an item of a rule."""
    return DeleteItem(rule.target, document_id, rule.children)


def image(row: Row | None, reason: Reason) -> Row:
    """Return the row image. Raises PoisonError with `reason` if the event has none."""
    if row is not None:
        return row
    which = "old" if reason is Reason.BEFORE_IMAGE_MISSING else "new"
    raise PoisonError(
        reason,
        f"the event has no {which} row; the connector must send full row images (PostgreSQL: "
        "REPLICA IDENTITY FULL)",
    )


def certain(document_id: str | None) -> DocumentId:
    """Return the id. Raises PoisonError if a column of it is null or nothing follows `://`."""
    if document_id is None:
        raise PoisonError(Reason.DOCUMENT_ID, "a column of the document id is null")
    if document_id.endswith("://"):
        raise PoisonError(Reason.DOCUMENT_ID, "the document id has nothing behind '://'")
    return DocumentId(document_id)
