"""Writer schemas as a registry gave them. Imports the standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Protocol

SchemaRef = NewType("SchemaRef", str)
"""Names a schema as the wire does: `id/7` (4 bytes) or `guid/<32 hex digits>`."""


class Denial(StrEnum):
    """What the registry says of a schema that stood in for its own; somebody must act on each."""

    REPLACED = "replaced"
    """The registry has another one under its name."""
    WITHDRAWN = "withdrawn"
    """The registry has none."""


@dataclass(frozen=True, slots=True)
class WriterSchema:
    """The schema a payload was written with; its text is untrusted.

    `references` are (name, text) pairs in the order in which they must be parsed.
    """

    ref: SchemaRef
    schema_type: str
    text: str
    references: tuple[tuple[str, str], ...] = ()


class SchemaLookup(Protocol):
    """Schemas at hand, without any I/O."""

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return the schema if it is in memory. Raises PoisonError if it can never be used."""
        ...
