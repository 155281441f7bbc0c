"""What is made of a schema is forgotten when its name means another one; unreadable headers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.unit.decode.samples import (
    Json,
    Registry,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    record,
)

PLAN = ColumnPlan(("a",), ())
ID = SchemaRef("id/1")
ONE = envelope_schema(field("a", "int"), field("b", "int"))
OTHER = envelope_schema(field("b", "int"), field("a", "int"))


class OneSchema:
    """A lookup whose one schema can change, or turn out to be unusable."""

    def __init__(self, schema: Json) -> None:
        """Have this."""
        registry = Registry()
        registry.add(schema)
        self.look: Callable[[], WriterSchema | None] = lambda: registry.schemas[ID]

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return it."""
        return self.look() if ref == ID else None


def row(schema: Json) -> Record:
    """Return a record that was written by a schema, under the same name whichever it is."""
    return record(framed(1, encode(schema, change("c", {"a": 1, "b": 2}))))


def after(decoder: Decoder, one: Record) -> object:
    """Decode as the pipeline does."""
    assert decoder.missing_schemas(one, PLAN) == ()
    event = decoder.decode(one, PLAN)
    assert isinstance(event, ChangeEvent)
    return event.after


def test_rows_are_read_by_the_schema_that_is_at_hand_now() -> None:
    """A disk's copy stood in until the registry answered: going on with it would swap columns."""
    schemas = OneSchema(ONE)
    decoder = Decoder(schemas, DecodeSettings())
    assert after(decoder, row(ONE)) == (1,)
    schemas.look = OneSchema(OTHER).look
    assert after(decoder, row(OTHER)) == (1,)


def test_a_schema_that_turns_out_unusable_is_not_used_on() -> None:
    """The registry says that this name is no Avro schema."""
    schemas = OneSchema(ONE)
    decoder = Decoder(schemas, DecodeSettings())
    after(decoder, row(ONE))

    def unusable() -> WriterSchema | None:
        reason, message = "not_avro", "of type JSON"
        raise PoisonError(reason, message)

    schemas.look = unusable
    assert decoder.missing_schemas(row(ONE), PLAN) == ()
    with pytest.raises(PoisonError, match="JSON"):
        decoder.decode(row(ONE), PLAN)


def test_nothing_is_read_twice_while_its_schema_stays() -> None:
    """Also when it fell out of memory and was fetched again: parsing costs milliseconds."""
    schemas = OneSchema(ONE)
    decoder = Decoder(schemas, DecodeSettings())
    after(decoder, row(ONE))
    tree = decoder._avro._tree(ID)
    schemas.look = OneSchema(ONE).look
    after(decoder, row(ONE))
    assert decoder._avro._tree(ID) is tree


def test_memory_for_schemas_is_bounded() -> None:
    """Some producers register one per record."""
    registry = Registry()
    decoder = Decoder(registry, DecodeSettings(max_cached_schemas=2))
    for _ in range(5):
        number = registry.add(ONE)
        decoder.decode(record(framed(number, row(ONE).value[5:])), PLAN)  # type: ignore[index]
    assert len(decoder._avro._parsed) <= 2


def test_a_record_with_unreadable_headers_is_poison_and_waits_for_no_value_schema() -> None:
    """Its headers could name the schema: the first bytes of its value are not to be trusted."""
    decoder = Decoder(Registry(), DecodeSettings())
    one = replace(row(ONE), headers_unreadable=True)
    assert decoder.missing_schemas(one, PLAN) == ()
    for value in (one.value, None):
        with pytest.raises(PoisonError) as caught:
            decoder.decode(replace(one, value=value), PLAN)
        assert caught.value.reason == "unreadable_headers"
