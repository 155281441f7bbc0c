"""The error of a log that is not what it was when it was read last. Pure; imports the domain."""

from __future__ import annotations

from consumer.domain.errors import ConfigError
from consumer.domain.hazards import Hazard, HazardKind


class LogChangedError(ConfigError):
    """Reading must not go on before somebody has decided: it would lose changes or repeat them.

    `about` is a topic or a partition of it.
    """

    def __init__(self, kind: HazardKind, topic: str, about: str, message: str) -> None:
        """Keep what the message is about."""
        super().__init__(message)
        self.kind = kind
        self.topic = topic
        self.about = about

    def hazard(self) -> Hazard:
        """Return the same as something to tell."""
        return Hazard(self.kind, self.topic, self.about, str(self), holds=True)
