"""Debezium's marker for "the row has a value here, the event does not carry it".

An unchanged TOASTed column arrives as the marker in a shape of its own per type (reference
`debezium.md` §2.2); types without any shape arrive as null, which only a mapping can tell apart.
Shapes are compared exactly and per type, on the raw value; a structure of which one part is a
marker is unavailable as a whole. Imports the domain.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from consumer.decode.avro_types import Array, AvroType, Map, Primitive, Struct, without_null
from consumer.decode.logical_type import Convert
from consumer.domain.events import UNAVAILABLE, Value

_HEX: Final = "hex:"
_NUMBERS: Final = frozenset(
    {
        "org.apache.kafka.connect.data.Decimal",
        "io.debezium.data.Bits",
        "io.debezium.data.VariableScaleDecimal",
    }
)
"""Types made of bytes that are never the marker's: these arrive as null instead."""

IsMarker: TypeAlias = Callable[[Any], bool]


class Marker:
    """The configured placeholder in all its shapes."""

    def __init__(self, placeholder: str) -> None:
        """Work the shapes out once.

        `placeholder` is as the connector's setting: text, or `hex:` and the digits of its bytes.
        Raises ValueError for digits that are none.
        """
        self._bytes = marker_bytes(placeholder)
        text = self._bytes.decode(errors="replace")
        self._codes = [code - 256 if code > 127 else code for code in self._bytes]
        self._map = {text: text}
        self._entries = [{"key": text, "value": text}]
        self._texts = frozenset({text, *_in_base64(self._bytes), _in_json(text)})
        self._lengths = frozenset(len(each) for each in self._texts)
        self._items = (*([each] for each in self._texts), [_name_based_uuid(self._bytes)])

    def unless_marked(self, node: AvroType, convert: Convert | None) -> Convert | None:
        """Return `convert`, but UNAVAILABLE for the marker; None if neither has anything to do."""
        only = without_null(node)
        if isinstance(only, Primitive) and only.kind == "string":
            return self._unless_marked_text(convert)
        is_marker = self._detector(node)
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

    def _detector(self, node: AvroType) -> IsMarker | None:  # noqa: PLR0911 - one case per kind
        only = without_null(node)
        if only is None or only.traits.connect_name in _NUMBERS:
            return None
        match only:
            case Primitive(kind="string"):
                return self._texts.__contains__
            case Primitive(kind="bytes"):
                return self._bytes.__eq__
            case Map():
                return self._map.__eq__
            case Array():
                return self._array_detector(without_null(only.items))
            case Struct():
                return _any_field(
                    {name: self._detector(each) for name, each in only.fields.items()}
                )
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


def marker_bytes(placeholder: str) -> bytes:
    """Return the bytes of a placeholder. Raises ValueError for `hex:` before other digits."""
    if placeholder.startswith(_HEX):
        return bytes.fromhex(placeholder.removeprefix(_HEX))
    return placeholder.encode()


def _any_field(detectors: Mapping[str, IsMarker | None]) -> IsMarker | None:
    needed = [(name, detect) for name, detect in detectors.items() if detect is not None]
    if not needed:
        return None

    def is_marked(struct: Mapping[str, Any]) -> bool:
        return any(struct[name] is not None and detect(struct[name]) for name, detect in needed)

    return is_marked


def _in_base64(encoded: bytes) -> tuple[str, ...]:
    """Return both alphabets, with and without the padding that not every writer adds."""
    padded = (base64.b64encode(encoded).decode(), base64.urlsafe_b64encode(encoded).decode())
    return (*padded, *(each.rstrip("=") for each in padded))


def _in_json(text: str) -> str:
    """Return an hstore as JSON text, as the connector writes it."""
    return json.dumps({text: text}, ensure_ascii=False, separators=(",", ":"))


def _name_based_uuid(name: bytes) -> str:
    """Return the UUID that Java makes of a name: version 3, without a namespace."""
    digest = hashlib.md5(name, usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest, version=3))
