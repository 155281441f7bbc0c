"""What is declared about records: encodings of keys and values, types of columns in Avro."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan, Tombstone
from consumer.domain.formats import ARRAY, DECIMAL, ColumnType, Encoding, Reading
from tests.unit.decode.json_samples import text
from tests.unit.decode.samples import (
    Registry,
    Table,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    key_schema,
    named,
    record,
)

MICROS = "io.debezium.time.MicroTimestamp"


def keyed(encoding: Encoding | None, *columns: str) -> ColumnPlan:
    """Return a plan whose keys are declared to be so encoded."""
    return ColumnPlan((), columns or ("id",), reading=Reading(key=encoding))


def key(data: bytes, plan: ColumnPlan) -> Any:
    """Return what a tombstone's key is; why it is poison otherwise."""
    decoder = Decoder(Registry(), DecodeSettings())
    one = record(None, data)
    assert decoder.missing_schemas(one, plan) == ()
    try:
        event = decoder.decode(one, plan)
    except PoisonError as error:
        return error.reason
    assert isinstance(event, Tombstone)
    return event.key


def test_bare_keys_are_read_as_declared() -> None:
    """As ksqlDB writes them; an integer looks like the frame of a schema's id."""
    assert key(b"abc/1", keyed(Encoding.TEXT)) == ("abc/1",)
    assert key((7).to_bytes(8, "big"), keyed(Encoding.INTEGER)) == (7,)
    assert key(b"\0\0\0\7\0\0\0\1", keyed(Encoding.INTEGER)) == (7 * 2**32 + 1,)
    assert key((-7).to_bytes(4, "big", signed=True), keyed(Encoding.INTEGER)) == (-7,)
    assert key(b'"abc"', keyed(Encoding.JSON)) == ("abc",)
    assert key(b"5", keyed(Encoding.JSON)) == (5,)
    assert key(b'{"id":5}', keyed(Encoding.JSON)) == (5,)


def test_bare_keys_that_are_none_are_poison() -> None:
    """Two bytes are no integer, half a character no text."""
    assert key(b"\xff", keyed(Encoding.TEXT)) == "undecodable"
    assert key(b"12", keyed(Encoding.INTEGER)) == "undecodable"
    assert key(b"abc", keyed(Encoding.JSON)) == "undecodable"
    assert key(b"null", keyed(Encoding.JSON)) == "null_key"
    assert key(b"x" * 20_000_000, keyed(Encoding.TEXT)) == "payload_too_large"


@pytest.mark.parametrize("encoding", [Encoding.TEXT, Encoding.INTEGER, Encoding.JSON])
def test_a_bare_key_is_one_column(encoding: Encoding) -> None:
    """Which of two it is, nothing says."""
    with pytest.raises(ConfigError, match="one bare value"):
        key(b"12345678", keyed(encoding, "a", "b"))


def test_undeclared_a_key_is_json_only_where_that_is_unmistakable() -> None:
    """Text may well begin with a quote or a digit."""
    assert key(b'{"id":5}', keyed(None)) == (5,)
    assert key(b'"abc"', keyed(None)) == "not_avro"
    assert key(b"5", keyed(None)) == "unknown_framing"


def test_a_declared_encoding_is_the_only_one() -> None:
    """JSON where Avro is declared is somebody else's record."""
    table = Table()
    row = {"tenant": "t", "sku": "a", "qty": 1, "made": None}
    avro = table.record("c", after=row)
    json = record(text(change("c", row)), table.key())
    plans = {
        each: ColumnPlan(("qty",), (), reading=Reading(value=each))
        for each in (Encoding.AVRO, Encoding.JSON)
    }
    for one, encoding in ((avro, Encoding.AVRO), (json, Encoding.JSON)):
        assert isinstance(table.decoder.decode(one, plans[encoding]), ChangeEvent)
    assert table.poison(json, plans[Encoding.AVRO]) == "not_avro"
    assert table.poison(avro, plans[Encoding.JSON]) == "unknown_framing"


def test_a_header_that_names_a_schema_wins_over_a_brace() -> None:
    """A bare Avro payload can begin with any byte: `{` is the number -62."""
    registry = Registry()
    schema = key_schema(field("id", "int"))
    number = registry.add(schema)
    data = encode(schema, {"id": -62})
    assert data == b"{"
    header = ("__key_schema_id", b"\0" + number.to_bytes(4, "big"))
    one = record(None, data, [header])
    assert Decoder(registry, DecodeSettings()).decode(one, keyed(None)) == Tombstone((-62,))


def typed(avro: Any, raw: Any, declared: ColumnType) -> Any:
    """Return what an Avro column becomes whose type is declared."""
    registry = Registry()
    schema = envelope_schema(field("c", avro, nullable=True))
    value = framed(registry.add(schema), encode(schema, change("c", {"c": raw})))
    plan = ColumnPlan(("c",), (), reading=Reading(types=(("c", declared), ("other", declared))))
    event = Decoder(registry, DecodeSettings()).decode(record(value), plan)
    assert isinstance(event, ChangeEvent)
    assert event.after is not None
    return event.after[0]


def test_types_are_declared_for_avro_without_connects_metadata() -> None:
    """Nothing else tells a MicroTimestamp from a bigint (`connect.meta.data=false`)."""
    assert typed("long", 1_500_000, ColumnType(MICROS)) == "1970-01-01T00:00:01.500Z"
    assert str(typed("bytes", b"\x04\xd2", ColumnType(DECIMAL, 2))) == "12.34"
    assert typed("long", 5, ColumnType("int64")) == 5
    moments = ColumnType(ARRAY, items=ColumnType(MICROS))
    items = {"type": "array", "items": ["null", "long"]}
    assert typed(items, [0, None], moments) == ["1970-01-01T00:00:00.000Z", None]
    already = named("long", MICROS)
    assert typed(already, 0, ColumnType(MICROS)) == "1970-01-01T00:00:00.000Z"


CONTRADICTIONS: list[tuple[Any, Any, ColumnType]] = [
    (named("long", "io.debezium.time.Timestamp"), 0, ColumnType(MICROS)),
    ("string", "x", ColumnType(MICROS)),
    ("string", "x", ColumnType("int64")),
    ("long", 1, ColumnType(ARRAY, items=ColumnType("int64"))),
    ({"type": "array", "items": "string"}, ["x"], ColumnType(ARRAY, items=ColumnType("int64"))),
    (named("bytes", DECIMAL, scale=3), b"\1", ColumnType(DECIMAL, 2)),
]


@pytest.mark.parametrize(("avro", "raw", "declared"), CONTRADICTIONS)
def test_a_declaration_that_a_schema_contradicts_is_a_configuration_error(
    avro: Any, raw: Any, declared: ColumnType
) -> None:
    """One of the two is wrong, for every record."""
    with pytest.raises(ConfigError, match="column 'c' is declared as"):
        typed(avro, raw, declared)


def test_key_columns_are_typed_as_well() -> None:
    """Exactly: a moment in an id keeps its microseconds."""
    registry = Registry()
    schema = key_schema(field("id", "long"))
    data = framed(registry.add(schema), encode(schema, {"id": 1}))
    plan = ColumnPlan((), ("id",), reading=Reading(types=(("id", ColumnType(MICROS)),)))
    event = Decoder(registry, DecodeSettings()).decode(record(None, data), plan)
    assert event == Tombstone(("1970-01-01T00:00:00.000001Z",))
