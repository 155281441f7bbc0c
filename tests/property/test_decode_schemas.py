"""Untrusted schemas: whatever a registry answers, decoding ends typed and within bounds."""

from __future__ import annotations

import json
import math
import struct
import tracemalloc
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consumer.decode import avro_schema
from consumer.decode.avro_types import Array, AvroType, Fixed, Map, Primitive, Struct, Union
from consumer.decode.decoder import Decoder
from consumer.domain.errors import PoisonError
from consumer.domain.events import Absent, ChangeEvent, ColumnPlan
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.unit.decode.samples import (
    SMALL,
    Registry,
    change,
    encode,
    envelope_schema,
    framed,
    named,
    outcome,
    record,
)
from tests.unit.decode.test_logical import CASES

NAMES = st.sampled_from(["R", "E", "op", "after", "before", "source", "x", "é", "a-b", "", "int"])
CONNECT = st.sampled_from([*CASES, "srv.Envelope", "io.debezium.connector.common.Heartbeat"])
FIELD_NAMES = st.sampled_from(
    ["scale", "value", "wkb", "srid", "x", "y", "vector", "dimensions", "key", "year", "nanos"],
)


def _types(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.lists(
        st.fixed_dictionaries({"name": NAMES | FIELD_NAMES, "type": inner}), max_size=4
    )
    return st.one_of(
        st.lists(inner, max_size=3),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.fixed_dictionaries({"type": st.just("map"), "values": inner}),
        st.fixed_dictionaries(
            {"type": st.just("record"), "name": NAMES | st.text(), "fields": fields},
            optional={"connect.name": CONNECT, "namespace": NAMES},
        ),
        st.fixed_dictionaries({"type": inner}, optional={"connect.name": CONNECT}),
    )


LEAVES = st.one_of(
    st.sampled_from(["null", "boolean", "int", "long", "float", "double", "bytes", "string", "R"]),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["int", "long", "double", "bytes", "string"])},
        optional={"connect.name": CONNECT, "scale": st.integers(-30, 30)},
    ),
    st.fixed_dictionaries({"type": st.just("fixed"), "name": NAMES, "size": st.integers(-1, 9)}),
)
LOGICAL = st.sampled_from(
    [
        {**(named(type_, name) if isinstance(type_, str) else type_), "connect.name": name}
        for name, (type_, _, _) in CASES.items()
    ]
)
SCHEMAS = st.recursive(LEAVES | LOGICAL, _types, max_leaves=8)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.just("type"), inner),
    max_leaves=10,
)


@given(SCHEMAS | JSON_VALUES, st.binary(max_size=300))
def test_any_schema_and_payload_end_in_a_typed_error_or_an_event(
    schema: Any, payload: bytes
) -> None:
    """Registry content is untrusted: as a column's type, as a key and as a whole value."""
    registry = Registry()
    number = registry.add(schema)
    decoder = Decoder(registry, SMALL)
    outcome(decoder, record(framed(number, payload)), ColumnPlan((), ()))
    outcome(decoder, record(None, framed(number, payload)), ColumnPlan((), ("id",)))
    wrapped = registry.add(envelope_schema({"name": "c", "type": schema}))
    head = b"\0\2"  # before is null, after is there
    outcome(decoder, record(framed(wrapped, head + payload)), ColumnPlan(("c",), ()))


def _varint(number: int) -> bytes:
    """Return a zigzag number."""
    rest, encoded = (number << 1) ^ (number >> 63), bytearray()
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*encoded, rest])


INTS = st.integers(-(2**31), 2**31 - 1) | st.integers(-2, 3)
LONGS = INTS | st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text().map(str.encode) | st.sampled_from([b"2024-02-29T13:14:15Z", b"infinity", b"x,y"])
PRIMITIVES: dict[str, st.SearchStrategy[bytes]] = {
    "null": st.just(b""),
    "boolean": st.sampled_from([b"\0", b"\1"]),
    "int": INTS.map(_varint),
    "long": LONGS.map(_varint),
    "float": st.binary(min_size=4, max_size=4),
    "double": st.binary(min_size=8, max_size=8) | st.floats().map(lambda n: struct.pack("<d", n)),
    "bytes": (st.binary() | st.just(b"\1\1\0\0\0" + bytes(16))).map(
        lambda content: _varint(len(content)) + content
    ),
    "string": TEXTS.map(lambda content: _varint(len(content)) + content),
}


def _payload(draw: st.DrawFn, node: AvroType) -> bytes:  # noqa: PLR0911 - one case per kind
    """Return any bytes that are a value of the type."""
    match node:
        case Primitive():
            return draw(PRIMITIVES[node.kind])
        case Fixed():
            return draw(st.binary(min_size=node.byte_count, max_size=node.byte_count))
        case Struct():
            return b"".join(_payload(draw, each) for each in node.fields.values())
        case Array():
            items = [_payload(draw, node.items) for _ in range(draw(st.integers(1, 2)))]
            return _varint(len(items)) + b"".join(items) + b"\0"
        case Map():
            return b"\2" + draw(PRIMITIVES["string"]) + _payload(draw, node.values) + b"\0"
        case Union():
            index = draw(st.integers(0, len(node.branches) - 1))
            return _varint(index) + _payload(draw, node.branches[index])
        case _:
            return b"\0"


def _is_domain_value(value: Any) -> bool:
    """Return whether this is one of the types that a row may hold; no NaN, no infinity."""
    match value:
        case None | Absent() | str() | bytes() | bool() | int():
            return True
        case float():
            return math.isfinite(value)
        case Decimal():
            return value.is_finite()
        case list():
            return all(_is_domain_value(each) for each in value)
        case dict():
            return all(isinstance(k, str) and _is_domain_value(v) for k, v in value.items())
        case _:
            return False


@given(SCHEMAS, st.data())
def test_any_value_of_any_type_is_a_domain_value_or_a_typed_error(
    schema: Any, data: st.DataObject
) -> None:
    """Semantic names on encodings that fit and on such that do not, with extreme values."""
    registry = Registry()
    text = WriterSchema(SchemaRef("id/1"), "AVRO", json.dumps(schema))
    try:
        node = avro_schema.parse(text, SMALL)
    except PoisonError:
        return
    column = data.draw(st.composite(lambda draw: _payload(draw, node))())
    empty = envelope_schema()
    tail = encode(empty, change("c", {}))[2:]
    number = registry.add(envelope_schema({"name": "c", "type": schema}))
    one = record(framed(number, b"\0\2" + column + tail))
    event = outcome(Decoder(registry, SMALL), one, ColumnPlan(("c",), ()))
    if isinstance(event, ChangeEvent):
        assert event.after is not None
        assert _is_domain_value(event.after[0])


@given(SCHEMAS, st.binary(max_size=40))
def test_small_payload_never_grows_beyond_the_bound(schema: Any, payload: bytes) -> None:
    """A few bytes may announce millions of items."""
    registry = Registry()
    wrapped = registry.add(envelope_schema({"name": "c", "type": schema}))
    one = record(framed(wrapped, b"\0\2" + payload))
    decoder = Decoder(registry, SMALL)
    tracemalloc.start()
    try:
        outcome(decoder, one, ColumnPlan(("c",), ()))
        assert tracemalloc.get_traced_memory()[1] < 4 * SMALL.max_decoded_bytes
    finally:
        tracemalloc.stop()


@given(st.text())
def test_any_text_as_schema_is_refused_or_read(text: str) -> None:
    """Down to texts that are no JSON at all."""
    registry = Registry()
    outcome(Decoder(registry, SMALL), record(framed(registry.add(text), b"")), ColumnPlan((), ()))
