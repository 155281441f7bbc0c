"""Records of real connectors in other formats: they say what the Avro ones say."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.events import (
    UNAVAILABLE,
    ChangeEvent,
    ColumnPlan,
    ControlKind,
    ControlRecord,
    Event,
    Tombstone,
)
from consumer.domain.formats import ARRAY, DECIMAL, ColumnType, Reading, RecordFormat
from tests.golden.cases import loaded
from tests.unit.decode.samples import ROOT, capture

GOLDEN = ROOT / "tests" / "golden"
FOLDERS = sorted(
    path.parent
    for pattern in ("json*", "flat*", "__debezium-heartbeat.json*")
    for path in GOLDEN.glob(f"{pattern}/*/records.jsonl")
)
WIDE: tuple[str, ...] = tuple(
    each["name"]
    for line in (GOLDEN / "pg.public.wide/insert/records.schemas.jsonl").read_text().splitlines()
    for each in json.loads(line)["schema"]["fields"][0]["type"][1:2]
    if isinstance(each, dict)
    for each in each["fields"]
)
DOCUMENTS = ("title", "body", "tags", "data", "raw", "numbers", "keys", "amount", "moments")


def events(folder: Path, *columns: str, **declared: Any) -> list[Event]:
    """Return what each record says."""
    records, schemas = capture(folder / "records.jsonl")
    table = folder.parent.name.rpartition(".")[2]
    keys = {"stock": ("sku", "warehouse"), "message": (), "transaction": ()}.get(table, ("id",))
    plan = ColumnPlan(columns, keys, reading=Reading(**declared))
    decoder = Decoder(schemas, DecodeSettings())
    return [decoder.decode(record, plan) for record in records]


def declared_format(folder: Path) -> RecordFormat | None:
    """Return the format that the recorded cases' mapping declares."""
    route = loaded("mapping").mapping.route(folder.parent.name)
    return None if route is None else route.plan.reading.format


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_recorded_record_decodes(folder: Path) -> None:
    """Whatever a real connector wrote is a typed event."""
    assert events(folder, format=declared_format(folder))


def wide(case: str, **declared: Any) -> dict[Any, str]:
    """Return rows of all types by their keys."""
    found = events(GOLDEN / case, *WIDE, **declared)
    return {each.key: repr(each.after) for each in found if isinstance(each, ChangeEvent)}


@pytest.mark.parametrize("topic", ["json.public.wide", "jsonnumbers.public.wide"])
def test_rows_of_all_types_say_the_same_in_json_as_in_avro(topic: str) -> None:
    """Forty columns beside the key, with usual, special and extreme values."""
    assert len(WIDE) == 41
    assert wide(f"{topic}/insert") == wide("pg.public.wide/insert")


def test_rows_of_all_types_say_the_same_without_schemas_where_types_are_declared() -> None:
    """What is text, a boolean or a whole number in JSON needs no declaration."""
    types = loaded("mapping").mapping.route("jsonbare.public.wide")
    assert types is not None
    more = (("c_bytea", ColumnType("bytes")),)
    plain = wide("jsonbare.public.wide/insert", types=types.plan.reading.types + more)
    assert plain == wide("pg.public.wide/insert")


@pytest.mark.parametrize("topic", ["json", "jsonbare", "flat", "flatmarked", "flatboth"])
def test_unchanged_long_values_are_unavailable_in_every_format(topic: str) -> None:
    """Of text, texts, JSON, bytes, integers and UUIDs; numeric and timestamptz[] are null."""
    folder = GOLDEN / f"{topic}.public.documents" / "unavailable"
    (event,) = events(folder, *DOCUMENTS, format=declared_format(folder))
    assert isinstance(event, ChangeEvent)
    assert event.after == ("eins", *[UNAVAILABLE] * 6, None, None)


def test_key_changes_are_read_from_headers_in_every_format() -> None:
    """Both halves name the other's key, whatever is left of them."""
    moves = Counter[tuple[str, Any]]()
    for folder in FOLDERS:
        if folder.name == "key-change":
            for event in events(folder, "name", format=declared_format(folder)):
                if isinstance(event, ChangeEvent | Tombstone):
                    moves["new", event.new_key] += 1
                    if isinstance(event, ChangeEvent):
                        moves["old", event.old_key] += 1
    assert moves["new", (30,)] == 9
    assert moves["old", (3,)] == 6
    assert {key for _, key in moves} == {None, (30,), (3,)}


def test_a_tombstone_that_kept_its_schema_is_the_text_null() -> None:
    """Seen with ExtractNewRecordState of Debezium 3.7 and `schemas.enable=false`."""
    folder = GOLDEN / "flatupsert.public.items" / "delete"
    (line,) = (folder / "records.jsonl").read_text("utf-8").splitlines()
    assert base64.b64decode(json.loads(line)["value"]) == b"null"
    assert events(folder, format=RecordFormat.UPSERT) == [Tombstone((4,))]


def test_a_heartbeat_without_a_schema_tells_its_time() -> None:
    """Lag in seconds is measured by it when no rows come."""
    (event,) = events(GOLDEN / "__debezium-heartbeat.jsonbare" / "heartbeat")
    assert isinstance(event, ControlRecord)
    assert event.kind is ControlKind.HEARTBEAT
    assert (event.ts_ms or 0) > 1_700_000_000_000


def test_declared_types_cover_what_json_has_no_word_for() -> None:
    """The list that the guide shows."""
    route = loaded("mapping").mapping.route("jsonbare.public.wide")
    assert route is not None
    types = dict(route.plan.reading.types)
    assert types["c_numeric_array"] == ColumnType(ARRAY, items=ColumnType(DECIMAL, 2))
    assert types["c_money"] == ColumnType(DECIMAL, 2)
