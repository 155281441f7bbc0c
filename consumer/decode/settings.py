"""What decoding is told: framing, marker and bounds. Imports the standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DEFAULT_MARKER: Final = "__debezium_unavailable_value"
"""Debezium's `unavailable.value.placeholder` where nobody changed it."""


class Framing(StrEnum):
    """How a record names its schemas."""

    AUTO = "auto"
    """By headers if they are there, else by the first byte."""


@dataclass(frozen=True, slots=True)
class DecodeSettings:
    """Bounds hold for one key or one value; registry content and payloads are untrusted.

    `max_decoded_bytes` bounds an estimate of the memory that one payload's arrays and maps grow
    to. `max_depth` counts nested types, not JSON levels. Two caches hold `max_cached_schemas`
    entries each.
    """

    framing: Framing = Framing.AUTO
    unavailable_marker: str = DEFAULT_MARKER
    max_payload_bytes: int = 16 * 1024 * 1024
    max_decoded_bytes: int = 64 * 1024 * 1024
    max_schema_bytes: int = 2 * 1024 * 1024
    max_depth: int = 32
    max_cached_schemas: int = 1_000
