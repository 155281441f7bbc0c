"""The mirror's port and the mirror of groups that need none (design §5).

Imports the domain only.
"""

from __future__ import annotations

from typing import Protocol

from consumer.domain.events import Event
from consumer.domain.records import Position


class Mirror(Protocol):
    """Applies an event to the row last seen and returns what is then known of it."""

    def apply(self, event: Event, position: Position) -> Event:
        """Return the event completed; PoisonError if it stays incomplete."""
        ...


class NoMirror:
    """Keeps nothing: every event passes as it came. No topic, no transaction, no file."""

    def apply(self, event: Event, position: Position) -> Event:
        """Return the event unchanged."""
        del position
        return event
