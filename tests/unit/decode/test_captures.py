"""Records of real databases: every capture decodes, and a dozen to literal events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from consumer.decode import wire
from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.events import (
    UNAVAILABLE,
    ChangeEvent,
    ColumnPlan,
    ControlKind,
    ControlRecord,
    Event,
    Op,
    Tombstone,
    Truncate,
)
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.unit.decode.samples import ROOT, capture, outcome

GOLDEN = ROOT / "tests" / "golden"
WRONG_KEY = GOLDEN / "pg.public.indexed" / "wrong-key"
OTHER_FORMATS = ("json", "flat", "__debezium-heartbeat.json")  # test_recorded_formats.py
SET_ASIDE = {
    WRONG_KEY,
    GOLDEN / "mapped.public.loose" / "default-identity",
    *GOLDEN.glob("out*.order/events"),
    *GOLDEN.glob("clouded.*/json"),
    *(path for path in GOLDEN.glob("*/*") if path.parent.name.startswith(OTHER_FORMATS)),
}
CAPTURES = sorted({path.parent for path in GOLDEN.glob("*/*/records.jsonl")} - SET_ASIDE)
DEMO = ROOT / "demo" / "data" / "kb.events.jsonl.gz"


def columns(
    schemas: Mapping[SchemaRef, WriterSchema], record: Record, side: str
) -> tuple[str, ...]:
    """Return all columns of an envelope's rows or of a key."""
    data = record.key if side == wire.KEY_HEADER else record.value
    if data is None:
        return ()
    schema = json.loads(schemas[wire.frame(data, record.headers, side).ref].text)
    fields = {each["name"]: each["type"] for each in schema["fields"]}
    images = fields.get("before", [None, schema])
    return tuple(each["name"] for each in images[1]["fields"])


def events(path: Path) -> list[Event]:
    """Return what each record says when all of its columns are planned."""
    records, schemas = capture(path)
    decoder = Decoder(schemas, DecodeSettings())
    decoded = []
    for record in records:
        values = columns(schemas, record, wire.VALUE_HEADER)
        plan = ColumnPlan(values, columns(schemas, record, wire.KEY_HEADER), before=True)
        assert decoder.missing_schemas(record, plan) == ()
        decoded.append(decoder.decode(record, plan))
    return decoded


def case(name: str) -> list[Event]:
    """Return the events of a golden capture."""
    return events(GOLDEN / name / "records.jsonl")


def changes(name: str) -> list[ChangeEvent]:
    """Return the row changes of a golden capture."""
    return [event for event in case(name) if isinstance(event, ChangeEvent)]


@pytest.mark.parametrize("folder", CAPTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_captured_record_decodes(folder: Path) -> None:
    """Whatever a real connector wrote is a typed event."""
    decoded = events(folder / "records.jsonl")
    assert decoded
    assert not any(UNAVAILABLE in (event.key or ()) for event in decoded
                   if isinstance(event, ChangeEvent))  # fmt: skip


def test_all_but_deletes_under_a_made_up_key() -> None:
    """The key is no column of the table's replica identity: two deletes, each with a tombstone."""
    records, schemas = capture(WRONG_KEY / "records.jsonl")
    decoder = Decoder(schemas, DecodeSettings())
    plan = ColumnPlan(("code",), ("id",))
    kinds = Counter(type(outcome(decoder, one, plan)).__name__ for one in records)
    assert kinds == {"ChangeEvent": 2, "NoneType": 4}


def test_every_record_of_the_demonstration_decodes() -> None:
    """The knowledge base that `make demo` feeds."""
    kinds = Counter(type(event).__name__ for event in events(DEMO))
    assert kinds["ChangeEvent"] > 2_000
    assert kinds["Tombstone"] > 100
    assert set(kinds) == {"ChangeEvent", "Tombstone", "ControlRecord"}


def test_insert() -> None:
    """Text, exact numbers and NULL."""
    first, second = changes("pg.public.items/insert")
    assert (first.op, first.key, first.after) == (
        Op.CREATE, (4,), (4, "four", Decimal("4.50"), 40),
    )  # fmt: skip
    assert (second.key, second.before, second.after) == ((5,), None, (5, "", None, 0))
    assert (first.source.connector, first.source.schema) == ("postgresql", "public")


def test_delete_is_followed_by_a_tombstone() -> None:
    """With the default identity, `before` holds the key and empty values."""
    gone, tombstone = case("pg.public.items/delete")
    assert isinstance(gone, ChangeEvent)
    assert (gone.op, gone.key, gone.before) == (Op.DELETE, (4,), (4, "", None, 0))
    assert gone.after is None
    assert tombstone == Tombstone((4,))


def test_key_change_is_a_moved_delete_and_a_create() -> None:
    """The header tells it from a delete."""
    by_op = {event.op: event for event in changes("pg.public.items/key-change")}
    assert (by_op[Op.DELETE].key, by_op[Op.DELETE].key_moved) == ((3,), True)
    assert (by_op[Op.CREATE].key, by_op[Op.CREATE].key_moved) == ((30,), False)


def test_unchanged_long_values_are_unavailable() -> None:
    """Eight types; numeric and timestamptz[] have no marker but null."""
    (event,) = changes("pg.public.documents/unavailable")
    assert event.after == (1, "eins", *[UNAVAILABLE] * 6, None, None)


def test_create_of_a_key_change_may_be_incomplete() -> None:
    """A `c` is not always a whole row."""
    (created,) = (each for each in changes("pg.public.documents/unavailable-at-key-change")
                  if each.op is Op.CREATE)  # fmt: skip
    assert created.after is not None
    assert created.after[:4] == (2, "eins", "short now", UNAVAILABLE)


def test_rows_of_an_incremental_snapshot_are_reads() -> None:
    """Told apart by the source's word only."""
    rows = changes("pg.public.items/incremental-snapshot")
    assert {(event.op, event.source.snapshot) for event in rows} == {(Op.READ, "incremental")}


def test_truncate_has_a_source_only() -> None:
    """No key, no rows."""
    (event,) = case("pg.public.visits/truncate")
    assert isinstance(event, Truncate)
    assert (event.source.table, event.source.connector) == ("visits", "postgresql")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pgtx.transaction/begin-and-end", ControlKind.TRANSACTION),
        ("pgtx.notifications/initial-snapshot", ControlKind.NOTIFICATION),
        ("pg.message/logical-message", ControlKind.LOGICAL_MESSAGE),
        ("mariadb/schema-change", ControlKind.SCHEMA_CHANGE),
        ("pg.public.debezium_signal/incremental-snapshot", ControlKind.SIGNAL),
    ],
)
def test_control_records(name: str, kind: ControlKind) -> None:
    """Debezium's own records, each by its kind."""
    assert set(case(name)) == {ControlRecord(kind)}


def test_heartbeats_tell_their_time() -> None:
    """In milliseconds."""
    times = [
        e.ts_ms for e in case("__debezium-heartbeat.pg/heartbeat") if isinstance(e, ControlRecord)
    ]
    assert all(isinstance(time, int) and time > 1_700_000_000_000 for time in times)


def test_table_without_key() -> None:
    """Its tombstone has neither key nor value."""
    *rows, tombstone = case("pg.public.unkeyed/no-key")
    assert [event.key for event in rows if isinstance(event, ChangeEvent)] == [None] * len(rows)
    assert tombstone == ControlRecord(ControlKind.NULL_KEY_TOMBSTONE)


WIDE: dict[str, Any] = {
    "c_int8": 9_007_199_254_740_993,
    "c_numeric_10_2": Decimal("12345678.90"),
    "c_numeric": Decimal("3.14159265358979"),
    "c_money": Decimal("1234.56"),
    "c_char": "ch   ",
    "c_json": '{"b": 1, "a": [1,2]}',
    "c_bytea": b"\x00\xff\x10",
    "c_date": "2024-02-29T00:00:00.000Z",
    "c_time": "13:14:15.123",
    "c_timetz": "11:14:15.123456Z",
    "c_timestamp_6": "2024-02-29T13:14:15.123Z",
    "c_timestamptz": "2024-02-29T11:14:15.123Z",
    "c_interval": "PT37091106.789S",
    "c_text_array": ["a", None, "b c", ""],
    "c_numeric_array": [Decimal("1.25"), Decimal("2.50")],
    "c_timestamptz_array": ["2024-02-29T13:14:15.000Z"],
    "c_enum": "happy",
    "c_bit_1": True,
    "c_bit_8": 129,
    "c_varbit": 341,
    "c_point": {"type": "Point", "coordinates": [1.5, -2.5]},
    "c_int4range": "[1,5)",
}
ISO_DIFFERS = {"c_bytea": "00ff10", "c_time": "13:14:15.123456Z"}


def wide(folder: str) -> list[dict[str, Any]]:
    """Return the after images of the wide table, by column, in the order of their ids."""
    path = GOLDEN / folder / "records.jsonl"
    records, schemas = capture(path)
    names = columns(schemas, records[0], wire.VALUE_HEADER)
    rows = sorted(
        (e.after for e in events(path) if isinstance(e, ChangeEvent) and e.after), key=repr
    )
    return sorted((dict(zip(names, row, strict=True)) for row in rows), key=lambda row: row["id"])


@pytest.mark.parametrize("folder", ["pg.public.wide/snapshot", "pg.public.wide/insert"])
def test_usual_values_of_all_types(folder: str) -> None:
    """The same from the snapshot and from the stream."""
    row = wide(folder)[0]
    assert {name: row[name] for name in WIDE} == WIDE


def test_connects_own_types_mean_the_same() -> None:
    """`time.precision.mode=connect` is another encoding of the same moments."""
    row = wide("pgconnect.public.wide/snapshot")[0]
    same = ("c_date", "c_time", "c_timestamp_6", "c_timestamptz", "c_bit_8", "c_point")
    assert {name: row[name] for name in same} == {name: WIDE[name] for name in same}


def test_iso_texts_mean_the_same() -> None:
    """`time.precision.mode=isostring` gives dates as text; times of day stay as they are."""
    row = wide("pgiso.public.wide/snapshot")[0]
    same = ("c_date", "c_timestamp_6", "c_timestamptz")
    assert {name: row[name] for name in same} == {name: WIDE[name] for name in same}
    assert {name: row[name] for name in ISO_DIFFERS} == ISO_DIFFERS


@pytest.mark.parametrize(
    "folder", ["pg.public.wide/snapshot", "pg.public.wide/insert", "pgconnect.public.wide/snapshot",
               "pgiso.public.wide/snapshot"],
)  # fmt: skip
def test_special_values_are_none(folder: str) -> None:
    """Infinite dates and NaN are values that nothing can hold."""
    row = wide(folder)[1]
    special = ("c_real", "c_double", "c_date", "c_timestamp_3", "c_timestamp_6", "c_timestamptz")
    assert {name: row[name] for name in special} == dict.fromkeys(special)


def test_mariadb_oddities() -> None:
    """Escaped enums, sets, negative times, years, unsigned numbers."""
    names = ("id", "kind", "features", "born", "lasts", "ratio")
    path = GOLDEN / "mariadb.shop.products/update/records.jsonl"
    records, schemas = capture(path)
    plan = ColumnPlan(names, ("id",))
    event = Decoder(schemas, DecodeSettings()).decode(records[0], plan)
    assert isinstance(event, ChangeEvent)
    assert event.after == (1, "b,c", ["x", "z"], 2024, "-838:59:59.000", 0.1)


def test_scale_beyond_precision() -> None:
    """A schema that strict libraries refuse as a whole; `numeric(3,-2)` keeps its value."""
    (event,) = changes("pg.public.odd_decimals/snapshot")
    assert event.after == (1, Decimal(12_300), Decimal("0.00012"))
