"""The seam between decoding and how bytes are read: what a compiled reader takes and returns.

A reader is made once for a (writer schema, column plan) and holds everything that can be known
beforehand. `reference.py` makes them with fastavro; whatever else makes them must agree with it.
Imports the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from consumer.domain.events import ControlRecord, Row, SourceInfo


class Change(NamedTuple):
    """An envelope as it was read: planned columns only, nothing interpreted."""

    op: str
    before: Row | None
    after: Row | None
    source: SourceInfo


ValueReader: TypeAlias = Callable[[bytes, int], Change | ControlRecord]
"""From a record's value and where its payload begins. Raises PoisonError."""

RowReader: TypeAlias = Callable[[bytes, int], Row]
"""From a record's key and where its payload begins. Raises PoisonError."""
