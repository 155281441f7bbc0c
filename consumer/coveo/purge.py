"""When something is too old to stay: boundary and delay of a purge. Pure.

Items are stamped by the service's clock. A boundary from a clock that is ahead of it would delete
what was pushed a moment ago and lock the source until the service's clock has caught up (docs/131,
docs/147); so none but the service's time makes one.
"""

from __future__ import annotations

from typing import Final, NewType

from consumer.coveo.limits import MAX_QUEUE_DELAY_MINUTES
from consumer.coveo.service_time import ServiceTime

PurgeBoundary = NewType("PurgeBoundary", int)
"""The ordering id below which items are deleted and never come back; only made here."""

QueueDelay = NewType("QueueDelay", int)
"""Minutes that a purge waits, so that what was pushed before has left the queues (docs/131)."""

MIN_MARGIN_SECONDS: Final = 2.0
"""`Date` counts whole seconds, and the gateway that writes it is not the machine that stamps."""


def purge_boundary(asked: ServiceTime, margin_seconds: float) -> PurgeBoundary:
    """Return a boundary that lies `margin_seconds` before that moment, and two seconds at least.

    Take the moment from an answer that came *before* the first push that must survive.
    """
    margin_ms = round(max(margin_seconds, MIN_MARGIN_SECONDS) * 1000)
    return PurgeBoundary(max(0, asked - margin_ms))


def queue_delay(minutes: int) -> QueueDelay:
    """Return the delay. Raises ValueError if it is none that the service takes."""
    if not 0 <= minutes <= MAX_QUEUE_DELAY_MINUTES:
        msg = f"a purge waits between 0 and {MAX_QUEUE_DELAY_MINUTES} minutes, not {minutes}"
        raise ValueError(msg)
    return QueueDelay(minutes)


DEFAULT_QUEUE_DELAY: Final = QueueDelay(15)
"""The service's own (docs/131); always said, so that a default that changes changes nothing."""
