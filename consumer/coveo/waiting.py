"""How long to wait before the next attempt. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from consumer.coveo.service_time import moment_of

_SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_MAX_DOUBLINGS: Final = 32
"""Beyond any cap; keeps the power of two a float whatever the number of attempts."""


def retry_after_seconds(headers: Mapping[str, str], longest: float) -> float | None:
    """Return the wait that an answer asks for, at most `longest`; `None` if it asks for none.

    Seconds or a date (RFC 9110 §10.2.3). A date is compared with the answer's own `Date`, so the
    local clock does not matter; without that header, or when either is garbled, it says nothing.
    """
    text = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), longest)
    until, now = moment_of(text), moment_of(headers.get("date", ""))
    if until is None or now is None:
        return None
    return min(max(0.0, (until - now).total_seconds()), longest)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with full jitter: anywhere between nothing and the doubled step.

    Full jitter, because members that fail together must not come back together. `random` gives
    numbers in [0, 1). Coveo's own clients start at 5 s and double; two minutes is enough against
    a service that recovers, and Retry-After says when it is not.
    """

    random: Callable[[], float]
    base_seconds: float = 5.0
    cap_seconds: float = 120.0

    def delay_seconds(self, attempt: int, retry_after_seconds: float | None = None) -> float:
        """Return the wait after `attempt` failures in a row.

        A wait that the service asked for is never cut short, only spread by up to one step.
        """
        if retry_after_seconds is not None:
            return retry_after_seconds + self.random() * self.base_seconds
        doublings = min(max(attempt, 1) - 1, _MAX_DOUBLINGS)
        return self.random() * min(self.cap_seconds, self.base_seconds * 2.0**doublings)
