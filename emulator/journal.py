"""What came of operations: log, counters, violations. Imports: operations, settings for types.

Everything is bounded by `Retention`; counters are not, they are numbers.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.operations import Result

if TYPE_CHECKING:
    from emulator.operations import Kind, Task
    from emulator.settings import Retention


@dataclass(frozen=True, slots=True)
class LogEntry:
    """The end of one operation on one document id, or on a batch file if it has none.

    `file_id` is the batch that brought it, None for a single call.
    """

    number: int
    source: str
    document_id: str | None
    kind: Kind
    task: Task
    result: Result
    reason: str | None
    detail: str | None
    received_ms: int
    processed_ms: int
    ordering_id: int
    request: int
    file_id: str | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """Use of something Coveo leaves undefined."""

    kind: str
    source: str
    document_id: str
    request: int


class Journal:
    """The emulator's memory of operations. It expects the world's lock to be held."""

    __slots__ = (
        "duplicates",
        "items_deleted",
        "items_upserted",
        "last_number",
        "log",
        "rejected",
        "violation_count",
        "violations",
    )

    def __init__(self, retention: Retention) -> None:
        """Start empty."""
        self.log: deque[LogEntry] = deque(maxlen=retention.log_entries)
        self.violations: deque[Violation] = deque(maxlen=retention.violations)
        self.violation_count = 0
        self.rejected: Counter[str] = Counter()
        self.items_upserted = 0
        self.items_deleted = 0
        self.duplicates = 0
        self.last_number = 0

    def next_number(self) -> int:
        """Return the number of the next log entry, from 1."""
        self.last_number += 1
        return self.last_number

    def add_entry(self, entry: LogEntry) -> None:
        """Keep an operation's end and count it if it failed."""
        self.log.append(entry)
        if entry.result is not Result.COMPLETED:
            self.rejected[str(entry.reason or entry.result)] += 1

    def add_violation(self, violation: Violation) -> None:
        """Count a violation; the list keeps the newest."""
        self.violation_count += 1
        self.violations.append(violation)
