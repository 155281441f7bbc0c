"""Typed settings → librdkafka's dictionary; what would be unsafe is refused with its reason.

May import the domain. Names and defaults of librdkafka's settings: its `CONFIGURATION.md`, 2.16.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from consumer.domain.errors import ConfigError
from consumer.domain.problems import Path, Problem
from consumer.kafka.options import Option, flaw
from consumer.kafka.refused import (
    CALLBACK_REASON,
    CALLBACKS,
    KIP_848_REASON,
    NOT_WITH_KIP_848,
    ONLY_WITH_KIP_848,
    REFUSED,
)
from consumer.kafka.starts import Start


class GroupProtocol(StrEnum):
    """How the members of the group share the partitions."""

    CLASSIC = "classic"
    CONSUMER = "consumer"
    """KIP-848: the broker assigns; needs Kafka 4.0."""


_MIB: Final = 1024 * 1024

DEFAULTS: Final[Mapping[str, Option]] = {
    # After the queue bound is hit librdkafka waits 1 s by default before it fetches again.
    "fetch.queue.backoff.ms": 10,
    # The bound is checked before a fetch and can be overshot by one response per broker: smaller
    # than librdkafka's 64 MiB and 50 MiB, so that a pod's memory can be reckoned.
    "queued.max.messages.kbytes": 16_384,
    "fetch.max.bytes": 8 * _MIB,
    # Rows of an aborted transaction were never committed by their producer.
    "isolation.level": "read_committed",
    # Fresh enough for a scrape every 15 to 60 s. At 1,000 partitions a report is 1 MB of JSON and
    # takes some 4 ms to read, within a turn (measured).
    "statistics.interval.ms": 10_000,
    # A new table's topic is found within this time; librdkafka's default is five minutes.
    "topic.metadata.refresh.interval.ms": 30_000,
    # A topic name with a typing error must not create that topic.
    "allow.auto.create.topics": False,
    "client.id": "coveo-cdc",
    "socket.keepalive.enable": True,
}
"""What we set where the operator does not."""

OURS: Final[Mapping[str, Option]] = {
    # Offsets are committed explicitly, behind fates (INV-1): never by the client on its own.
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    # Reading starts where we say; an offset outside the log must never become a silent jump.
    "auto.offset.reset": "error",
    # How else to know that offsets missing before the end of a log will never be records.
    "enable.partition.eof": True,
}
"""What nobody may change."""

_SESSION_TIMEOUT_MS: Final = 45_000
"""librdkafka's default `session.timeout.ms`."""

_CONNECTION_PREFIXES: Final = (
    "security.", "sasl.", "ssl.", "https.", "socket.", "broker.", "client.", "metadata.",
    "reconnect.", "retry.", "connections.", "enable.ssl", "enable.sasl", "enable.random",
    "topic.metadata", "message.max", "receive.message", "debug", "log", "resolve.",
)  # fmt: skip
"""Settings that say how to reach the cluster: a producer needs them as well."""


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """How to reach the cluster and be a member of the group.

    `start` holds for topics on which this group has never committed. `options` are passed through
    to librdkafka; they may hold secrets, so they are not part of the repr.
    """

    bootstrap_servers: str
    group_id: str
    group_protocol: GroupProtocol = GroupProtocol.CLASSIC
    start: Start = Start.EARLIEST
    max_poll_interval_ms: int = 300_000
    options: Mapping[str, Option] = field(default_factory=dict, repr=False)
    topic_ids: Mapping[str, str] = field(default_factory=dict)
    """Which topics are meant, by their ids; others of the same names are not read."""

    @property
    def incremental(self) -> bool:
        """Return whether partitions come and go one by one (cooperative) or all at once (eager).

        KIP-848 is always incremental. A classic group is what its assignors are; librdkafka
        refuses a list that mixes both kinds.
        """
        return "cooperative" in self._strategy or self.group_protocol is GroupProtocol.CONSUMER

    @property
    def _strategy(self) -> str:
        return str(self.options.get("partition.assignment.strategy", "cooperative-sticky"))

    def _check(self) -> None:
        found = list(problems(self))
        if found:
            raise ConfigError("\n".join(map(str, found)))

    def consumer_config(self) -> dict[str, Option]:
        """Return the consumer's dictionary. Raises ConfigError that names every problem at once."""
        self._check()
        config: dict[str, Option] = {
            **DEFAULTS,
            **self.options,
            **OURS,
            "bootstrap.servers": self.bootstrap_servers,
            "group.id": self.group_id,
            "group.protocol": self.group_protocol.value,
            "max.poll.interval.ms": self.max_poll_interval_ms,
        }
        if self.group_protocol is GroupProtocol.CLASSIC:
            config["partition.assignment.strategy"] = self._strategy
        return config

    def producer_config(self) -> dict[str, Option]:
        """Return a producer's dictionary: the cluster, nothing of the group. Raises ConfigError."""
        self._check()
        connection = {k: v for k, v in self.options.items() if k.startswith(_CONNECTION_PREFIXES)}
        return {
            "client.id": DEFAULTS["client.id"],
            **connection,
            "bootstrap.servers": self.bootstrap_servers,
        }


_SETTINGS: Final = ("kafka", "settings")
_PROTOCOL: Final = ("kafka", "group_protocol")
_SESSION: Final = "session.timeout.ms"


def problems(settings: KafkaSettings) -> Iterator[Problem]:
    """Yield every problem of `settings`: what is wrong and what to do. Connects to nothing."""
    if not settings.bootstrap_servers.strip():
        path = ("kafka", "bootstrap_servers")
        yield Problem(path, "empty; give host:port of at least one broker")
    if not settings.group_id.strip():
        yield Problem(("kafka", "group_id"), "empty; every deployment needs a group of its own")
    yield from _intervals(settings)
    for name in settings.options:
        objection = _objection(settings, name)
        if objection is not None:
            yield objection


def _intervals(settings: KafkaSettings) -> Iterator[Problem]:
    path = ("kafka", "max_poll_interval_seconds")
    if settings.group_protocol is GroupProtocol.CONSUMER:
        if settings.max_poll_interval_ms < 1:
            yield Problem(path, "must be at least 0.001", (path, _PROTOCOL))
        return
    session_ms = str(settings.options.get(_SESSION, _SESSION_TIMEOUT_MS))
    if session_ms.isdecimal() and settings.max_poll_interval_ms < int(session_ms):
        message = (
            f"{settings.max_poll_interval_ms} ms is below {_SESSION} ({session_ms}); raise the"
            " first or lower the second"
        )
        yield Problem(path, message, (path, _PROTOCOL, (*_SETTINGS, _SESSION)))


def _objection(settings: KafkaSettings, name: str) -> Problem | None:
    """Return why a setting may not be passed through, or `None`."""
    path: Path = (*_SETTINGS, name)
    refusal = _refusal(name, settings.options[name])
    if refusal is not None:
        return Problem(path, refusal)
    misplaced = _under_other_protocol(settings.group_protocol, name)
    if misplaced is not None:
        return Problem(path, misplaced, (path, _PROTOCOL))
    wrong = flaw(name, settings.options[name])
    return None if wrong is None else Problem(path, wrong)


def _refusal(name: str, value: Option) -> str | None:
    if name in CALLBACKS or name.endswith("_cb"):
        return CALLBACK_REASON
    if name == "isolation.level" and value != "read_committed":
        return "rows of aborted transactions would be pushed; only read_committed is allowed"
    return REFUSED.get(name)


def _under_other_protocol(protocol: GroupProtocol, name: str) -> str | None:
    if protocol is GroupProtocol.CONSUMER:
        return KIP_848_REASON if name in NOT_WITH_KIP_848 else None
    if name in ONLY_WITH_KIP_848:
        return "only kafka.group_protocol: consumer knows it; remove it or change the protocol"
    return None
