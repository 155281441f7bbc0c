"""The converters that a connector can write with, by the settings that choose them."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from tests.stack.places import Json
from tests.stack.stack import Endpoints


class Converter(StrEnum):
    """How keys and values are written to Kafka."""

    APICURIO = "apicurio"
    """Apicurio's Avro converter, in Confluent's wire format: the worker's default."""
    CONFLUENT = "confluent"
    """Confluent's own Avro converter."""
    JSON = "json"
    """Kafka's JSON converter, each record with its schema."""
    JSON_BARE = "json-bare"
    """The same without schemas."""


def converter_settings(converter: Converter, endpoints: Endpoints) -> Json:
    """Return the settings of a connector that writes so."""
    match converter:
        case Converter.APICURIO:
            return {}
        case Converter.CONFLUENT:
            name = "io.confluent.connect.avro.AvroConverter"
            return _both(name, {"schema.registry.url": endpoints.registry_url})
        case Converter.JSON | Converter.JSON_BARE:
            with_schemas = str(converter is Converter.JSON).lower()
            name = "org.apache.kafka.connect.json.JsonConverter"
            return _both(name, {"schemas.enable": with_schemas})
        case _:
            assert_never(converter)


def _both(name: str, options: Json) -> Json:
    """Return the settings for key and value, which Connect knows apart."""
    settings: Json = {}
    for side in ("key", "value"):
        settings[f"{side}.converter"] = name
        settings |= {f"{side}.converter.{option}": value for option, value in options.items()}
    return settings
