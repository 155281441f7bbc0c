"""Updates whose event leaves values out: the other fields of the item. Imports the domain only.

A value that is left out did not change, so a field that is made of such values alone is what the
item has already. Everything else about it must be known, and be something that a partial update can
say; see ADR 18.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from consumer.domain.errors import PoisonError
from consumer.domain.events import UNAVAILABLE, Doubt, Row
from consumer.domain.operations import DocumentId, JsonValue, TargetId, UpdateItem
from consumer.mapping.catalog import Destination
from consumer.mapping.certainty import Gate
from consumer.mapping.items import ItemParts
from consumer.mapping.part import Part, Read, Scope, lacks_something
from consumer.mapping.problems import Findings, Path
from consumer.mapping.reasons import Reason
from consumer.mapping.spec import MappingSpec

_KEY: Final = "partial_updates"


@dataclass(frozen=True, slots=True)
class _Bound:
    """A part of an item, and where its columns stand in a row."""

    read: Read[Any]
    positions: tuple[int, ...]

    def is_left_out(self, row: Row) -> bool:
        """Return whether nothing that it is made of is there, so that it did not change."""
        return bool(self.positions) and all(row[at] is UNAVAILABLE for at in self.positions)


class PartialReader:
    """Makes of a row that an event does not hold whole what it says about the item."""

    def __init__(self, target: TargetId, parts: ItemParts, scope: Scope, gate: Gate) -> None:
        """Bind the parts to the topic's columns; `gate` says which doubts do not pass."""
        self._target = target
        self._fields = {name: _bound(part, scope) for name, part in parts.fields.items()}
        self._content = _bound(parts.content, scope)
        bounds = (*self._fields.values(), self._content)
        self._positions = tuple({at for each in bounds for at in each.positions})
        self._gate = gate

    def lacks(self, row: Row) -> bool:
        """Return whether the event leaves out something that the item is made of."""
        return any(lacks_something(row[at]) for at in self._positions)

    def read(self, document_id: DocumentId, row: Row, doubts: Iterable[Doubt]) -> UpdateItem:
        """Return the fields that are known. Raises PoisonError for what cannot be said in part."""
        self._gate.check(doubts)
        if self._content.positions and not self._content.is_left_out(row):
            raise PoisonError(Reason.PARTIAL_UPDATE, f"the body may have changed, and {_WHOLE}")
        known = {
            name: _known(name, each.read(row))
            for name, each in self._fields.items()
            if not each.is_left_out(row)
        }
        return UpdateItem(self._target, document_id, known)


def _bound(part: Part[Any], scope: Scope) -> _Bound:
    plain = (scope.index[name] for name in part.columns)
    exact = (scope.exact(name) for name in part.exact_columns)
    return _Bound(part.bind(scope), (*plain, *exact))


def _known(name: str, value: JsonValue) -> JsonValue:
    if value is None:
        msg = (
            f"field '{name}' is null, and no page of Coveo's says that a partial update can take a "
            f"value away: give it a 'default', or {_ROWS}"
        )
        raise PoisonError(Reason.PARTIAL_UPDATE, msg)
    return value


_ROWS: Final = "give the table full row images (PostgreSQL: REPLICA IDENTITY FULL)"
_WHOLE: Final = f"the event leaves out values that a whole item needs: {_ROWS}"


def check_partial(spec: MappingSpec, path: Path, destination: Destination, found: Findings) -> None:
    """Note in `found` why a mapping cannot have partial updates, if it asks for them."""
    if not spec.partial_updates:
        return
    if destination.catalog is None:
        found.add(
            (*path, _KEY),
            f"target '{spec.target}' is no catalog: on a push source an item is pushed whole or "
            "not at all; leave it out",
            *((*path, _KEY), (*path, "target"), ("targets", spec.target, "source")),
        )
    if spec.format != "debezium":
        found.add(
            (*path, _KEY),
            "it needs 'format: debezium': of other records nobody knows whether a row is new, and "
            "what is new cannot be changed in part",
            *((*path, _KEY), (*path, "format")),
        )
    for key, why in _conflicts(spec):
        found.add((*path, _KEY), f"{why}; leave one of both out", (*path, _KEY), (*path, key))


def _conflicts(spec: MappingSpec) -> Iterable[tuple[str, str]]:
    """Yield the keys beside which partial updates would not keep an item equal to its row."""
    if spec.when is not None:
        why = "a row that comes to meet 'when' has no item yet that could be changed in part"
        yield "when", why
    if spec.full_before_images:
        yield "full_before_images", "beside full row images nothing is left out"
    if spec.parent_id is not None:
        yield "parent_id", "an item's parent cannot be changed in part, and a row can change it"
    if spec.file_extension is not None and spec.file_extension.column is not None:
        why = "an item's file extension cannot be changed in part, and a row can change it"
        yield "file_extension", why
