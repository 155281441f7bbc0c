"""What the client says is wrong, until it is over. May import `confluent_kafka`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from confluent_kafka import KafkaError

from consumer.domain.errors import FatalError
from consumer.kafka.errors import translate

CLIENT: Final = "client"
"""What a trouble is about that concerns neither a topic nor a partition."""

_CLIENT_SECONDS: Final = 90.0
"""A trouble of the client is not called off; while it lasts, librdkafka repeats it every 30 s."""


class Troubles:
    """The last trouble of each topic, and of the client."""

    def __init__(self) -> None:
        """Begin without any."""
        self._texts: dict[str, str] = {}
        self._client_noted_at = 0.0

    def note(self, error: KafkaError, about: str, now: float) -> FatalError | None:
        """Keep what is wrong with `about`; return what nobody can go on after."""
        match translate(error, about):
            case None:
                pass
            case FatalError() as fatal:
                return fatal
            case other:
                self._texts[about] = str(other)
                if about == CLIENT:
                    self._client_noted_at = now
        return None

    def over(self, *about: str) -> None:
        """Forget the troubles of these."""
        for each in about:
            self._texts.pop(each, None)

    def current(self, now: float) -> Mapping[str, str]:
        """Return what is wrong now."""
        if now - self._client_noted_at > _CLIENT_SECONDS:
            self.over(CLIENT)
        return self._texts
