"""What came of identity operations. Imports: identitybodies, operations for types.

The Source Logs API tells of sources only and Coveo keeps nothing else (docs.coveo.com/en/68), so
this log is the emulator's own.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.identitybodies import IdentityAction
    from emulator.operations import Result


@dataclass(frozen=True, slots=True)
class IdentityLogEntry:
    """The end of one operation on one identity, or on a batch file or a provider if unnamed."""

    number: int
    provider: str
    name: str | None
    kind: str | None
    action: IdentityAction
    result: Result
    reason: str | None
    detail: str | None
    received_ms: int
    processed_ms: int
    ordering_id: int
    request: int


class IdentityLog:
    """The newest entries, numbered from 1."""

    __slots__ = ("entries", "last_number")

    def __init__(self, bound: int) -> None:
        """Start empty."""
        self.entries: deque[IdentityLogEntry] = deque(maxlen=bound)
        self.last_number = 0

    def next_number(self) -> int:
        """Return the number of the next entry."""
        self.last_number += 1
        return self.last_number
