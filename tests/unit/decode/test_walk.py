"""Payloads are checked before anything is allocated for them (reference `debezium.md` §9)."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from consumer.decode import avro_schema, walk
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.unit.decode.samples import encode

REF = SchemaRef("id/1")
BOOLEANS = {"type": "array", "items": "boolean"}
EVERYTHING: Any = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "n", "type": "null"},
        {"name": "b", "type": "boolean"},
        {"name": "i", "type": "int"},
        {"name": "l", "type": "long"},
        {"name": "f", "type": "float"},
        {"name": "d", "type": "double"},
        {"name": "y", "type": "bytes"},
        {"name": "s", "type": "string"},
        {"name": "x", "type": {"type": "fixed", "name": "X", "size": 3}},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
        {"name": "a", "type": {"type": "array", "items": ["string", "null"]}},
        {"name": "m", "type": {"type": "map", "values": "long"}},
        {"name": "u", "type": ["null", "int", "string"]},
    ],
}
DATUM = {
    "n": None, "b": True, "i": -70_000, "l": 2**63 - 1, "f": 1.5, "d": 2.5, "y": b"\xff" * 200,
    "s": "é", "x": b"abc", "e": "B", "a": ["p", None], "m": {"k": -1}, "u": "z",
}  # fmt: skip


def check(schema: Any, payload: bytes, max_decoded_bytes: int = 1_000_000) -> None:
    """Walk a payload."""
    text = json.dumps(schema)
    root = avro_schema.parse(WriterSchema(REF, "AVRO", text), DecodeSettings())
    walk.checker(root, REF, max_decoded_bytes)(payload, 0)


def reason(schema: Any, payload: bytes) -> str:
    """Return why a payload is refused."""
    with pytest.raises(PoisonError) as caught:
        check(schema, payload)
    return caught.value.reason


def test_every_encoding_is_walked_to_its_end() -> None:
    """What a correct writer writes must pass."""
    check(EVERYTHING, encode(EVERYTHING, DATUM))


@pytest.mark.parametrize("cut", range(1, 30))
def test_truncated_payload_is_undecodable(cut: int) -> None:
    """Wherever it ends too early."""
    assert reason(EVERYTHING, encode(EVERYTHING, DATUM)[:-cut]) == "undecodable"


def test_bytes_left_over_are_poison() -> None:
    """Fastavro ignores them, and they are how a wrong schema id shows."""
    assert reason("int", b"\2\0") == "trailing_bytes"


MALFORMED: dict[str, tuple[Any, bytes]] = {
    "30 million booleans from 5 bytes": (BOOLEANS, bytes.fromhex("808ece1c01")),
    "negative count, 30 million": (BOOLEANS, bytes.fromhex("ff8dce1c0201")),
    "more entries than bytes": ({"type": "map", "values": "null"}, b"\x10\0\0"),
    "negative length": ("string", b"\1abc"),
    "negative long length": ("bytes", b"\xff\x01abc"),
    "number beyond 64 bits": ("long", b"\xff" * 9 + b"\x7f"),
    "endless number": ("long", b"\xff" * 12 + b"\0"),
    "union index -1": (["null", "int"], b"\1\2"),
    "union index 2": (["null", "int"], b"\4\2"),
    "index of three, -1": (["null", "int", "string"], b"\1\2a"),
    "index of three, 3": (["null", "int", "string"], b"\6\2"),
    "enum index": ({"type": "enum", "name": "E", "symbols": ["A"]}, b"\2"),
    "boolean 2": ("boolean", b"\2"),
}


@pytest.mark.parametrize(("schema", "payload"), MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_payload_is_undecodable(schema: Any, payload: bytes) -> None:
    """Fastavro accepts some of these silently and allocates for others."""
    assert reason(schema, payload) == "undecodable"


def test_count_beyond_the_bytes_left_is_refused_at_once() -> None:
    """Each item takes a byte at least, so nothing needs to be tried."""
    with pytest.raises(PoisonError, match="more array items or map entries"):
        check(BOOLEANS, b"\x06\1\1", max_decoded_bytes=10**9)


def test_blocks_with_their_size_are_read() -> None:
    """A writer may put a block's size behind a negative count."""
    check({"type": "array", "items": "int"}, bytes.fromhex("03 04 02 04 00"))


def test_bound_counts_all_arrays_of_a_payload_together() -> None:
    """Nested arrays multiply; each of them alone would pass."""
    nested = {"type": "array", "items": BOOLEANS}
    payload = encode(nested, [[True] * 50] * 50)
    with pytest.raises(PoisonError, match="more array items"):
        check(nested, payload, max_decoded_bytes=50 * 50 * 100)


def test_announced_items_cost_no_memory() -> None:
    """0.4 GB from five bytes is what fastavro alone would take."""
    tracemalloc.start()
    try:
        assert reason(BOOLEANS, bytes.fromhex("808ece1c01")) == "undecodable"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_message_holds_no_data() -> None:
    """Messages go to logs and dead letters."""
    with pytest.raises(PoisonError) as caught:
        check("string", b"\x06secret")
    assert str(caught.value) == "payload of schema id/1 leaves 3 bytes unread"
