"""The pipeline's contract: what it is given, and how it says no. Imports the domain only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from consumer.domain.events import SourcePosition
from consumer.domain.operations import (
    DocumentId,
    EncodedOperation,
    SkipReason,
    TargetId,
)
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaRef


class Wait(StrEnum):
    """Why a partition holds its records back; a closed set, shown on `/status`."""

    BUDGET = "budget"
    SCHEMA = "schema"
    OPENING = "opening"
    """Its commit does not say yet that we are at work on it."""
    LATE_EFFECTS = "late_effects"
    """Its last owner did not leave cleanly: its requests may still take effect."""
    MAPPING = "mapping"
    """The mapping does not fit what arrives; someone must act."""
    DEAD_LETTER = "dead_letter"
    """A record can neither be used nor set aside; someone must act."""


class Rejected(Exception):  # noqa: N818 - a refusal to take, not an error
    """Back-pressure: nothing was taken, the same record must be offered again."""

    def __init__(self, wait: Wait, detail: str) -> None:
        """Keep the kind of wait and what it waits for, without data."""
        super().__init__(detail)
        self.wait = wait
        self.detail = detail


SNAPSHOT_READ: Final = "read"
"""The event of a row that a snapshot read: nothing happened to it just then."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What a record means: operations (perhaps none, then `skip` says why), encoded and checked."""

    operations: tuple[EncodedOperation, ...] = ()
    skip: SkipReason | None = None
    source_ts_ms: int | None = None
    event: str = "control"
    """Label of `cdc_events_total`: create, update, delete, read, truncate, tombstone, heartbeat…"""
    source_position: SourcePosition | None = None
    """Where a streamed change lies in its source's log; tells what comes again."""


class Translator(Protocol):
    """Stations 4 to 6 in one call: record → operations. Pure: no I/O, no clock."""

    def targets(self, topic: str) -> tuple[TargetId, ...]:
        """Return the targets that this topic can feed; known before anything is decoded."""
        ...

    def missing_schemas(self, record: Record) -> Sequence[SchemaRef]:
        """Return the schemas that must be fetched before this record can be translated."""
        ...

    def translate(self, record: Record) -> Translation:
        """Translate. Raises PoisonError (this record) or ConfigError (the mapping misfits)."""
        ...

    def safe_deletes(self, record: Record) -> tuple[EncodedOperation, ...]:
        """Return deletes of the items on *secured* targets that a poisoned record is about.

        On a secured source poison is not neutral: the object behind it may have been narrowed.
        Raises PoisonError when neither key nor row names the item. Empty if no secured target is
        fed.
        """
        ...

    def delete(self, target: TargetId, document_id: DocumentId) -> EncodedOperation:
        """Return the delete of one item: the stand-in of a refused operation if secured."""
        ...
