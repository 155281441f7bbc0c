"""librdkafka settings that an operator may not pass through, each with its reason. No imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_OWN_FIELD: Final = "given twice; use kafka.{field} and remove it here"

REFUSED: Final[Mapping[str, str]] = {
    "enable.auto.commit": "always off: an offset is committed only behind a fate; remove it",
    "auto.commit.enable": "always off: an offset is committed only behind a fate; remove it",
    "auto.commit.interval.ms": "automatic commits are always off; remove it",
    "enable.auto.offset.store": "always off: offsets are committed explicitly; remove it",
    "offset.store.method": "offsets are kept by the group's broker only; remove it",
    "offset.store.path": "offsets are kept by the group's broker only; remove it",
    "offset.store.sync.interval.ms": "offsets are kept by the group's broker only; remove it",
    "auto.offset.reset": "where reading starts is said by kafka.start; an offset outside the"
    " log stops the program, because a jump would lose changes silently; remove it",
    "enable.partition.eof": "it is always on: a takeover must know where a log ends; remove it",
    "group.id": _OWN_FIELD.format(field="group_id"),
    "group.protocol": _OWN_FIELD.format(field="group_protocol"),
    "bootstrap.servers": _OWN_FIELD.format(field="bootstrap_servers"),
    "metadata.broker.list": _OWN_FIELD.format(field="bootstrap_servers"),
    "max.poll.interval.ms": _OWN_FIELD.format(field="max_poll_interval_seconds"),
    "group.protocol.type": "must stay `consumer`; remove it",
    "enable.idempotence": "a producer's setting, and always on there; remove it",
    "transactional.id": "a producer's setting, and not the operator's; remove it",
    "acks": "a producer's setting, and always `all` there; remove it",
    "plugin.library.paths": "loads foreign code into the process; remove it",
    "test.mock.num.brokers": "starts a cluster of its own in place of the real one; remove it",
}

CALLBACKS: Final = frozenset({"on_commit", "on_delivery", "logger", "default.topic.config"})
CALLBACK_REASON: Final = "belongs to the program, not to the configuration; remove it"

NOT_WITH_KIP_848: Final = frozenset(
    {
        "session.timeout.ms",
        "heartbeat.interval.ms",
        "partition.assignment.strategy",
    }
)
KIP_848_REASON: Final = (
    "with kafka.group_protocol: consumer (KIP-848) the broker decides it and the client refuses it;"
    " remove it, or use kafka.group_protocol: classic"
)

ONLY_WITH_KIP_848: Final = frozenset({"group.remote.assignor"})
