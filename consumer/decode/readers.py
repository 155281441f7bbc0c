"""The seam between decoding and how bytes are read: what a compiled reader takes and returns.

A reader is made once for a (writer schema, column plan) and holds everything that can be known
beforehand. `reference.py` makes them with fastavro; whatever else makes them must agree with it.
Imports the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from consumer.domain.events import ControlRecord, Doubt, Row, SourceInfo


class Doubts(NamedTuple):
    """What may be doubtful in a new row; some of it only in an event that may leave values out."""

    always: tuple[Doubt, ...] = ()
    if_updated: tuple[Doubt, ...] = ()
    if_bare: tuple[Doubt, ...] = ()
    """Only in an update that comes without the old row."""


class Change(NamedTuple):
    """An envelope as it was read: planned columns only, nothing interpreted.

    `has_before` says whether there was an old row, also where the plan does not ask for it.
    """

    op: str
    before: Row | None
    after: Row | None
    source: SourceInfo
    has_before: bool = False
    doubts: Doubts = Doubts()


Meaning: TypeAlias = Change | ControlRecord | None
"""What a value says; None: there is no row any more, as a tombstone says it."""

ValueReader: TypeAlias = Callable[[bytes, int], Meaning]
"""From a record's value and where its payload begins. Raises PoisonError."""

RowReader: TypeAlias = Callable[[bytes, int], Row]
"""From a record's key and where its payload begins. Raises PoisonError."""
