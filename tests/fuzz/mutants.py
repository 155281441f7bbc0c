"""Guards of the decoder, each taken away by name: the fuzzer must find what it guarded against."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from consumer.decode import avro_schema, wire
from consumer.decode.avro_types import AvroType
from consumer.decode.settings import DecodeSettings, Wire
from consumer.domain.records import Header
from consumer.domain.schemas import SchemaRef, WriterSchema

_AUTO: Final = Wire()


def _framing_unchecked() -> None:
    """Five bytes of framing are read before anybody asked whether they are there."""

    def frame(
        data: bytes, headers: Sequence[Header], side: str, rules: Wire = _AUTO
    ) -> wire.Framed:
        del headers, side, rules
        (number,) = struct.unpack(">xI", data[:5])
        return wire.Framed(SchemaRef(f"id/{number}"), data, 5)

    wire.frame = frame


def _schemas_unguarded() -> None:
    """What a schema's text makes the parser raise comes out as it is."""

    def parse(schema: WriterSchema, settings: DecodeSettings) -> AvroType:
        return avro_schema._parse_texts(schema, settings)

    avro_schema.parse = parse


MUTANTS: Final[Mapping[str, Callable[[], Any]]] = {
    "framing_unchecked": _framing_unchecked,
    "schemas_unguarded": _schemas_unguarded,
}
