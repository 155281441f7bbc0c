"""What can go wrong with one step against the fake Push API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from consumer.coveo.exchange import FailureKind


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing reaches the service."""

    kind: FailureKind = FailureKind.CONNECT


@dataclass(frozen=True, slots=True)
class LoseResponse:
    """It takes effect at once, and the answer is lost."""

    kind: FailureKind = FailureKind.READ


@dataclass(frozen=True, slots=True)
class Late:
    """The client gives up, and so many seconds later the batch call takes effect."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Twice:
    """Answered as usual, and so many seconds later the batch call takes effect once more."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the service; as a fault, instead of the true one, perhaps after the effect."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    after_effect: bool = False

    @classmethod
    def error(cls, status: int, code: str, retry_after_seconds: int | None = None) -> Answer:
        """Return a refusal in the service's form."""
        body = json.dumps({"errorCode": code, "message": "made up"}).encode()
        wait = retry_after_seconds
        return cls(status, {} if wait is None else {"retry-after": str(wait)}, body)


Fault: TypeAlias = NotSent | LoseResponse | Late | Twice | Answer
