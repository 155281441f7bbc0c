"""The one error tree. Its first level says what to do next.

    CdcError
    ├── ConfigError      someone must change a setting, a mapping or a right; exit 2 at start,
    │                    at run time what depends on it waits, visibly, and goes on when mended
    ├── RetryableError   the other side's fault or a passing one: the same thing again, later
    ├── PoisonError      this record alone: to the dead letters, the next record goes on
    └── FatalError       our own fault or a broken invariant: stop, exit non-zero, commit nothing

Edges translate foreign exceptions into these in one function each. Imports the standard library.
"""

from __future__ import annotations


class CdcError(Exception):
    """Root of the tree; never raised itself.

    A message can quote names out of untrusted schemas; what no encoding has is escaped in it, so
    that it can be logged, shown and sent whatever it quotes.
    """

    def __init__(self, message: str) -> None:
        """Keep the message."""
        super().__init__(message.encode("utf-8", "backslashreplace").decode())


class ConfigError(CdcError):
    """Something an operator must change. The message says what, where and what to do."""


class RetryableError(CdcError):
    """Trying again later can help; `retry_after_seconds` when the other side named a time."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        """Keep the message and the wait that the other side asked for, if it did."""
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class PoisonError(CdcError):
    """One record cannot be used. `reason` is a closed, label-safe word; the message has no data."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep the label-safe reason and a message that holds no column value."""
        super().__init__(message)
        self.reason = reason


class FatalError(CdcError):
    """An invariant is broken or the client is beyond repair: stop before anything is committed."""
