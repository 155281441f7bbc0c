"""Text of a writer schema → checked tree of types. Imports the domain.

Only what is needed to read payloads is taken over: encoding, field names, Connect's traits.
Nothing is read by defaults and aliases: a payload is read with its writer's schema alone, and real
schemas hold invalid ones (reference `debezium.md` §9). The text is untrusted.
"""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias

from consumer.decode import bounds
from consumer.decode.avro_types import (
    PRIMITIVES,
    Array,
    AvroType,
    Enumeration,
    Fixed,
    Map,
    Primitive,
    Struct,
    Traits,
    Union,
)
from consumer.decode.bounds import UnfitSchemaError
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.settings import DecodeSettings
from consumer.domain.schemas import WriterSchema

_CONNECT_DATA: Final = "org.apache.kafka.connect.data"
_BY_LOGICAL_TYPE: Final = {
    "decimal": f"{_CONNECT_DATA}.Decimal",
    "date": f"{_CONNECT_DATA}.Date",
    "time-millis": f"{_CONNECT_DATA}.Time",
    "time-micros": "io.debezium.time.MicroTime",
    "timestamp-millis": f"{_CONNECT_DATA}.Timestamp",
    "timestamp-micros": "io.debezium.time.MicroTimestamp",
    "timestamp-nanos": "io.debezium.time.NanoTimestamp",
    "local-timestamp-millis": f"{_CONNECT_DATA}.Timestamp",
    "local-timestamp-micros": "io.debezium.time.MicroTimestamp",
    "local-timestamp-nanos": "io.debezium.time.NanoTimestamp",
    "uuid": "io.debezium.data.Uuid",
}
"""Avro's own logical types, for schemas without Connect's metadata (`connect.meta.data=false`)."""


_Attributes: TypeAlias = dict[str, Any]


def parse(schema: WriterSchema, settings: DecodeSettings) -> AvroType:
    """Return the tree of `schema`. Raises PoisonError: not Avro, no schema, or beyond a bound."""
    if schema.schema_type != "AVRO":
        message = f"schema {schema.ref} is not an Avro schema; only Avro is read"
        raise poison(PoisonReason.NOT_AVRO, message)
    try:
        return _parse_texts(schema, settings)
    except UnfitSchemaError as unfit:
        message = f"schema {schema.ref} cannot be used: {unfit}"
    except RecursionError:
        message = f"schema {schema.ref} cannot be used: its JSON is nested too deep to be read"
    except ValueError as error:
        message = f"schema {schema.ref} is not JSON: {type(error).__name__}"
    raise poison(PoisonReason.BAD_SCHEMA, message)


def _parse_texts(schema: WriterSchema, settings: DecodeSettings) -> AvroType:
    texts = [text for _, text in schema.references]
    texts.append(schema.text)
    size_bytes = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    if size_bytes > settings.max_schema_bytes:
        message = f"{size_bytes} bytes of text, more than {settings.max_schema_bytes}"
        raise UnfitSchemaError(message)
    builder = _Builder(settings)
    return [builder.build(json.loads(text), "", 0) for text in texts][-1]


class _Builder:
    """Builds the tree of one schema and of what it refers to; the names are theirs together."""

    def __init__(self, settings: DecodeSettings) -> None:
        self._settings = settings
        self._named: dict[str, AvroType | None] = {}
        """None while the type is being built: a use from inside itself would be recursion."""
        self._names = bounds.NameBounds(settings.max_fields, settings.max_name_characters)

    def build(self, raw: Any, namespace: str, level: int) -> AvroType:
        if level > self._settings.max_depth:
            message = f"types nested deeper than {self._settings.max_depth}"
            raise UnfitSchemaError(message)
        node = self._build(raw, namespace, level)
        bounds.check(node.size, self._settings.max_depth, self._settings.max_decoded_bytes)
        return node

    def _build(self, raw: Any, namespace: str, level: int) -> AvroType:
        match raw:
            case str():
                return self._use(raw, namespace)
            case list():
                branches = tuple(self.build(each, namespace, level + 1) for each in raw)
                size = bounds.of_union(branch.size for branch in branches)
                return Union(branches, size, Traits())
            case {"type": str() as kind}:
                return self._build_complex(kind, raw, namespace, level)
            case {"type": list() | dict() as inner}:
                return self.build(inner, namespace, level + 1)
            case _:
                message = "a type that is neither a name, nor a union, nor an object with a type"
                raise UnfitSchemaError(message)

    def _build_complex(  # noqa: PLR0911 - one case per kind
        self, kind: str, attributes: _Attributes, namespace: str, level: int
    ) -> AvroType:
        match kind:
            case "record":
                return self._build_struct(attributes, namespace, level)
            case "enum":
                return self._build_enum(attributes, namespace)
            case "fixed":
                return self._build_fixed(attributes, namespace)
            case "array":
                items = self.build(attributes.get("items"), namespace, level + 1)
                return Array(items, bounds.of_array(items.size), _traits(attributes))
            case "map":
                values = self.build(attributes.get("values"), namespace, level + 1)
                return Map(values, bounds.of_map(values.size), _traits(attributes))
            case _ if kind in PRIMITIVES:
                return Primitive(kind, bounds.of_primitive(kind), _traits(attributes))
            case _:
                return self._use(kind, namespace)

    def _build_struct(self, attributes: _Attributes, namespace: str, level: int) -> Struct:
        name, inner_namespace = _full_name(attributes, namespace)
        self._reserve(name)
        fields: dict[str, AvroType] = {}
        for field_name, field_type in self._fields_of(attributes):
            self._names.check(field_name)
            if field_name in fields:
                message = f"two fields {field_name!r:.80}"
                raise UnfitSchemaError(message)
            fields[field_name] = self.build(field_type, inner_namespace, level + 1)
        size = bounds.of_struct(field.size for field in fields.values())
        struct = Struct(name, fields, size, _traits(attributes), _defaults(attributes))
        self._named[name] = struct
        return struct

    def _build_enum(self, attributes: _Attributes, namespace: str) -> Enumeration:
        name, _ = _full_name(attributes, namespace)
        self._reserve(name)
        match attributes.get("symbols"):
            case [_, *_] as symbols if all(isinstance(symbol, str) for symbol in symbols):
                size = bounds.of_primitive("int")
                enum = Enumeration(tuple(symbols), size, _traits(attributes))
            case _:
                message = "an enum without symbols"
                raise UnfitSchemaError(message)
        self._named[name] = enum
        return enum

    def _build_fixed(self, attributes: _Attributes, namespace: str) -> Fixed:
        name, _ = _full_name(attributes, namespace)
        self._reserve(name)
        byte_count = attributes.get("size")
        if type(byte_count) is not int or byte_count < 0:
            message = "a fixed without a size"
            raise UnfitSchemaError(message)
        fixed = Fixed(byte_count, bounds.of_fixed(byte_count), _traits(attributes))
        self._named[name] = fixed
        return fixed

    def _fields_of(self, attributes: _Attributes) -> list[tuple[str, Any]]:
        match attributes.get("fields"):
            case list() as raw_fields:
                self._names.add_fields(len(raw_fields))
                return [_field(raw) for raw in raw_fields]
            case _:
                message = "a record without a list of fields"
                raise UnfitSchemaError(message)

    def _reserve(self, name: str) -> None:
        self._names.check(name)
        if name in self._named:
            message = f"type {name!r:.80} is defined twice"
            raise UnfitSchemaError(message)
        self._named[name] = None

    def _use(self, name: str, namespace: str) -> AvroType:
        if name in PRIMITIVES:
            return Primitive(name, bounds.of_primitive(name), Traits())
        full_name = name if "." in name or not namespace else f"{namespace}.{name}"
        if full_name not in self._named:
            message = f"type {full_name!r:.80} is not defined"
            raise UnfitSchemaError(message)
        node = self._named[full_name]
        if node is None:
            message = f"type {full_name!r:.80} contains itself"
            raise UnfitSchemaError(message)
        return node


def _full_name(attributes: _Attributes, namespace: str) -> tuple[str, str]:
    name = attributes.get("name")
    if not isinstance(name, str) or not name:
        message = "a named type without a name"
        raise UnfitSchemaError(message)
    if "." in name:
        return name, name.rpartition(".")[0]
    own = attributes.get("namespace", namespace)
    own = own if isinstance(own, str) else namespace
    return (f"{own}.{name}" if own else name), own


def _field(raw: Any) -> tuple[str, Any]:
    match raw:
        case {"name": str() as name, "type": field_type}:
            return name, field_type
        case _:
            message = "a field without a name or a type"
            raise UnfitSchemaError(message)


def _defaults(attributes: _Attributes) -> dict[str, Any]:
    return {raw["name"]: raw["default"] for raw in attributes["fields"] if "default" in raw}


def _traits(attributes: _Attributes) -> Traits:
    parameters = attributes.get("connect.parameters")
    texts = parameters if isinstance(parameters, dict) else {}
    return Traits(
        connect_name=_semantic_name(attributes),
        connect_type=_text(attributes.get("connect.type")),
        internal_type=_text(attributes.get("connect.internal.type")),
        scale=_number(attributes.get("scale", texts.get("scale"))),
        precision=_number(texts.get("connect.decimal.precision", attributes.get("precision"))),
        parameters={key: text for key, text in texts.items() if isinstance(text, str)},
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _semantic_name(attributes: _Attributes) -> str | None:
    name = attributes.get("connect.name")
    if isinstance(name, str):
        return name
    logical_type = attributes.get("logicalType")
    return _BY_LOGICAL_TYPE.get(logical_type) if isinstance(logical_type, str) else None


def _number(raw: Any) -> int | None:
    try:
        return int(raw) if isinstance(raw, int | str) else None
    except ValueError:
        return None
