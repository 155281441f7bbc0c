"""What of Debezium the cases are examples of: the sections of reference `debezium.md`, §1 to §6.

`about.json` of a case names its sections; a document of what is supported is made from both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SECTIONS: Final[Mapping[str, str]] = {
    "1.1": "Common envelope",
    "1.2": "Operation codes by connector",
    "1.3": "Keys",
    "1.4": "Tombstones",
    "1.5": "Headers",
    "1.6": "Truncate, logical messages, heartbeats, schema changes, transactions, notifications",
    "1.7": "`source` by connector",
    "1.8": "Comparing two events of the same key",
    "2.1": "PostgreSQL replica identity",
    "2.2": "The unavailable marker",
    "3.1": "How Connect becomes Avro",
    "3.2": "Semantic types",
    "3.3": "Defaults by source type",
    "3.4": "Special and out-of-range values",
    "3.5": "Framing and ids",
    "3.6": "JSON converter",
    "4.1": "Flattened events (ExtractNewRecordState)",
    "4.2": "Other transforms",
    "5": "Snapshots, signals, notifications",
    "6": "Evolution, registry, topic life",
}

NOT_RECORDED: Final[Mapping[str, str]] = {}
"""Sections without a case, with the reason."""
