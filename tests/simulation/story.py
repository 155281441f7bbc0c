"""What happened, kept as cheap tuples and told in words only when something went wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

_KEPT = 60_000


class Entry(NamedTuple):
    """One event: at which step and time, what it is about, who did what."""

    step: int
    at: float
    about: str
    who: str
    what: str
    details: tuple[object, ...]

    def __str__(self) -> str:
        """Return one line."""
        details = " ".join(str(each) for each in self.details)
        return (
            f"{self.step:>9} {self.at:>10.3f}  {self.who:<6} {self.about:<12} {self.what} {details}"
        )


class Violation(Exception):  # noqa: N818 - what the simulation looks for, not an error of its own
    """A promise was broken. `about` are the partitions and documents concerned."""

    def __init__(self, promise: str, message: str, *about: str) -> None:
        """Keep which promise, how, and about what."""
        super().__init__(f"{promise}: {message}")
        self.promise = promise
        self.about = about


class Story:
    """The last events, in order."""

    def __init__(self) -> None:
        """Start with nothing to tell."""
        self.step = 0
        self.now = 0.0
        self._entries: deque[Entry] = deque(maxlen=_KEPT)

    def tell(self, about: str, who: str, what: str, *details: object) -> None:
        """Keep one event. `details` must not change later: they are shown as they are then."""
        self._entries.append(Entry(self.step, self.now, about, who, what, details))

    def about(self, subjects: Iterable[str], lines: int) -> list[str]:
        """Return the last events about these subjects or about everybody, one line each."""
        wanted = {"all", *subjects}
        found = [str(entry) for entry in self._entries if entry.about in wanted]
        return found[-lines:]
