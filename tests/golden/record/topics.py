"""What Kafka holds of a scenario: ends, records, and when no more will come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from demo.record.capture import Ends, Log, Record

_TIMEOUT_SECONDS: Final = 60
_PAUSE_SECONDS: Final = 0.05
_SETTLE_SECONDS: Final = 0.4


class Topics:
    """The topics of one scenario: those with its prefix, and those that it names."""

    def __init__(self, bootstrap_servers: str, prefix: str, named: Iterable[str]) -> None:
        """Connect."""
        self._log = Log(bootstrap_servers)
        self._admin = AdminClient({"bootstrap.servers": bootstrap_servers})
        self._producer = Producer({"bootstrap.servers": bootstrap_servers})
        self._prefix = prefix
        self._named = frozenset(named)

    def names(self) -> list[str]:
        """Return the topics that there are now."""
        known = self._admin.list_topics(timeout=10).topics
        return [name for name in known if self._is_own(name)]

    def ends(self) -> Ends:
        """Return the end of each partition."""
        return self._log.ends(self.names())

    def settled(self) -> Ends:
        """Return the ends once they have not moved for a while, heartbeats aside."""
        ends, since = self.ends(), time.monotonic()
        deadline = since + _TIMEOUT_SECONDS
        while time.monotonic() - since < _SETTLE_SECONDS:
            time.sleep(_PAUSE_SECONDS)
            now = self.ends()
            if _rows(now) != _rows(ends):
                since = time.monotonic()
            ends = now
            if time.monotonic() > deadline:
                raise TimeoutError("records come without end")
        return ends

    def wait(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait until something is so. Raises TimeoutError."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(what)
            time.sleep(_PAUSE_SECONDS)

    def count(self, topic: str, since: Mapping[tuple[str, int], int]) -> int:
        """Return how many records a topic has got since then."""
        return sum(end - since.get(at, 0) for at, end in self._log.ends([topic]).items())

    def read(self, topics: Iterable[str], since: Mapping[tuple[str, int], int]) -> list[Record]:
        """Return the records of some topics since then."""
        return self._log.read(topics, since)

    def signal(self, topic: str, document: Mapping[str, Any]) -> None:
        """Send a connector a signal through Kafka."""
        self._producer.produce(topic, key=self._prefix, value=json.dumps(document))
        self._producer.flush(_TIMEOUT_SECONDS)

    def create(self, names: Iterable[str]) -> None:
        """Make topics of one partition."""
        wanted = [NewTopic(name, num_partitions=1, replication_factor=1) for name in names]
        for future in self._admin.create_topics(wanted).values() if wanted else ():
            future.result()

    def delete(self) -> None:
        """Delete them all and wait until they are gone."""
        names = self.names()
        if names:
            for future in self._admin.delete_topics(names).values():
                future.result()
            self.wait("topics remain", lambda: not self.names())

    def close(self) -> None:
        """Disconnect."""
        self._log.close()

    def _is_own(self, name: str) -> bool:
        own = name == self._prefix or name.startswith(f"{self._prefix}.")
        return own or name in self._named or name == f"__debezium-heartbeat.{self._prefix}"


def _rows(ends: Ends) -> Ends:
    return {at: end for at, end in ends.items() if not at[0].startswith("__")}
