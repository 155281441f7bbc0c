"""How a record ends, and how a push attempt ended. Imports the standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from consumer.domain.operations import DocumentId, OperationKind, SourceKind, TargetId
from consumer.domain.records import Offset, Record, TopicPartition


class Fate(StrEnum):
    """Every tracked record ends in exactly one of these."""

    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"
    SKIPPED = "skipped"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record kept aside, byte for byte, with the reason. `letter_id` names it to its sender."""

    letter_id: int
    record: Record
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class BatchOperation:
    """One operation of a batch with its owner: the partition and the epoch it was read in."""

    document_id: DocumentId
    kind: OperationKind
    payload: bytes
    tp: TopicPartition
    epoch: int
    content: bytes | None = field(default=None, repr=False)
    """What is uploaded by itself for it, before the batch; see `EncodedOperation`."""
    children: bool = False
    """Whether a delete takes everything below its id along; the payload says it, too."""


class OffsetRange(NamedTuple):
    """First and last offset of a partition among the records that a batch answers for."""

    tp: TopicPartition
    first: Offset
    last: Offset


@dataclass(frozen=True, slots=True)
class Batch:
    """What a worker gets: operations with distinct ids for one target. `attempt` counts from 1."""

    batch_id: int
    target: TargetId
    operations: tuple[BatchOperation, ...]
    attempt: int
    ranges: tuple[OffsetRange, ...] = ()
    of_snapshot: bool = False
    """Whether a snapshot read one of its records: then a source is being filled anew."""
    source_kind: SourceKind = SourceKind.PUSH
    single_call: bool = False
    """Its only operation goes by the call for one item: no container, one request."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP exchange, in the terms Coveo's support asks for; nothing in it is data.

    `at_ms` is when it began by our clock, `service_date` what the other side's clock said when it
    answered: its time of receipt, from which it makes ordering ids.
    """

    endpoint: str
    code: int | None
    seconds: float
    sent_bytes: int
    request_id: str | None = None
    error_code: str | None = None
    method: str | None = None
    path: str | None = None
    at_ms: int | None = None
    service_date: str | None = None
    file_id: str | None = None
    ordering_id: int | None = None
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What every outcome reports about the attempt behind it."""

    calls: tuple[Call, ...] = ()
    body_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Accepted:
    """202 to the call that makes Coveo act. `cut`: indexes of operations left out (INV-3)."""

    batch_id: int
    attempt: Attempt
    cut: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class RetryLater:
    """The target's fault. `ambiguous`: the request may have taken effect, or may yet do so."""

    batch_id: int
    attempt: Attempt
    reason: str
    message: str
    retry_after_seconds: float | None = None
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The service refused the body as a whole (400, 413): split it, or set its record aside."""

    batch_id: int
    attempt: Attempt
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The configuration's fault (401, 403, 404, 412): wait visibly, try again now and then."""

    batch_id: int
    attempt: Attempt
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Every operation belonged to lost partitions: nothing was sent."""

    batch_id: int
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Broken:
    """Our own fault: an exception nobody expected. The loop stops on it."""

    batch_id: int
    attempt: Attempt
    message: str


Outcome: TypeAlias = Accepted | RetryLater | Refused | Blocked | Abandoned | Broken
