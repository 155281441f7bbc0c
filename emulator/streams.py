"""Streams that are open, and their files to steps. Imports: batches, items, partial, switches.

The rules are those of docs.coveo.com/en/p4eb0515, l62e0540 and of Coveo's OpenAPI document.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from emulator.batches import Batch, ViolationKind, batch_of, delete_step, step_id
from emulator.batchfiles import sections
from emulator.items import document_id_of, read_item, read_object, required_document_id
from emulator.operations import Change, Kind, Refused, Step, Upsert
from emulator.partial import merged, read_partial_update
from emulator.rejections import BadItemError, Reason
from emulator.switches import ContentKey, DictionaryMetadata, Switches

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from emulator.operations import Receipt

_UPDATE = ("addOrUpdate", "delete", "partialUpdate")


@dataclass(slots=True)
class Stream:
    """A full load that is not closed yet, with the containers that it was given."""

    source: str
    receipt: Receipt
    files: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Streams:
    """The open streams of an organization by id, a UUID."""

    dice: random.Random
    open: dict[str, Stream] = field(default_factory=dict)

    def start(self, source: str, receipt: Receipt) -> str:
        """Open a stream; others of the same source stay open."""
        stream_id = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        self.open[stream_id] = Stream(source, receipt)
        return stream_id


def catalog_switches(switches: Switches) -> Switches:
    """Return what holds for catalog items: no content is needed, dictionaries are allowed."""
    return replace(
        switches,
        content_key=ContentKey.OPTIONAL,
        dictionary_metadata=DictionaryMetadata.ONE_LEVEL,
    )


def read_load(content: bytes, switches: Switches, limit: int) -> Batch:
    """Read a file of a full load: items only; raises BadBatchError."""
    (adds,) = sections(content, ("addOrUpdate",))
    return batch_of([_item(one, switches, limit) for one in adds], [], switches)


def read_update(content: bytes, switches: Switches, limit: int) -> Batch:
    """Read a file of an update; raises BadBatchError. Partial updates come behind the rest."""
    adds, drops, partials = sections(content, _UPDATE)
    whole = batch_of(
        [_item(one, switches, limit) for one in adds],
        [delete_step(one) for one in drops],
        switches,
    )
    changes = _joined([_partial(one) for one in partials])
    named = {one.document_id for one in changes if isinstance(one, Change)}
    both = sorted(named.intersection(map(step_id, whole.steps)))
    violations = [(ViolationKind.SAME_ID_IN_BATCH, one) for one in both]
    return Batch([*whole.steps, *changes], [*whole.violations, *violations])


def read_merge(content: bytes, switches: Switches) -> Batch:
    """Read a file of items to merge; raises BadBatchError."""
    (adds,) = sections(content, ("addOrUpdate",))
    return Batch([_merge(one, switches) for one in adds], [])


def _item(raw: object, switches: Switches, limit: int) -> Step:
    try:
        draft = read_item(raw, catalog_switches(switches))
        check_size(draft.body, limit)
        return Upsert(draft)
    except BadItemError as error:
        return Refused(document_id_of(raw), Kind.ADD, error.reason, error.detail)


def check_size(body: bytes, limit: int) -> None:
    """Raise BadItemError if an item is larger than a catalog takes."""
    if len(body) > limit:
        detail = f"{len(body)} bytes, at most {limit} are allowed for an item"
        raise BadItemError(Reason.ITEM_TOO_LARGE, detail)


def _partial(raw: object) -> Step:
    try:
        fields = read_object(raw)
        name = required_document_id(fields)
        return Change(name, read_partial_update(fields).apply)
    except BadItemError as error:
        return Refused(document_id_of(raw), Kind.UPDATE, error.reason, error.detail)


def _joined(steps: list[Step]) -> list[Step]:
    """Make one step of all changes of an item: they share an ordering id."""
    joined: dict[object, Step] = {}
    for number, step in enumerate(steps):
        former = joined.get(step.document_id) if isinstance(step, Change) else None
        if isinstance(step, Change) and isinstance(former, Change):
            joined[step.document_id] = Change(step.document_id, _both(former, step))
        else:
            joined[step.document_id if isinstance(step, Change) else number] = step
    return list(joined.values())


def _both(first: Change, then: Change) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda body: then.apply(first.apply(body))


def _merge(raw: Any, switches: Switches) -> Step:
    try:
        name = read_item(raw, catalog_switches(switches)).document_id
    except BadItemError as error:
        return Refused(document_id_of(raw), Kind.UPDATE, error.reason, error.detail)
    return Change(name, lambda body: merged(body, raw), create=True)
