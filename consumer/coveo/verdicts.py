"""What an answer can mean for an attempt. Imports the domain only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from consumer.coveo.exchange import FileContainer


class Reason(StrEnum):
    """Why an attempt did not succeed: the label-safe word of its outcome, a closed set."""

    THROTTLED = "throttled"
    DAILY_QUOTA = "daily_quota"
    UNAVAILABLE = "unavailable"
    NETWORK = "network"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    UPLOAD_REFUSED = "upload_refused"
    FILE_UNKNOWN = "file_unknown"
    UNEXPECTED_ANSWER = "unexpected_answer"
    INVALID_BATCH = "invalid_batch"
    TOO_LARGE = "too_large"
    CREDENTIALS = "credentials"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    ORGANIZATION_PAUSED = "organization_paused"
    SOURCE_DOES_NOT_EXIST = "source_does_not_exist"
    ITEM_LIMIT = "item_limit"
    REQUEST_REFUSED = "request_refused"


@dataclass(frozen=True, slots=True)
class Opened:
    """The container is there."""

    container: FileContainer


@dataclass(frozen=True, slots=True)
class Stored:
    """The body is in its container."""


@dataclass(frozen=True, slots=True)
class Accept:
    """The call that makes Coveo act was accepted."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The whole attempt again, later. `ambiguous`: this one may have taken effect, or may yet."""

    reason: Reason
    message: str
    retry_after_seconds: float | None
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """The body is refused as a whole: in halves it may pass."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Block:
    """Somebody must act; until then, asking now and then is all there is to do."""

    reason: Reason
    message: str


Setback: TypeAlias = Retry | Refuse | Block
Verdict: TypeAlias = Opened | Stored | Accept | Setback
