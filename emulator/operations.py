"""What the pipeline has to do, as values. Imports: stdlib; items and rejections for types."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.containers import Absence
    from emulator.items import Draft
    from emulator.rejections import Reason


class Kind(StrEnum):
    """The operation names of Coveo's Source Logs API."""

    ADD = "ADD"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    DELETE_AND_CHILDREN = "DELETE_AND_CHILDREN"
    DELETE_OLDER_THAN = "DELETE_OLDER_THAN"
    BATCH_FILE = "BATCH_FILE"


class Task(StrEnum):
    """The stages of the Source Logs API that the emulator has."""

    STREAMING = "STREAMING"
    STREAMING_BATCH = "STREAMING_BATCH"
    CONSUMING = "CONSUMING"
    CONSUMING_BATCH = "CONSUMING_BATCH"
    PROCESSING = "PROCESSING"
    INDEXING = "INDEXING"


class Result(StrEnum):
    """The results of the Source Logs API that the emulator gives."""

    COMPLETED = "COMPLETED"
    REJECTED = "REJECTED"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Receipt:
    """When and as what an operation was accepted; one for all entries of a batch.

    `late` means that the ordering id is replaced by one of the moment of processing.
    """

    received_ms: int
    ordering_id: int
    request: int
    late: bool = False

    def stamped_late(self) -> Receipt:
        """Return the same receipt, to be given its ordering id when it is processed."""
        return replace(self, late=True)


@dataclass(frozen=True, slots=True)
class Upsert:
    """Put one item into the index, replacing what is there."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove one item and, if asked, every item below its id."""

    document_id: str
    with_children: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry of a batch that came to nothing before it reached the index."""

    document_id: str | None
    kind: Kind
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Change:
    """Change some keys of an item that is there; `apply` gets and returns its body.

    It raises BadItemError if the change does not fit. With `create`, an absent item starts empty.
    """

    document_id: str
    apply: Callable[[dict[str, Any]], dict[str, Any]]
    create: bool = False


Step = Upsert | Delete | Refused | Change


@dataclass(frozen=True, slots=True)
class DeleteOlderThan:
    """Remove every item with a lower ordering id, and let none in from then on."""


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A batch body as uploaded, or why there is none."""

    file_id: str
    content: bytes | Absence


@dataclass(frozen=True, slots=True)
class StreamUpdate:
    """A file of the Stream API: items, deletions and partial updates, or items to merge."""

    file_id: str
    content: bytes | Absence
    merge: bool = False


@dataclass(frozen=True, slots=True)
class StreamLoad:
    """The files of a stream that was closed: a source's whole new content."""

    stream_id: str
    files: tuple[tuple[str, bytes], ...]


Operation = Upsert | Delete | DeleteOlderThan | BatchFile | StreamUpdate | StreamLoad


@dataclass(frozen=True, slots=True)
class Queued:
    """An accepted operation in the pipeline; `target` is the id of its source or provider."""

    target: str
    receipt: Receipt
    operation: Any
    apply: Callable[[int], object]

    def __call__(self, now_ms: int) -> object:
        """Bring it to its end."""
        return self.apply(now_ms)
