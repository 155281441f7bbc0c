"""Registry framing: which schema a payload was written with, and where it begins.

In front of the payload: `00` and an id of 4 bytes (Confluent, Apicurio 3.x) or of 8 (Apicurio
2.x), `01` and a GUID (Confluent). In headers: Confluent's `__key_schema_id`, `__value_schema_id`
with the same bytes, and Apicurio's (reference `debezium.md` §3.5). Imports the domain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from consumer.decode import apicurio
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.settings import Framing, Wire
from consumer.domain.errors import PoisonError
from consumer.domain.records import Header
from consumer.domain.schemas import IdSpace, SchemaRef

KEY_HEADER: Final = "__key_schema_id"
VALUE_HEADER: Final = "__value_schema_id"
"""Confluent's headers; their names stand for the two sides of a record."""

_NUMBER_MAGIC: Final = 0
_SHORT_BYTES: Final = 5
_LONG_BYTES: Final = 9
_MAX_SHORT: Final = 2**31 - 1  # both registries' numbers are signed and count from 1
_GUID_MAGIC: Final = 1
_GUID_BYTES: Final = 17
_JSON_OPENINGS: Final = b'{["'
_JSON_NULL: Final = b"null"
"""What JsonConverter writes for a tombstone that still has a schema, where it writes no schemas."""
_JSON: Final = (
    "looks like JSON: an object is read as such unless the mapping says 'avro', anything else only "
    "if it says 'encoding: json' (or 'key_encoding: json')"
)
_UNKNOWN: Final = PoisonReason.UNKNOWN_FRAMING
_AUTO: Final = Wire()
_SIDES: Final[Mapping[str, str]] = {KEY_HEADER: "apicurio.key.", VALUE_HEADER: "apicurio.value."}


class BareJsonError(PoisonError):
    """What looks like JSON, and no header says what else it is."""

    def __init__(self) -> None:
        """Say what is read of JSON."""
        super().__init__(PoisonReason.NOT_AVRO.value, _JSON)


class Framed(NamedTuple):
    """A payload whose schema is known by name; it begins at `start`, so nothing is copied."""

    ref: SchemaRef
    data: bytes
    start: int


def is_unmistakable_json(data: bytes) -> bool:
    """Return whether bytes that look like JSON are an object, or the null of a tombstone."""
    return data.startswith(b"{") or data == _JSON_NULL


def frame(data: bytes, headers: Sequence[Header], side: str, rules: Wire = _AUTO) -> Framed:
    """Return the schema that `data` was written with and where its payload begins.

    `side` is KEY_HEADER or VALUE_HEADER. A header wins over the first bytes; of several headers
    the last wins, whatever its kind: who serializes a record anew adds his own behind the old ones.
    Raises PoisonError when nothing names a schema in the way that `rules` ask for: BareJsonError if
    that may be because there is none.
    """
    ends = _HEADERS[rules.framing][side]
    for name, content in reversed(headers):
        end = ends.get(name)
        if end is not None:
            return Framed(_header_ref(side, end, content, headers), data, 0)
    framed = _in_front(data, rules)
    if framed is None:
        raise _unframed(data, headers, side, rules.framing)
    return framed


def no_registry(data: bytes, headers: Sequence[Header], side: str) -> str:
    """Return what to say of Avro where its schema cannot be had."""
    seen = _appearance(data, headers, side)
    return f"this is {seen}, but schema_registry.url is not set, so that nothing is read as Avro"


def looks_framed(data: bytes) -> bool:
    """Return whether bytes begin as no text does, but as registries' framings do."""
    return data[:1] in {b"\0", b"\1"}


def declared_json(data: bytes, headers: Sequence[Header], side: str) -> PoisonError:
    """Return the error for Avro where JSON is declared."""
    key = "key_encoding" if side == KEY_HEADER else "encoding"
    seen = _appearance(data, headers, side)
    return poison(_UNKNOWN, f"this is {seen}, but the mapping says '{key}: json'")


def _naming(side: str, *, confluent: bool, apicurios: bool) -> Mapping[str, str]:
    """Return the headers that name a side's schema; Confluent's ends with nothing."""
    names = {side: ""} if confluent else {}
    ends = apicurio.NAMING if apicurios else ()
    return names | {f"{_SIDES[side]}{end}": end for end in ends}


_HEADERS: Final = {
    framing: {
        side: _naming(
            side,
            confluent=framing in {Framing.AUTO, Framing.CONFLUENT},
            apicurios=framing in {Framing.AUTO, Framing.APICURIO_HEADERS},
        )
        for side in _SIDES
    }
    for framing in Framing
}


def _header_ref(side: str, end: str, content: bytes | None, headers: Sequence[Header]) -> SchemaRef:
    if end:
        return apicurio.header_ref(_SIDES[side], end, headers)
    match content:
        case bytes() if len(content) == _SHORT_BYTES and (number := _short_id(content)):
            return IdSpace.NUMBER.ref(number)
        case bytes() if len(content) == _GUID_BYTES and content[0] == _GUID_MAGIC:
            return _guid_ref(content)
        case _:
            message = f"header {side} holds neither a 4-byte schema id nor a GUID"
            raise poison(_UNKNOWN, message)


def _in_front(data: bytes, rules: Wire) -> Framed | None:
    match rules.framing:
        case Framing.AUTO:
            return _short(data, rules) or _long(data, rules) or _guid(data)
        case Framing.CONFLUENT:
            return _short(data, rules) or _guid(data)
        case Framing.APICURIO_4_BYTE:
            return _short(data, rules)
        case Framing.APICURIO_8_BYTE:
            return _long(data, rules)
        case Framing.APICURIO_HEADERS:
            return None


def _short(data: bytes, rules: Wire) -> Framed | None:
    number = _short_id(data)
    space = rules.payload_ids or IdSpace.NUMBER
    return Framed(space.ref(number), data, _SHORT_BYTES) if number else None


def _short_id(data: bytes) -> int:
    """Return the id of four bytes, 0 if there is none: that is the first half of a longer one."""
    if len(data) < _SHORT_BYTES or data[0] != _NUMBER_MAGIC:
        return 0
    number = int.from_bytes(data[1:_SHORT_BYTES], "big")
    return number if number <= _MAX_SHORT else 0


def _long(data: bytes, rules: Wire) -> Framed | None:
    if len(data) < _LONG_BYTES or data[0] != _NUMBER_MAGIC:
        return None
    number = int.from_bytes(data[1:_LONG_BYTES], "big", signed=True)
    space = rules.payload_ids or IdSpace.GLOBAL
    return Framed(space.ref(number), data, _LONG_BYTES) if number > 0 else None


def _guid(data: bytes) -> Framed | None:
    if len(data) < _GUID_BYTES or data[0] != _GUID_MAGIC:
        return None
    return Framed(_guid_ref(data), data, _GUID_BYTES)


def _guid_ref(data: bytes) -> SchemaRef:
    return IdSpace.GUID.ref(data[1:_GUID_BYTES].hex())


def _unframed(data: bytes, headers: Sequence[Header], side: str, framing: Framing) -> PoisonError:
    if framing is not Framing.AUTO:
        seen = _appearance(data, headers, side)
        message = (
            f"schema_registry.framing is '{framing}', but this is {seen}; change it, or the"
            " connector's converters"
        )
        return poison(_UNKNOWN, message)
    if (data[:1] and data[0] in _JSON_OPENINGS) or data == _JSON_NULL:
        return BareJsonError()
    message = (
        f"{_appearance(data, headers, side)}, and no header names its schema: let the connector's"
        " converter write headers or an id in front of the payload"
    )
    return poison(_UNKNOWN, message)


def _appearance(data: bytes, headers: Sequence[Header], side: str) -> str:
    """Return what a key or value looks like, without anything of what it holds."""
    names = _HEADERS[Framing.AUTO][side]
    named = [name for name, _ in headers if name in names]
    if named:
        return f"a payload with the header {named[-1]}"
    if not data:
        return "a payload of no bytes"
    for seen, what in ((_short, "a 4-byte id"), (_long, "an 8-byte id")):
        if seen(data, _AUTO):
            return f"a payload behind {what}"
    if _guid(data):
        return "a payload behind a GUID"
    return f"a bare payload: {len(data)} bytes that begin with 0x{data[0]:02x}"
