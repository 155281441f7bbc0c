"""coveo-cdc: Debezium change events from Kafka, pushed to Coveo's index."""

from __future__ import annotations

__version__ = "0.1.0"
