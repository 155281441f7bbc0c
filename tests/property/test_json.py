"""JSON beside its schema says what Avro says; any JSON ends in an event or a typed error."""

from __future__ import annotations

import json
import tracemalloc
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consumer.decode.decoder import Decoder
from consumer.domain.events import ChangeEvent, ColumnPlan, Tombstone
from consumer.domain.formats import ARRAY, DECIMAL, ColumnType, Encoding, Reading, RecordFormat
from tests.property.test_decode import TYPES
from tests.property.test_decode_keys import KEY_TYPES
from tests.property.test_decode_schemas import _is_domain_value
from tests.unit.decode.json_samples import beside, envelope
from tests.unit.decode.samples import (
    SMALL,
    Registry,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    key_schema,
    outcome,
    record,
)
from tests.unit.decode.to_json import connect_schema, json_value

_MARK = "@decimal-7f3a@"
_WITHOUT_JSON = {"fixed"}  # Connect has no type of fixed length
COLUMN_TYPES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    **{name: (schema, values) for name, (schema, values, _) in TYPES.items()},
    **{
        name: (each.schema, each.values)
        for name, each in KEY_TYPES.items()
        if name not in _WITHOUT_JSON
    },
}
_KIND = st.tuples(st.sampled_from(sorted(COLUMN_TYPES)), st.booleans())
KINDS = st.lists(_KIND, min_size=1, max_size=6, unique_by=lambda kind: kind[0])


class Numeric(json.JSONEncoder):
    """Writes decimals as numbers, digit by digit."""

    def iterencode(self, o: Any, _one_shot: bool = False) -> Any:  # noqa: FBT001, FBT002 - theirs
        """Write a tree in which decimals are marked texts, then take the marks away."""
        texts = super().iterencode(_marked(o), _one_shot)
        return (text.replace(f'"{_MARK}', "").replace(f'{_MARK}"', "") for text in texts)


def _marked(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{_MARK}{value}{_MARK}"
        case dict():
            return {name: _marked(each) for name, each in value.items()}
        case list():
            return [_marked(each) for each in value]
        case _:
            return value


def plain(schema: Any) -> Any:
    """Let raw bytes be written as they are: the writer checks decimals against a precision."""
    return json.loads(json.dumps(schema).replace('"logicalType"', '"was"'))


@given(KINDS, st.data(), st.sampled_from(["BASE64", "NUMERIC"]))
def test_a_row_says_the_same_in_avro_and_in_json(
    kinds: list[tuple[str, bool]], data: st.DataObject, decimal_format: str
) -> None:
    """Whichever converter a connector has, the index is the same: rows, exact columns, doubts."""
    columns, raw = [], {}
    for number, (kind, nullable) in enumerate(kinds):
        schema, values = COLUMN_TYPES[kind]
        columns.append(field(f"c{number}", _renamed(schema, number), nullable=nullable))
        raw[f"c{number}"] = data.draw(st.none() | values if nullable else values)
    names = tuple(raw)
    everything = frozenset(names)
    plan = ColumnPlan(names, (), before=True, exact_columns=names, left_out=everything,
                      defaults=everything)  # fmt: skip
    avro, registry = envelope_schema(*columns), Registry()
    op, has_old = data.draw(st.sampled_from("cur")), data.draw(st.booleans())
    one = record(
        framed(registry.add(avro), encode(plain(avro), change(op, raw, raw if has_old else None)))
    )
    numeric = decimal_format == "NUMERIC"
    rows = {
        each["name"]: json_value(each["type"], raw[each["name"]], numeric=numeric)
        for each in columns
    }
    schema = envelope(**{each["name"]: connect_schema(each["type"]) for each in columns})
    text = json.dumps(
        {"schema": schema, "payload": change(op, rows, rows if has_old else None)}, cls=Numeric
    )
    other = record(text.encode())
    decoders = (Decoder(registry, SMALL), Decoder(Registry(), SMALL))
    expected, got = outcome(decoders[0], one, plan), outcome(decoders[1], other, plan)
    assert repr(got) == repr(expected)
    assert decoders[0].losses() == decoders[1].losses()


def _renamed(schema: Any, number: int) -> Any:
    """Return the schema with names of its own: a record may be defined once."""
    if isinstance(schema, dict) and schema.get("type") == "record":
        return {**schema, "name": f"R{number}", "connect.name": schema["connect.name"]}
    return schema


@given(st.sampled_from(sorted(KEY_TYPES.keys() - _WITHOUT_JSON)), st.data())
def test_a_key_says_the_same_in_avro_and_in_json(kind: str, data: st.DataObject) -> None:
    """Or a delete would miss the item that the other converter made."""
    key_type = KEY_TYPES[kind]
    schema, registry = key_schema(field("k", key_type.schema)), Registry()
    raw = {"k": data.draw(key_type.values)}
    avro = record(None, framed(registry.add(schema), encode(schema, raw)))
    text = beside(connect_schema(schema), json_value(schema, raw))
    plan = ColumnPlan((), ("k",))
    expected = outcome(Decoder(registry, SMALL), avro, plan)
    assert repr(outcome(Decoder(Registry(), SMALL), record(None, text), plan)) == repr(expected)
    assert expected is None or isinstance(expected, Tombstone)


NAMES = st.sampled_from(
    ["schema", "payload", "type", "fields", "field", "items", "keys", "values", "optional", "name",
     "op", "before", "after", "source", "connector", "table", "__deleted", "__op", "id", "c",
     "default", "parameters", "scale", "message", "status", "ts_ms", "\ud800"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["struct", "int32", "int64", "bytes", "string", "array", "map", "double", "true", "false", "u",
     "c", "d", "r", "postgresql", "cassandra", "debezium_signal", DECIMAL, "NaN", "2",
     "__debezium_unavailable_value", "io.debezium.connector.common.Heartbeat", "x.Envelope",
     "io.debezium.data.Bits", "io.debezium.data.VariableScaleDecimal"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | WORDS | st.text(max_size=5) | st.floats()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)
SCHEMAS = st.recursive(
    st.fixed_dictionaries({"type": WORDS}, optional={"name": WORDS, "optional": st.booleans()}),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.fixed_dictionaries({"type": st.just("map"), "keys": inner, "values": inner}),
        st.fixed_dictionaries(
            {
                "type": st.just("struct"),
                "fields": st.lists(
                    st.tuples(NAMES, inner, VALUES).map(
                        lambda each: {**each[1], "field": each[0], "default": each[2]}
                    ),
                    max_size=4,
                ),
            },
            optional={"name": WORDS},
        ),
    ),
    max_leaves=6,
)
DECLARED = st.sampled_from(
    [ColumnType("bytes"), ColumnType(DECIMAL, 2), ColumnType("double"), ColumnType("int64"),
     ColumnType("io.debezium.time.MicroTimestamp"), ColumnType("io.debezium.data.Bits"),
     ColumnType("io.debezium.data.VariableScaleDecimal"),
     ColumnType("io.debezium.data.geometry.Point"),
     ColumnType(ARRAY, items=ColumnType("io.debezium.time.Date"))]
)  # fmt: skip
READINGS = st.builds(
    Reading,
    format=st.none() | st.sampled_from(RecordFormat),
    value=st.sampled_from([None, Encoding.JSON, Encoding.AVRO]),
    key=st.none() | st.sampled_from(Encoding),
    types=st.dictionaries(st.sampled_from(["c", "id"]), DECLARED).map(
        lambda types: tuple(types.items())
    ),
)
ENVELOPES = st.fixed_dictionaries(
    {"op": WORDS, "after": VALUES, "source": VALUES, "before": VALUES}
)
ROWS = st.fixed_dictionaries(
    {"id": VALUES, "c": VALUES}, optional={"__deleted": VALUES, "__op": VALUES}
)
DOCUMENTS = st.one_of(
    VALUES, ROWS, ENVELOPES, st.fixed_dictionaries({"op": WORDS, "after": ROWS, "source": VALUES}),
    st.fixed_dictionaries({"schema": SCHEMAS, "payload": VALUES | ROWS | ENVELOPES}),
)  # fmt: skip


@given(DOCUMENTS, DOCUMENTS, READINGS, st.data())
def test_any_json_ends_in_a_typed_error_or_an_event(
    value: Any, key: Any, reading: Reading, data: st.DataObject
) -> None:
    """Schemas, payloads and rows are whoever's who writes into the topic."""
    every = frozenset({"c", "id"})
    plan = ColumnPlan(("c",), ("id",), before=data.draw(st.booleans()), exact_columns=("id",),
                      left_out=every, defaults=every, granting=every, reading=reading)  # fmt: skip
    header = ("__debezium.newkey", json.dumps(key).encode())
    one = record(json.dumps(value).encode(), json.dumps(key).encode(), [header])
    decoder = Decoder(Registry(), SMALL)
    if decoder.missing_schemas(one, plan):
        return
    first = outcome(decoder, one, plan)
    assert repr(outcome(decoder, one, plan)) == repr(first)  # by what was kept
    if isinstance(first, ChangeEvent):
        assert all(map(_is_domain_value, (*(first.after or ()), *(first.key or ()))))


@given(DOCUMENTS, st.data())
def test_spoilt_text_ends_in_a_typed_error_or_an_event(value: Any, data: st.DataObject) -> None:
    """Flip, cut and insert bytes; also behind a schema that is known."""
    text = bytearray(json.dumps(value).encode())
    decoder = Decoder(Registry(), SMALL)
    plan = ColumnPlan(("c",), ("id",), reading=Reading(value=Encoding.JSON, key=Encoding.JSON))
    outcome(decoder, record(bytes(text), b'{"id":1}'), plan)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(len(text), at + 3)))
        text[at:end] = data.draw(st.binary(max_size=4) | st.sampled_from([b'"', b"{", b"1e9999"]))
    outcome(decoder, record(bytes(text), bytes(text)), plan)


PIECES = st.sampled_from(
    [b"[", b"{}", b"[]", b'{"a":1.5}', b'"a"', b"1.5", b"null", b'{"a":{}}', b"[[1]]", b'"\\u00e9"',
     b"[1,2,3]", b'{"a":[],"b":{}}', b"12345678901234567890"]
)  # fmt: skip


@given(st.lists(PIECES, min_size=1, max_size=4), st.integers(1, 20_000))
def test_a_text_never_grows_beyond_the_bound(pieces: list[bytes], times: int) -> None:
    """Three bytes can be an object of two hundred."""
    one = record(b"[" + b",".join(pieces * (times // len(pieces) + 1))[:90_000] + b"]")
    plan = ColumnPlan((), (), reading=Reading(value=Encoding.JSON))
    decoder = Decoder(Registry(), SMALL)
    tracemalloc.start()
    try:
        outcome(decoder, one, plan)
        assert tracemalloc.get_traced_memory()[1] < 4 * SMALL.max_decoded_bytes
    finally:
        tracemalloc.stop()
