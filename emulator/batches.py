"""A batch file to steps, and what its sender should not have relied on.

Imports: batchfiles, items, operations, rejections, switches.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from emulator.batchfiles import sections
from emulator.items import document_id_of, read_item, read_object, required_document_id
from emulator.operations import Delete, Kind, Refused, Step, Upsert
from emulator.rejections import BadItemError, Reason
from emulator.switches import SameIdInBatch, Switches


class ViolationKind(StrEnum):
    """Things whose effect Coveo leaves open, so that a careful client never sends them."""

    SAME_ID_IN_BATCH = "SAME_ID_IN_BATCH"
    PREFIX_DELETE_OVERLAPS_ADD = "PREFIX_DELETE_OVERLAPS_ADD"


@dataclass(frozen=True, slots=True)
class Batch:
    """The steps of a file in the order they take effect, with the violations found."""

    steps: list[Step]
    violations: list[tuple[ViolationKind, str]]


def read_batch(content: bytes, switches: Switches) -> Batch:
    """Read a batch file; raises BadBatchError if it is not one at all.

    An entry that is wrong becomes a `Refused` step, the others are not touched by it.
    """
    upserts, deletes = sections(content, ("addOrUpdate", "delete"))
    return batch_of(
        [_upsert(raw, switches) for raw in upserts],
        [delete_step(raw) for raw in deletes],
        switches,
    )


def batch_of(adds: list[Step], drops: list[Step], switches: Switches) -> Batch:
    """Put the steps of a file into the order of their effect, and find its violations."""
    add_last = switches.same_id_in_batch is SameIdInBatch.ADD_LAST
    steps = drops + adds if add_last else adds + drops
    repeated = _repeated_ids(steps)
    violations = [(ViolationKind.SAME_ID_IN_BATCH, name) for name in repeated]
    violations += [
        (ViolationKind.PREFIX_DELETE_OVERLAPS_ADD, name) for name in _overlaps(adds, drops)
    ]
    if repeated:
        steps = _resolve(steps, set(repeated), switches.same_id_in_batch)
    return Batch(steps, violations)


def step_id(step: Step) -> str | None:
    """Return the document id a step is about."""
    return step.draft.document_id if isinstance(step, Upsert) else step.document_id


def _upsert(raw: object, switches: Switches) -> Step:
    try:
        return Upsert(read_item(raw, switches))
    except BadItemError as error:
        return Refused(document_id_of(raw), Kind.ADD, error.reason, error.detail)


def delete_step(raw: object) -> Step:
    """Read an entry of `delete`; one that is wrong becomes a `Refused` step."""
    try:
        fields = read_object(raw)
        return Delete(required_document_id(fields), _with_children(fields))
    except BadItemError as error:
        return Refused(document_id_of(raw), Kind.DELETE, error.reason, error.detail)


def _with_children(fields: dict[str, Any]) -> bool:
    children = fields.get("deletechildren", False)
    if not isinstance(children, bool):
        raise BadItemError(Reason.WRONG_TYPE, "deleteChildren must be true or false")
    return children


def _repeated_ids(steps: list[Step]) -> list[str]:
    seen: set[str] = set()
    repeated: dict[str, None] = {}
    for step in steps:
        name = step_id(step)
        if name is None:
            continue
        if name in seen:
            repeated[name] = None
        seen.add(name)
    return list(repeated)


def _overlaps(adds: list[Step], drops: list[Step]) -> list[str]:
    """Ids that the file adds below an id that it deletes with children."""
    targets = {
        drop.document_id for drop in drops if isinstance(drop, Delete) and drop.with_children
    }
    if not targets:
        return []
    prefixes = {target.rstrip("/") for target in targets}
    names = (name for name in map(step_id, adds) if name is not None and name not in targets)
    return [name for name in names if _is_below(name, prefixes)]


def _is_below(name: str, prefixes: set[str]) -> bool:
    end = name.rfind("/")
    while end > 0:
        if name[:end] in prefixes:
            return True
        end = name.rfind("/", 0, end)
    return False


def _resolve(steps: list[Step], repeated: set[str], rule: SameIdInBatch) -> list[Step]:
    """Leave the last step of each repeated id, or none if the rule is ERROR."""
    kept: list[Step] = []
    settled: set[str] = set() if rule is not SameIdInBatch.ERROR else set(repeated)
    for step in reversed(steps):
        name = step_id(step)
        if name not in repeated or isinstance(step, Refused):
            kept.append(step)
        elif name in settled:
            kept.append(_superfluous(name, step))
        else:
            settled.add(name)
            kept.append(step)
    kept.reverse()
    return kept


def _superfluous(name: str, step: Step) -> Refused:
    kind = Kind.ADD if isinstance(step, Upsert) else Kind.DELETE
    detail = "another entry of the same file has the same document id"
    return Refused(name, kind, Reason.SAME_ID_IN_BATCH, detail)
