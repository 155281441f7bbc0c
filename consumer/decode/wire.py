"""Registry framing: which schema a payload was written with, and where it begins.

Formats: Confluent's `00` + 4-byte id and `01` + 16-byte GUID, in front of the payload or in the
headers `__key_schema_id` / `__value_schema_id` (reference `debezium.md` §3.5). Imports the domain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from consumer.decode.poison import PoisonReason, poison
from consumer.domain.errors import PoisonError
from consumer.domain.records import Header
from consumer.domain.schemas import SchemaRef

KEY_HEADER: Final = "__key_schema_id"
VALUE_HEADER: Final = "__value_schema_id"

_ID_MAGIC: Final = 0
_ID_BYTES: Final = 5
_GUID_MAGIC: Final = 1
_GUID_BYTES: Final = 17
_JSON_OPENINGS: Final = b'{["'
_UNKNOWN: Final = PoisonReason.UNKNOWN_FRAMING


class Framed(NamedTuple):
    """A payload whose schema is known by name; it begins at `start`, so nothing is copied."""

    ref: SchemaRef
    data: bytes
    start: int


def frame(data: bytes, headers: Sequence[Header], header_name: str) -> Framed:
    """Return the schema that `data` was written with and where its payload begins.

    A header wins over the first bytes, the last of several headers over the others, as in the
    Java client. Raises PoisonError when neither names a schema.
    """
    for name, content in reversed(headers):
        if name == header_name:
            return Framed(_header_ref(content, header_name), data, 0)
    if not data:
        raise poison(_UNKNOWN, "no bytes, so no schema framing")
    if data[0] == _ID_MAGIC and len(data) >= _ID_BYTES:
        return Framed(_id_ref(data), data, _ID_BYTES)
    if data[0] == _GUID_MAGIC and len(data) >= _GUID_BYTES:
        return Framed(_guid_ref(data), data, _GUID_BYTES)
    raise _unframed(data)


def _header_ref(content: bytes | None, header_name: str) -> SchemaRef:
    match content:
        case bytes() if len(content) == _ID_BYTES and content[0] == _ID_MAGIC:
            return _id_ref(content)
        case bytes() if len(content) == _GUID_BYTES and content[0] == _GUID_MAGIC:
            return _guid_ref(content)
        case _:
            message = f"header {header_name} holds neither a 4-byte schema id nor a GUID"
            raise poison(_UNKNOWN, message)


def _id_ref(data: bytes) -> SchemaRef:
    number = int.from_bytes(data[1:_ID_BYTES], "big")
    if number == 0:  # registries count from 1: these are the upper half of an 8-byte id
        raise poison(_UNKNOWN, "an 8-byte schema id; set the converter to 4-byte ids")
    return SchemaRef(f"id/{number}")


def _guid_ref(data: bytes) -> SchemaRef:
    return SchemaRef(f"guid/{data[1:_GUID_BYTES].hex()}")


def _unframed(data: bytes) -> PoisonError:
    if data[0] in _JSON_OPENINGS:
        return poison(PoisonReason.NOT_AVRO, "looks like JSON; only Avro with a registry is read")
    message = f"no known schema framing: {len(data)} bytes that begin with 0x{data[0]:02x}"
    return poison(_UNKNOWN, message)
