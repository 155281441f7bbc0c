"""Debezium's marker for "the row has a value here, the event does not carry it".

An unchanged TOASTed column arrives as the marker in a shape of its own per type (reference
`debezium.md` §2.2); types without any shape arrive as null, which only a mapping can tell apart.
Shapes are compared exactly and per type, on the raw value; a structure of which one part is a
marker is unavailable as a whole. Arrays of numbers other than `int[]` and `bigint[]` arrive as null
up to Debezium 3.7; later ones are going to write the marker's bytes as their elements
(debezium/debezium#7815), which is known already. Imports the domain.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from consumer.decode.avro_types import Array, AvroType, Map, Primitive, Struct, without_null
from consumer.decode.logical_type import Convert
from consumer.decode.settings import DEFAULT_MARKER
from consumer.domain.events import UNAVAILABLE, Value

_HEX: Final = "hex:"
_BEGINNINGS: Final = tuple(DEFAULT_MARKER[:end] for end in range(12, len(DEFAULT_MARKER)))
"""Debezium's own marker where a connector has cut it off and the record has no schema to say so;
these are nobody's values, unlike the beginning of a marker that somebody has made up."""
_MAX_MARKED_SCALE: Final = 100
_DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"
_NUMBERS: Final = frozenset(
    {
        _DECIMAL,
        "io.debezium.data.Bits",
        "io.debezium.data.VariableScaleDecimal",
    }
)
"""Types made of bytes that are never the marker's: these arrive as null instead."""

IsMarker: TypeAlias = Callable[[Any], bool]


class Marker:
    """The configured placeholder, and Debezium's own, in all their shapes.

    Debezium's own is known whatever is configured: a topic keeps it from before the setting was
    changed, and another connector may write it.
    """

    def __init__(self, placeholder: str) -> None:
        """Work the shapes out once.

        `placeholder` is as the connector's setting: text, or `hex:` and the digits of its bytes.
        Raises ValueError for digits that are none.
        """
        self._bytes = tuple(dict.fromkeys((marker_bytes(placeholder), DEFAULT_MARKER.encode())))
        self._plain = tuple(each.decode(errors="replace") for each in self._bytes)
        self._codes = tuple([*map(_signed, each)] for each in self._bytes)
        self._maps = tuple({text: text} for text in self._plain)
        self._entries = tuple([{"key": text, "value": text}] for text in self._plain)
        self._texts = frozenset(
            form for each in zip(self._bytes, self._plain, strict=True) for form in _forms(*each)
        ).union(_BEGINNINGS)
        uuids = ([_name_based_uuid(each)] for each in self._bytes)
        self._items = (*([each] for each in self._texts), *uuids)

    def unless_marked(self, node: AvroType, convert: Convert | None) -> Convert | None:
        """Return `convert`, but UNAVAILABLE for the marker; None if neither has anything to do."""
        only = without_null(node)
        if isinstance(only, Primitive) and only.kind == "string":
            return _unless_marked_text(self._texts_of(only), convert)
        is_marker = self._detector(node)
        if is_marker is None:
            return convert

        def convert_unless_marked(value: Any) -> Value:
            if is_marker(value):
                return UNAVAILABLE
            return value if convert is None else convert(value)

        return convert_unless_marked

    def _texts_of(self, node: Primitive) -> frozenset[str]:
        """Return the marker's texts; a column that the connector cuts off has its beginning."""
        cut = _cut_at(node)
        return self._texts.union(text[:cut] for text in self._plain) if cut else self._texts

    def _detector(self, node: AvroType) -> IsMarker | None:  # noqa: PLR0911 - one case per kind
        only = without_null(node)
        if only is None or only.traits.connect_name in _NUMBERS:
            return None
        match only:
            case Primitive(kind="string"):
                return self._texts_of(only).__contains__
            case Primitive(kind="bytes"):
                cut = _cut_at(only)
                beginnings = tuple(each[:cut] for each in self._bytes) if cut else ()
                return (*self._bytes, *beginnings).__contains__
            case Map():
                return self._maps.__contains__
            case Array():
                return self._array_detector(without_null(only.items))
            case Struct():
                return _any_field(
                    {name: self._detector(each) for name, each in only.fields.items()}
                )
            case _:
                return None

    def _array_detector(self, items: AvroType | None) -> IsMarker:
        match items:
            case Primitive(kind="string"):
                return self._items.__contains__
            case Primitive(kind="bytes", traits=traits) if traits.connect_name == _DECIMAL:
                return self._decimals(traits.scale or 0).__contains__
            case Primitive(kind="bytes"):
                return tuple([each] for each in self._bytes).__contains__
            case Primitive(kind="int" | "long" | "float" | "double"):
                return self._codes.__contains__
            case _:
                return self._entries.__contains__

    def _decimals(self, scale: int) -> tuple[list[bytes], ...]:
        """Return the codes as decimals; scales beyond what a marker is worth are left alone."""
        if not 0 <= scale <= _MAX_MARKED_SCALE:
            return ()
        return tuple([_unscaled(code * 10**scale) for code in codes] for codes in self._codes)


def marker_bytes(placeholder: str) -> bytes:
    """Return the bytes of a placeholder. Raises ValueError for `hex:` before other digits."""
    if placeholder.startswith(_HEX):
        return bytes.fromhex(placeholder.removeprefix(_HEX))
    return placeholder.encode()


def _unless_marked_text(texts: frozenset[str], convert: Convert | None) -> Convert:
    """Return the commonest converter: looks at the length before it hashes a long text."""
    lengths = frozenset(map(len, texts))

    def convert_unless_marked(value: str) -> Value:
        if len(value) in lengths and value in texts:
            return UNAVAILABLE
        return value if convert is None else convert(value)

    return convert_unless_marked


def _cut_at(node: Primitive) -> int:
    """Return how many characters the connector leaves of a column, 0 if it leaves all.

    `column.truncate.to.N.chars` cuts the marker off as well (seen, Debezium 3.7).
    """
    length = node.traits.parameters.get("truncateLength", "")
    return int(length) if length.isascii() and length.isdecimal() and len(length) < 10 else 0


def _forms(encoded: bytes, text: str) -> Iterator[str]:
    """Yield every text that a marker can be."""
    yield from (text, _in_json(text), encoded.hex(), encoded.hex().upper(), *_in_base64(encoded))


def _signed(code: int) -> int:
    return code - 256 if code > 127 else code


def _unscaled(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


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
