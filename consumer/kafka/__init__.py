"""The Kafka edge and the schema registry: with these, the only importers of `confluent_kafka`."""

from __future__ import annotations

import confluent_kafka


def client_version() -> str:
    """Return librdkafka's version."""
    return confluent_kafka.libversion()[0]
