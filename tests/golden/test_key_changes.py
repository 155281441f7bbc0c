"""Recorded changes of primary keys: either half names the other, where its header can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from consumer.decode import avro_schema, wire
from consumer.decode.avro_types import Struct
from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan, Op, Row
from consumer.domain.records import Record
from consumer.domain.schemas import SchemaRef, WriterSchema
from tests.golden.cases import FOLDERS
from tests.unit.decode.samples import Registry, capture

SETTINGS = DecodeSettings()
STOCK = ((1, "south"), (1, "west"))
Half = tuple[Row | None, Row | None]


def plan_of(record: Record, schemas: dict[SchemaRef, WriterSchema]) -> ColumnPlan | None:
    """Return the plan for all key columns of a record whose key is a record in Avro."""
    try:
        ref = wire.frame(record.key or b"", record.headers, wire.KEY_HEADER).ref
        key = avro_schema.parse(schemas[ref], SETTINGS)
    except (PoisonError, KeyError):
        return None
    return ColumnPlan((), (*key.fields,)) if isinstance(key, Struct) else None


def changes(folder: Path) -> Iterator[ChangeEvent]:
    """Yield the row changes of a case that can be read."""
    records, schemas = capture(folder / "records.jsonl")
    registry = Registry()
    registry.schemas.update(schemas)
    decoder = Decoder(registry, SETTINGS)
    for record in records:
        plan = plan_of(record, schemas)
        try:
            event = None if plan is None else decoder.decode(record, plan)
        except PoisonError:
            continue
        if isinstance(event, ChangeEvent):
            yield event


def halves(folder: Path) -> tuple[list[Half], list[Half]]:
    """Return (old key, new key) as the deletes and as the creates of a case tell them."""
    events = [event for event in changes(folder) if event.new_key or event.old_key]
    deletes = [(event.key, event.new_key) for event in events if event.op is Op.DELETE]
    creates = [(event.old_key, event.key) for event in events if event.op is Op.CREATE]
    return sorted(deletes, key=repr), sorted(creates, key=repr)


def test_both_halves_of_a_key_change_name_each_other() -> None:
    """By which the rows last seen can follow a row to its new key, from either partition."""
    told = {f"{folder.parent.name}/{folder.name}": halves(folder) for folder in FOLDERS}
    assert told["pg.public.stock/key-change"] == ([STOCK], [STOCK])
    unequal = {case for case, (deletes, creates) in told.items() if deletes != creates}
    # Its replica identity is another index: the deletes come under a made-up key and are refused.
    assert unequal == {"pg.public.indexed/wrong-key"}
