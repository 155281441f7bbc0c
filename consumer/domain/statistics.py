"""What the Kafka client says of itself, as plain numbers. Imports the standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class BrokerState(StrEnum):
    """How our connection to a broker stands."""

    UP = "up"
    DOWN = "down"
    CONNECTING = "connecting"
    IDLE = "idle"
    """Nothing was wanted of it so far, so there is no connection."""


@dataclass(frozen=True, slots=True)
class ClientReport:
    """One report of the client. It comes through `poll` only: a loop that is stuck gets none."""

    at_monotonic: float
    brokers: Mapping[BrokerState, int]
    """How many of the cluster's brokers are in each state."""
    rtt_seconds: Mapping[str, float]
    """99th percentile of the answers since the report before, by node id; none without answers."""
    partitions: Mapping[str, int]
    """How many partitions each topic known to the client has, whoever owns them."""


@dataclass(frozen=True, slots=True)
class ClientStatistics:
    """The last report, and what is counted since the start."""

    report: ClientReport | None = None
    throttled_seconds: float = 0.0
    """For how long brokers held requests of ours back, all brokers added up."""
    errors: Mapping[str, int] = field(default_factory=dict)
    """Troubles of the client and of what it reads, by code."""
