"""What Connect's JsonConverter writes for what its AvroConverter writes: schemas and values."""

from __future__ import annotations

import base64
import math
from decimal import Decimal
from typing import Any

from consumer.domain.formats import DECIMAL

_KINDS = {"int": "int32", "long": "int64"}
Json = dict[str, Any]


def connect_schema(avro: Any) -> Json:  # noqa: PLR0911 - one case per kind
    """Return the schema of an Avro type in Connect's JSON."""
    match avro:
        case ["null", inner] | [inner, "null"]:
            return {**connect_schema(inner), "optional": True}
        case str():
            return {"type": _KINDS.get(avro, avro), "optional": False}
        case {"type": "record", "fields": fields}:
            made = {"type": "struct", "fields": [_field(each) for each in fields]}
            return made | _traits(avro)
        case {"type": "array", "items": {"name": "io.confluent.connect.avro.MapEntry"} as entry}:
            key, value = (connect_schema(each["type"]) for each in entry["fields"])
            return {"type": "map", "keys": key, "values": value, "optional": False}
        case {"type": "array", "items": items}:
            return {"type": "array", "items": connect_schema(items)} | _traits(avro)
        case {"type": "map", "values": values}:
            keys = {"type": "string", "optional": False}
            return {"type": "map", "keys": keys, "values": connect_schema(values)} | _traits(avro)
        case {"type": kind}:
            made = {"type": avro.get("connect.type", _KINDS.get(kind, kind))}
            return made | _traits(avro)
        case _:
            raise AssertionError(avro)


def _field(avro: Json) -> Json:
    made = {**connect_schema(avro["type"]), "field": avro["name"]}
    if avro.get("default") is not None:
        made["default"] = json_value(avro["type"], avro["default"])
    return made


def _traits(avro: Json) -> Json:
    traits: Json = {"optional": False}
    if "connect.name" in avro:
        traits["name"] = avro["connect.name"]
    elif avro.get("logicalType") == "decimal":
        traits["name"] = DECIMAL
    names = {"scale": "scale", "precision": "connect.decimal.precision"}
    if parameters := {names[each]: str(avro[each]) for each in names if each in avro}:
        traits["parameters"] = parameters
    return traits


def json_value(avro: Any, raw: Any, *, numeric: bool = False) -> Any:  # noqa: PLR0911 - one case per kind
    """Return a value in JSON; with `numeric`, decimals are numbers."""
    match avro, raw:
        case _, None:
            return None
        case ["null", inner] | [inner, "null"], _:
            return json_value(inner, raw, numeric=numeric)
        case {"type": "record", "fields": fields}, dict():
            return {
                each["name"]: json_value(each["type"], raw.get(each["name"]), numeric=numeric)
                for each in fields
            }
        case {"type": "array", "items": {"name": "io.confluent.connect.avro.MapEntry"} as entry}, _:
            pairs = (json_value(entry, each, numeric=numeric) for each in raw)
            return [[each["key"], each["value"]] for each in pairs]
        case {"type": "array", "items": items}, list():
            return [json_value(items, each, numeric=numeric) for each in raw]
        case {"type": "map", "values": values}, dict():
            return {key: json_value(values, each, numeric=numeric) for key, each in raw.items()}
        case {"type": "bytes", "scale": scale}, bytes() if numeric:
            return Decimal(f"{int.from_bytes(raw, 'big', signed=True)}E{-scale}")
        case _, bytes():
            return base64.b64encode(raw).decode()
        case _, float() if not math.isfinite(raw):
            return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(raw, "NaN")
        case _:
            return raw
