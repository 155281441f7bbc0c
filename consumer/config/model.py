"""The configuration as it may be written: one YAML file. Imports pydantic and the mapping's models.

Only `app` imports this, at the end: every other part is given a small settings object of its own.
The sections about Kafka and Coveo are in `edges.py`, the one about the registry in `registry.py`,
those about targets in `targets.py`.
What must hold between keys is in `checks.py`, not here: a wrong key must not keep the others from
being compared.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from consumer.config.base import (
    Bytes,
    NonEmpty,
    PositiveCount,
    PositiveSeconds,
    Section,
)
from consumer.config.edges import CoveoSection, KafkaSection
from consumer.config.registry import SchemaRegistrySection
from consumer.config.targets import TargetName, TargetSection
from consumer.mapping.catalog import Destinations
from consumer.mapping.spec import MappingSpec

MAX_WINDOW_BYTES: Final = 240_000_000
"""A file container takes 256 MB (reference `push-api.md` §4.1); the margin is ours."""


class WindowsSection(Section):
    """When collected operations are sent. Whatever comes first closes a window."""

    max_operations: PositiveCount = 5_000
    """Operations in one batch."""
    max_bytes: Annotated[int, Field(ge=1_000, le=MAX_WINDOW_BYTES)] = 5_000_000
    """Bytes of one batch as it is sent."""
    linger_seconds: PositiveSeconds = 15.0
    """How long a window waits for more. A batch costs two requests: shorter than about 12 seconds
    uses up a production organization's daily quota."""


class BudgetsSection(Section):
    """What may be held in memory."""

    total_bytes: Bytes = 256_000_000
    """Bytes of records that are read and not settled yet, shared evenly by the targets. A target
    that is full pauses the topics that feed it."""


class DeadLettersSection(Section):
    """Where records go that can never be used: a folder or a topic, one of them."""

    directory: Path | None = None
    """Folder for files of dead letters."""
    topic: NonEmpty | None = None
    """Topic for dead letters, on the same cluster."""


class ServerSection(Section):
    """Where metrics, health and status are served."""

    host: NonEmpty = "0.0.0.0"  # noqa: S104 - probes and scrapers come from other machines
    """Address to listen on."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 9464
    """Port to listen on; 0 takes any free one."""


class LoggingSection(Section):
    """What is logged: JSON, one line per event."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important level that is logged."""


class ShutdownSection(Section):
    """How the program ends."""

    drain_seconds: Annotated[float, Field(ge=0, le=3_600)] = 20.0
    """How long to finish what is in flight after SIGTERM. Keep the platform's grace period above
    it."""


class DecodeSection(Section):
    """How records are read."""

    unavailable_marker: NonEmpty = "__debezium_unavailable_value"
    """Debezium's `unavailable.value.placeholder`: stands for a value that was left out. As there,
    `hex:` before an even number of hexadecimal digits gives its bytes. Debezium's own is known
    beside it."""
    max_payload_bytes: Bytes = 16 * 1024 * 1024
    """A key or value that is longer goes to the dead letters."""

    @field_validator("unavailable_marker")
    @classmethod
    def _hexadecimal(cls, marker: str) -> str:
        digits = marker.removeprefix("hex:")
        if digits != marker and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", digits) is None:
            msg = "behind 'hex:' there must be pairs of hexadecimal digits, as in the connector"
            raise ValueError(msg)
        return marker


class Settings(Section):
    """Configuration of coveo-cdc."""

    kafka: KafkaSection
    """Where change events are read from."""
    schema_registry: SchemaRegistrySection = Field(default_factory=SchemaRegistrySection)
    """Where the schemas of records come from."""
    coveo: CoveoSection
    """Where items are pushed to."""
    targets: Annotated[dict[TargetName, TargetSection], Field(min_length=1)]
    """Sources by a name of your own, which mappings, logs and metrics use."""
    mappings: Annotated[tuple[MappingSpec, ...], Field(min_length=1)]
    """How rows become items; see the mapping guide."""
    windows: WindowsSection = Field(default_factory=WindowsSection)
    """When collected operations are sent."""
    budgets: BudgetsSection = Field(default_factory=BudgetsSection)
    """What may be held in memory."""
    dead_letters: DeadLettersSection | None = None
    """Where records go that can never be used. Without it such a record holds its partition until
    somebody acts."""
    decode: DecodeSection = Field(default_factory=DecodeSection)
    """How records are read."""
    server: ServerSection = Field(default_factory=ServerSection)
    """Where metrics, health and status are served."""
    logging: LoggingSection = Field(default_factory=LoggingSection)
    """What is logged."""
    shutdown: ShutdownSection = Field(default_factory=ShutdownSection)
    """How the program ends."""
    objective_seconds: PositiveSeconds = 60.0
    """Freshness objective: how old an unsettled change may be. Alerts compare with it."""

    @property
    def destinations(self) -> Destinations:
        """Return for each target what compiling mappings needs to know."""
        return {name: target.destination for name, target in self.targets.items()}
