"""Records → events: keys, tombstones, plans that misfit, bounds, caches."""

from __future__ import annotations

import json

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.losses import Loss
from consumer.decode.settings import DecodeSettings
from consumer.decode.wire import VALUE_HEADER
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import (
    ChangeEvent,
    ColumnPlan,
    ControlKind,
    ControlRecord,
    Op,
    SourceInfo,
    Tombstone,
    Truncate,
)
from consumer.domain.schemas import AwaitedSchemaError, SchemaRef, WriterSchema
from tests.unit.decode.samples import (
    PLAN,
    ROW,
    VALUE,
    Registry,
    Table,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    key_schema,
    record,
)

SOURCE = SourceInfo("postgresql", "srv", "inv", "public", "items", 17, "false")


def test_rows_follow_the_plans_order() -> None:
    """The tuple is all that decoding and mapping share."""
    table = Table()
    event = table.decoder.decode(table.record("u", before=ROW, after={**ROW, "qty": 2}), PLAN)
    assert event == ChangeEvent(Op.UPDATE, ("a", "t1"), (1, "a"), (2, "a"), SOURCE)


def test_before_is_left_out_unless_planned() -> None:
    """Nobody asked for it, so nothing is converted."""
    table = Table()
    lost = {**ROW, "made": -2_147_472_692}
    plan = ColumnPlan(("made",), ("tenant", "sku"))
    event = table.decoder.decode(table.record("u", before=lost, after=ROW), plan)
    assert isinstance(event, ChangeEvent)
    assert (event.before, event.after) == (None, ("1970-01-01T00:00:00.000Z",))
    assert table.decoder.losses() == {}


def test_lost_values_are_counted() -> None:
    """None stands for several things; the count says that this one happened."""
    table = Table()
    lost = table.record("c", after={**ROW, "made": -2_147_472_692})
    event = table.decoder.decode(lost, ColumnPlan(("made",), ()))
    assert isinstance(event, ChangeEvent)
    assert event.after == (None,)
    assert table.decoder.losses() == {Loss.DATE_OUT_OF_RANGE: 1}


def test_delete_has_no_after_and_may_have_moved() -> None:
    """With the header, the row lives on under another key."""
    table = Table()
    headers = (("__debezium.newkey", b'{"tenant":"t1","sku":"b"}'),)
    gone = table.decoder.decode(table.record("d", before=ROW), PLAN)
    moved = table.decoder.decode(table.record("d", *headers, before=ROW), PLAN)
    assert gone == ChangeEvent(Op.DELETE, ("a", "t1"), (1, "a"), None, SOURCE)
    gone_on = ChangeEvent(
        Op.DELETE, ("a", "t1"), (1, "a"), None, SOURCE, key_moved=True, new_key=("b", "t1")
    )
    assert moved == gone_on


def test_old_key_header_on_a_create_is_no_move() -> None:
    """Only deletes are half of a move."""
    table = Table()
    headers = (("__debezium.newkey", b"{}"), ("__debezium.oldkey", b"{}"))
    event = table.decoder.decode(table.record("c", *headers, after=ROW), PLAN)
    assert isinstance(event, ChangeEvent)
    assert not event.key_moved


def test_tombstone_has_the_key() -> None:
    """It is a delete of its own when its `d` was lost."""
    table = Table()
    assert table.decoder.decode(record(None, table.key()), PLAN) == Tombstone(("a", "t1"))
    assert table.decoder.decode(record(None, table.key()), ColumnPlan((), ())) == Tombstone(())


def test_tombstone_without_key_is_a_control_record() -> None:
    """A table without a key emits them; they say nothing."""
    expected = ControlRecord(ControlKind.NULL_KEY_TOMBSTONE)
    assert Table().decoder.decode(record(None), PLAN) == expected


def test_value_of_no_bytes_is_no_tombstone() -> None:
    """Absent and empty are two things."""
    table = Table()
    assert table.poison(record(b"", table.key())) == "unknown_framing"


def test_truncate_needs_no_key() -> None:
    """Its key is null."""
    table = Table()
    value = framed(table.value_id, encode(VALUE, change("t")))
    assert table.decoder.decode(record(value), PLAN) == Truncate(SOURCE)


def test_missing_column_is_a_configuration_error_on_every_record() -> None:
    """It names schema, column and what it was probably meant to be; all columns at once."""
    message = Table().misfit(ColumnPlan(("qty", "tennant", "zzz"), ("tenant", "sku")))
    assert message.startswith("schema id/1 (srv.public.items.Value): no column 'tennant'")
    assert "did you mean 'tenant'?" in message
    assert "no column 'zzz'" in message
    assert "stays so, also where the column comes back" in message


def test_missing_schemas_of_both_sides_are_named_once() -> None:
    """Framing and lookup only: it is asked for every record, and again while one waits."""
    decoder = Decoder(Registry(), DecodeSettings())
    both = record(framed(8, b"xyz"), framed(7, b""))
    assert decoder.missing_schemas(both, PLAN) == ("id/7", "id/8")
    assert decoder.missing_schemas(record(framed(7, b""), framed(7, b"")), PLAN) == ("id/7",)
    headers = ((VALUE_HEADER, b"\0\0\0\0\x09"),)
    assert decoder.missing_schemas(record(b"xyz", None, headers), PLAN) == ("id/9",)


def test_what_has_no_framing_misses_no_schema() -> None:
    """It would wait for ever; decoding says what is wrong. The readable side is still fetched."""
    decoder = Decoder(Registry(), DecodeSettings())
    assert decoder.missing_schemas(record(b"{}", b"text"), PLAN) == ()
    assert decoder.missing_schemas(record(None, None), PLAN) == ()
    assert decoder.missing_schemas(record(b"{}", framed(7, b"")), PLAN) == ("id/7",)


def test_schema_that_can_never_be_used_is_not_missing() -> None:
    """The lookup knows that by itself; its reason passes through."""

    class Refusing:
        def get(self, ref: SchemaRef) -> WriterSchema | None:
            reason = "unknown_schema"
            raise PoisonError(reason, f"{ref} does not exist")

    decoder = Decoder(Refusing(), DecodeSettings())
    bad = record(framed(7, b"abc"))
    assert decoder.missing_schemas(bad, PLAN) == ()
    with pytest.raises(PoisonError) as caught:
        decoder.decode(bad, PLAN)
    assert caught.value.reason == "unknown_schema"


def test_decoding_without_the_schema_asks_for_it_again() -> None:
    """It may have been withdrawn since `missing_schemas`: the record is not to blame, nor we."""
    decoder = Decoder(Registry(), DecodeSettings())
    with pytest.raises(AwaitedSchemaError, match="id/7") as caught:
        decoder.decode(record(framed(7, b"abc")), PLAN)
    assert caught.value.ref == "id/7"
    with pytest.raises(AwaitedSchemaError, match="id/8"):
        decoder.decode(record(None, framed(8, b"abc")), PLAN)


def test_unreadable_record_of_the_heartbeat_topic_is_a_heartbeat() -> None:
    """JSON heartbeats beside Avro rows are common; what cannot be read tells no time."""
    for value, ts_ms in ((b'{"ts_ms":1}', 1), (b'{"ts_ms":"1"}', None), (b"{", None), (b"?", None)):
        beat = record(value, topic="__debezium-heartbeat.srv")
        expected = ControlRecord(ControlKind.HEARTBEAT, ts_ms)
        assert Table().decoder.decode(beat, PLAN) == expected


def test_heartbeat_tells_its_time() -> None:
    """Lag in seconds is measured by it when no rows come."""
    table = Table()
    name = "io.debezium.connector.common.Heartbeat"
    schema = {"type": "record", "name": name, "fields": [field("ts_ms", "long")]}
    value = framed(table.registry.add(schema), encode(schema, {"ts_ms": 99}))
    assert table.decoder.decode(record(value), PLAN) == ControlRecord(ControlKind.HEARTBEAT, 99)


@pytest.mark.parametrize("kind", ["Heartbeat", "TransactionMetadataValue"])
def test_a_row_under_the_id_of_a_control_records_schema_is_not_skipped(kind: str) -> None:
    """A wrong id must not lose it: what is not the whole of such a record is none."""
    table = Table()
    name = f"io.debezium.connector.common.{kind}"
    schema = {"type": "record", "name": name, "fields": [field("ts_ms", "long")]}
    row = table.record("c", after=ROW)
    assert row.value is not None
    under_it = framed(table.registry.add(schema), row.value[5:])
    assert table.poison(record(under_it, table.key())) == "trailing_bytes"


def test_payload_beyond_the_bound_is_not_read() -> None:
    """One record must not take the process down."""
    table = Table(max_payload_bytes=50)
    assert table.poison(table.record("c", after=ROW)) == "payload_too_large"


def test_bad_bytes_are_poison_without_data() -> None:
    """The message names the schema, and nothing of the payload."""
    table = Table()
    whole = table.record("c", after={**ROW, "sku": "secret"})
    assert whole.value is not None
    assert table.poison(record(whole.value + b"\0", table.key())) == "trailing_bytes"
    assert table.poison(record(whole.value[:-1], table.key())) == "undecodable"
    garbled = whole.value.replace(b"secret", b"secre\xff")
    with pytest.raises(PoisonError) as caught:
        table.decoder.decode(record(garbled, table.key()), PLAN)
    assert str(caught.value) == "payload of schema id/1 cannot be read: UnicodeDecodeError"


def test_schema_that_fastavro_refuses_is_poison() -> None:
    """Symbols are checked by it, for one."""
    table = Table()
    odd = {"type": "enum", "name": "E", "symbols": ["a b"]}
    bad = framed(table.registry.add(envelope_schema(field("e", odd))), b"")
    assert table.poison(record(bad), ColumnPlan(("e",), ())) == "bad_schema"


def test_schemas_may_come_and_go_beyond_the_caches() -> None:
    """A cache bounds memory, never what can be decoded."""
    table = Table(max_cached_schemas=1)
    other = ColumnPlan(("sku",), ("tenant", "sku"))
    for _ in range(2):
        for plan in (PLAN, other):
            event = table.decoder.decode(table.record("c", after=ROW), plan)
            assert isinstance(event, ChangeEvent)
            assert event.key == (("a", "t1") if plan is PLAN else ("t1", "a"))


@pytest.mark.parametrize("name", ["Val\ud800", "V" * 4_000, "two\nlines"])
def test_a_message_that_quotes_a_schema_can_be_said(name: str) -> None:
    """Registry content is untrusted; a log line that cannot be written would end the loop."""
    schema = json.loads(json.dumps(VALUE).replace('"Value"', json.dumps(name)))
    registry = Registry()
    one = record(framed(registry.add(schema), encode(VALUE, change("c", ROW))))
    with pytest.raises(ConfigError, match="no column 'missing'") as caught:
        Decoder(registry, DecodeSettings()).decode(one, ColumnPlan(("missing",), ()))
    message = str(caught.value).encode()
    assert len(message) < 1_000
    assert b"\n" not in message


def test_a_message_that_quotes_the_columns_of_a_key_can_be_said() -> None:
    """Names can be anything, and many."""
    registry = Registry()
    names = [f"k{number}\ud800" for number in range(10_000)]
    key = framed(registry.add(key_schema(*(field(name, "int") for name in names))), b"")
    with pytest.raises(ConfigError, match="has key columns") as caught:
        Decoder(registry, DecodeSettings()).decode(record(None, key), ColumnPlan((), ("id",)))
    assert len(str(caught.value).encode()) < 2_000
