"""What decoding is told: framing, marker and bounds. Imports the domain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from consumer.domain.schemas import IdSpace

DEFAULT_MARKER: Final = "__debezium_unavailable_value"
"""Debezium's `unavailable.value.placeholder` where nobody changed it."""


class Framing(StrEnum):
    """How keys and values name their schemas (reference `debezium.md` §3.5).

    A fixed one refuses everything else: a bare payload can begin as any framing does.
    """

    AUTO = "auto"
    """By the last header that names a schema if there is one, else by the first bytes."""
    CONFLUENT = "confluent"
    """`00` + 4-byte id or `01` + GUID, in front of the payload or in Confluent's headers."""
    APICURIO_HEADERS = "apicurio-headers"
    """Apicurio's headers, before a bare payload: the default of its 2.x converters."""
    APICURIO_8_BYTE = "apicurio-8-byte"
    """`00` + 8-byte id: 2.x without headers."""
    APICURIO_4_BYTE = "apicurio-4-byte"
    """`00` + 4-byte id: the default of 3.x."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How keys and values name their schemas, and what ids in front of payloads count.

    `payload_ids` is CONTENT or GLOBAL where that is known. Otherwise Apicurio's defaults hold: 8
    bytes are a globalId (2.x), 4 bytes a contentId (3.x), which is what the Confluent-compatible
    API takes for an id.
    """

    framing: Framing = Framing.AUTO
    payload_ids: IdSpace | None = None


@dataclass(frozen=True, slots=True)
class DecodeSettings:
    """Bounds hold for one key or one value; registry content and payloads are untrusted.

    `max_decoded_bytes` bounds an estimate of the memory that one payload's arrays and maps grow
    to. `max_depth` counts nested types, not JSON levels. `max_fields` counts the fields of all
    records of a schema and of what it refers to (SQL Server's widest table has 30,000 columns),
    `max_name_characters` bounds each name in it (the longest of any database, 128 bytes, has 768
    characters when it is escaped). Two caches hold `max_cached_schemas` entries each.

    `mapped_topics` are the topics whose tables must not be taken for another's; `None` checks no
    record's name against its topic. Without a registry nothing is read as Avro.
    """

    wire: Wire = Wire()
    unavailable_marker: str = DEFAULT_MARKER
    max_payload_bytes: int = 16 * 1024 * 1024
    max_decoded_bytes: int = 64 * 1024 * 1024
    max_schema_bytes: int = 2 * 1024 * 1024
    max_depth: int = 32
    max_fields: int = 65_536
    max_name_characters: int = 4_096
    max_cached_schemas: int = 1_000
    mapped_topics: frozenset[str] | None = frozenset()
    has_registry: bool = True
