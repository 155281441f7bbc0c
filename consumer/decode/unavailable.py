"""Debezium's marker for "the row has a value here, the event does not carry it".

An unchanged TOASTed column arrives as the marker in a shape of its own per type (reference
`debezium.md` §2.2); types without any shape arrive as null, which only a mapping can tell apart.
Shapes are compared exactly and per type, on the raw value. Imports the domain.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

from consumer.decode.avro_types import Array, AvroType, Map, Primitive, without_null
from consumer.decode.logical import Convert
from consumer.domain.events import UNAVAILABLE, Value

_DECIMAL = "org.apache.kafka.connect.data.Decimal"
_BITS = "io.debezium.data.Bits"

IsMarker: TypeAlias = Callable[[Any], bool]


class Marker:
    """The configured placeholder in all its shapes."""

    def __init__(self, text: str) -> None:
        """Work the shapes out once."""
        encoded = text.encode()
        self._bytes = encoded
        self._codes = list(encoded)
        self._map = {text: text}
        self._entries = [{"key": text, "value": text}]
        self._texts = frozenset(
            {
                text,
                base64.b64encode(encoded).decode(),
                base64.urlsafe_b64encode(encoded).decode(),
                f'{{"{text}":"{text}"}}',
            }
        )
        self._lengths = frozenset(len(each) for each in self._texts)
        self._items = (*([each] for each in self._texts), [_name_based_uuid(encoded)])

    def unless_marked(self, node: AvroType, convert: Convert | None) -> Convert | None:
        """Return `convert`, but UNAVAILABLE for the marker; None if neither has anything to do."""
        only = without_null(node)
        if isinstance(only, Primitive) and only.kind == "string":
            return self._unless_marked_text(convert)
        is_marker = self._detector(only)
        if is_marker is None:
            return convert

        def convert_unless_marked(value: Any) -> Value:
            if is_marker(value):
                return UNAVAILABLE
            return value if convert is None else convert(value)

        return convert_unless_marked

    def _unless_marked_text(self, convert: Convert | None) -> Convert:
        """Return the commonest converter: looks at the length before it hashes a long text."""
        lengths, texts = self._lengths, self._texts

        def convert_unless_marked(value: str) -> Value:
            if len(value) in lengths and value in texts:
                return UNAVAILABLE
            return value if convert is None else convert(value)

        return convert_unless_marked

    def _detector(self, node: AvroType | None) -> IsMarker | None:
        match node:
            case Primitive(kind="bytes") if node.traits.connect_name not in {_DECIMAL, _BITS}:
                return self._bytes.__eq__
            case Map():
                return self._map.__eq__
            case Array():
                return self._array_detector(without_null(node.items))
            case _:
                return None

    def _array_detector(self, items: AvroType | None) -> IsMarker | None:
        match items:
            case Primitive(kind="string"):
                return self._items.__contains__
            case Primitive(kind="bytes"):
                return [self._bytes].__eq__
            case Primitive(kind="int" | "long"):
                return self._codes.__eq__
            case _:
                return self._entries.__eq__


def _name_based_uuid(name: bytes) -> str:
    """Return the UUID that Java makes of a name: version 3, without a namespace."""
    digest = hashlib.md5(name, usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest, version=3))
