"""What a source is said to be doing, as Coveo's console shows it. Imports the domain only.

It is informative: it opens and closes an activity in the console and gates nothing (docs/35).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from consumer.domain.fates import Call
from consumer.domain.operations import TargetId


class SourceStatus(StrEnum):
    """The service's own words (docs/35)."""

    REBUILD = "REBUILD"
    REFRESH = "REFRESH"
    INCREMENTAL = "INCREMENTAL"
    IDLE = "IDLE"


@dataclass(frozen=True, slots=True)
class StatusCall:
    """Something to say of the source behind a target."""

    target: TargetId
    status: SourceStatus


@dataclass(frozen=True, slots=True)
class StatusTold:
    """How saying it ended; `error` is `None` when the service took it."""

    asked: StatusCall
    call: Call | None
    error: str | None
    retry_after_seconds: float | None = None
