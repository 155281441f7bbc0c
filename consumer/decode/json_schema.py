"""Kafka Connect's schema in JSON → the tree that a writer schema in Avro becomes.

JsonConverter writes it into every key and value (reference `debezium.md` §3.6). It is untrusted,
as everything else in a record: bounds as for Avro. Imports the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from consumer.decode import bounds
from consumer.decode.avro_types import (
    Array,
    AvroType,
    Map,
    Primitive,
    Size,
    Struct,
    Traits,
    Union,
    as_written,
)
from consumer.decode.bounds import UnfitSchemaError
from consumer.decode.json_values import MisfitError, Takers
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.settings import DecodeSettings
from consumer.domain.schemas import SchemaRef

_Schema: TypeAlias = dict[str, Any]

_KINDS: Final[Mapping[str, str]] = {
    "boolean": "boolean",
    "int8": "int",
    "int16": "int",
    "int32": "int",
    "int64": "long",
    "float": "float",
    "double": "double",
    "bytes": "bytes",
    "string": "string",
}
"""Connect's types and the encodings that an Avro converter gives them (reference §3.1)."""

_NARROW: Final = frozenset({"int8", "int16"})
_MAP_ENTRY: Final = "io.confluent.connect.avro.MapEntry"
_NULL: Final = Primitive("null", bounds.of_primitive("null"), Traits())


def is_schema(raw: Any) -> bool:
    """Return whether this looks like a schema of Connect, and not like somebody's data."""
    match raw:
        case {"type": str() as kind}:
            return kind in _KINDS or kind in {"array", "map", "struct"}
        case _:
            return False


def parse(schema: Any, ref: SchemaRef, settings: DecodeSettings) -> AvroType:
    """Return the tree of a schema. Raises PoisonError: no schema, or beyond a bound."""
    try:
        return _Builder(settings).build(schema, 0)
    except UnfitSchemaError as unfit:
        message = f"schema {ref} cannot be used: {unfit}"
        raise poison(PoisonReason.BAD_SCHEMA, message) from None


class _Builder:
    """Builds the tree of one schema; JSON writes every struct out where it is used."""

    def __init__(self, settings: DecodeSettings) -> None:
        self._settings = settings
        self._names = bounds.NameBounds(settings.max_fields, settings.max_name_characters)
        self._takers = Takers()

    def build(self, raw: Any, level: int) -> AvroType:
        if not isinstance(raw, dict):
            message = "a type that is no object"
            raise UnfitSchemaError(message)
        if level > self._settings.max_depth:
            message = f"types nested deeper than {self._settings.max_depth}"
            raise UnfitSchemaError(message)
        node = self._build(raw, level)
        if raw.get("optional") is True:
            branches = (_NULL, node)
            node = Union(branches, bounds.of_union(each.size for each in branches), Traits())
        bounds.check(node.size, self._settings.max_depth, self._settings.max_decoded_bytes)
        return node

    def _build(self, raw: _Schema, level: int) -> AvroType:
        match raw.get("type"):
            case str() as kind if kind in _KINDS:
                avro_kind = _KINDS[kind]
                return Primitive(avro_kind, bounds.of_primitive(avro_kind), _traits(raw, kind))
            case "array":
                items = self.build(raw.get("items"), level + 1)
                return Array(items, bounds.of_array(items.size), _traits(raw))
            case "map":
                return self._map(raw, level)
            case "struct":
                return self._struct(raw, level)
            case _:
                message = "a type that Connect does not have"
                raise UnfitSchemaError(message)

    def _map(self, raw: _Schema, level: int) -> AvroType:
        """Build a map: by JSON's own means where keys are text, else as Avro has to write it."""
        values = self.build(raw.get("values"), level + 1)
        match raw.get("keys"):
            case {"type": "string"}:
                return Map(values, bounds.of_map(values.size), _traits(raw))
            case keys:
                fields = {"key": self.build(keys, level + 1), "value": values}
        entry = Struct(_MAP_ENTRY, fields, _size(fields), Traits())
        return Array(entry, bounds.of_array(entry.size), _traits(raw, internal="MapEntry"))

    def _struct(self, raw: _Schema, level: int) -> Struct:
        fields: dict[str, AvroType] = {}
        defaults: dict[str, Any] = {}
        for name, schema in self._fields(raw):
            if name in fields:
                message = f"two fields {name!r:.80}"
                raise UnfitSchemaError(message)
            fields[name] = self.build(schema, level + 1)
            if schema.get("default") is not None:
                defaults[name] = self._default(fields[name], schema["default"])
        own_name = raw.get("name")
        full_name = self._bounded(own_name) if isinstance(own_name, str) else ""
        return Struct(full_name, fields, _size(fields), _traits(raw), defaults)

    def _fields(self, raw: _Schema) -> list[tuple[str, _Schema]]:
        match raw.get("fields"):
            case list() as fields:
                self._names.add_fields(len(fields))
                return [self._field(each) for each in fields]
            case _:
                message = "a struct without a list of fields"
                raise UnfitSchemaError(message)

    def _field(self, raw: Any) -> tuple[str, _Schema]:
        match raw:
            case {"field": str() as name}:
                return self._bounded(name), raw
            case _:
                message = "a field without a name"
                raise UnfitSchemaError(message)

    def _bounded(self, name: str) -> str:
        self._names.check(name)
        return name

    def _default(self, node: AvroType, default: Any) -> Any:
        """Return a default as Avro schemas write it: that is what rows are compared with."""
        try:
            return as_written(self._takers.of(node)(default))
        except MisfitError:
            message = "a default that is no value of its type"
            raise UnfitSchemaError(message) from None


def _size(fields: Mapping[str, AvroType]) -> Size:
    return bounds.of_struct(field.size for field in fields.values())


def _traits(raw: _Schema, kind: str = "", internal: str | None = None) -> Traits:
    name, parameters = raw.get("name"), raw.get("parameters")
    texts = parameters if isinstance(parameters, dict) else {}
    return Traits(
        connect_name=name if isinstance(name, str) else None,
        connect_type=kind if kind in _NARROW else None,
        internal_type=internal,
        scale=_number(texts.get("scale")),
        precision=_number(texts.get("connect.decimal.precision")),
        parameters={key: text for key, text in texts.items() if isinstance(text, str)},
    )


def _number(text: Any) -> int | None:
    try:
        return int(text) if isinstance(text, str) else None
    except ValueError:
        return None
