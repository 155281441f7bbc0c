"""Payloads and schemas made to end a decoder: `python -m tests.fuzz.nasty [--bare] NAME …`.

Prints why our decoder refuses each. With `--bare`, fastavro alone reads it, unguarded, to show that
the guard is needed; memory is bounded in both cases.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import fastavro

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ColumnPlan
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.fuzz.target import Registry, bound_memory

_REF: Final = SchemaRef("id/1")
_LEVELS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Nasty:
    """A schema of the column `x`, and the bytes of that column."""

    column: Any
    content: bytes
    payload: bytes | None = None
    """The whole payload, where it is not an envelope around the column."""

    def schema(self) -> dict[str, Any]:
        """Return an envelope with this column."""
        fields = [{"name": "x", "type": self.column}]
        row = {"type": "record", "name": "t.Value", "fields": fields}
        names = (("before", ["null", row]), ("after", ["null", "t.Value"]), ("op", "string"))
        return {
            "type": "record",
            "name": "t.Envelope",
            "fields": [{"name": name, "type": kind} for name, kind in names],
        }

    def bytes_of_it(self) -> bytes:
        """Return an insert: no old row, the row, `c`."""
        return self.payload or b"\x00\x02" + self.content + b"\x02c"


def _tree(item: str) -> dict[str, Any]:
    fields = [{"name": "next", "type": ["null", item]}]
    return {"type": "record", "name": "t.Tree", "fields": fields}


def _row(fields: int) -> dict[str, Any]:
    names = (f"f{number}" for number in range(fields))
    typed = [{"name": name, "type": ["null", "string"]} for name in names]
    return {"type": "record", "name": "t.Row", "fields": typed}


_NULLABLE_FIELDS: Final = 3
_ENVELOPE_OF_TEXT: Final = b"\x00\x02\x02a\x02c"
NASTY: Final[Mapping[str, Nasty]] = {
    "recursion": Nasty(["null", _tree("t.Tree")], b"\x02" * _LEVELS + b"\x00"),
    "items_of_no_bytes": Nasty({"type": "array", "items": "null"}, b"\x80\xc2\xd7\x2f" + b"\x00"),
    "records_of_no_bytes": Nasty(
        {"type": "array", "items": {"type": "record", "name": "t.E", "fields": []}},
        b"\x80\xc2\xd7\x2f" + b"\x00",
    ),
    "items_that_grow_in_memory": Nasty(
        {"type": "array", "items": _row(_NULLABLE_FIELDS)},
        b"\x80\x89\x7a" + bytes(1_000_000 * _NULLABLE_FIELDS) + b"\x00",
    ),
    "block_count_beyond_the_payload": Nasty(
        {"type": "array", "items": "string"}, b"\xfe\xff\xff\xff\x0f" + b"\x00" * 20
    ),
    "negative_block_count": Nasty(
        {"type": "array", "items": "long"}, b"\xff\xff\xff\xff\x0f\x02" + b"\x00" * 20
    ),
    "length_beyond_the_payload": Nasty("bytes", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    "negative_length": Nasty("string", b"\x01abc"),
    "varint_without_end": Nasty("long", b"\x80" * 64),
    "union_index_below_zero": Nasty(["null", "string"], b"\x01\x02a"),
    "union_index_too_high": Nasty(["null", "string"], b"\x08\x02a"),
    "no_utf_8": Nasty("string", b"\x04\xff\xfe"),
    "trailing_bytes": Nasty("string", b"", _ENVELOPE_OF_TEXT + b"\x00"),
    "cut_off": Nasty("string", b"", _ENVELOPE_OF_TEXT[:-1]),
}


def answer(nasty: Nasty) -> str:
    """Return why our decoder refuses it; `read` if it does not."""
    text = json.dumps(nasty.schema())
    registry = Registry({_REF: WriterSchema(_REF, "AVRO", text, ())})
    value = b"\x00\x00\x00\x00\x01" + nasty.bytes_of_it()
    record = Record(TopicPartition("t", 0), Offset(0), 0, None, value)
    try:
        Decoder(registry, DecodeSettings()).decode(record, ColumnPlan(("x",), ()))
    except PoisonError as error:
        return error.reason
    return "read"


def bare(nasty: Nasty) -> str:
    """Return what fastavro alone makes of it, if it comes back."""
    schema = fastavro.parse_schema(nasty.schema())
    stream = io.BytesIO(nasty.bytes_of_it())
    try:
        fastavro.schemaless_reader(stream, schema, None)
    except Exception as error:  # noqa: BLE001 - whichever it is, is what is asked for
        return type(error).__name__
    return "read" if stream.tell() == len(stream.getvalue()) else "read, bytes left"


def main(arguments: list[str]) -> None:
    """Print one answer a line."""
    names = [name for name in arguments if name != "--bare"]
    ask = bare if "--bare" in arguments else answer
    if sys.platform == "linux":
        bound_memory()
    for name in names:
        print(ask(NASTY[name]), flush=True)  # noqa: T201 - what it is for


if __name__ == "__main__":
    main(sys.argv[1:])
