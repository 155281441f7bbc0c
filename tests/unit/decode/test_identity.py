"""Deletes whose key was filled in, because the replica identity is another index."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.identity import RefusedDeletes
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan, Op
from consumer.domain.records import Offset, Record, TopicPartition
from tests.unit.decode.samples import (
    TOPIC,
    Json,
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

TYPES: Json = {"id": "long", "code": "string", "qty": "int", "raw": "bytes", "made": "string"}
BLANK: Json = {"id": 0, "code": "", "qty": 0, "raw": b"", "made": ""}
EPOCH = "1970-01-01T00:00:00.000000Z"


def deleted(
    before: Json,
    *,
    defaults: Json | None = None,
    keys: str = "id",
    nullable: str = "",
    **source: Any,
) -> bool:
    """Return whether a delete with this old row is one."""
    optional = nullable.split()
    columns = [
        field(name, ["null", kind] if name in optional else kind) for name, kind in TYPES.items()
    ]
    for column in columns:
        if column["name"] in (defaults or {}):
            column["default"] = (defaults or {})[column["name"]]
    value_schema = envelope_schema(*columns)
    names = tuple(keys.split())
    keyed = key_schema(*(field(name, TYPES[name]) for name in names))
    registry = Registry()
    row = {**BLANK, **before}
    datum = change("d", before=row, **source)
    value = framed(registry.add(value_schema), encode(value_schema, datum))
    key = framed(registry.add(keyed), encode(keyed, {name: row[name] for name in names}))
    decoder = Decoder(registry, DecodeSettings())
    event = outcome(decoder, record(value, key), ColumnPlan((), names))
    return isinstance(event, ChangeEvent) and event.op is Op.DELETE


@pytest.mark.parametrize("logged", [{"code": "b"}, {"qty": 7}, {"raw": b"\x00\x01"}])
def test_blank_key_beside_a_logged_value_is_refused(logged: Json) -> None:
    """It would miss its row, and hit the one whose key is 0."""
    assert not deleted(logged)


@pytest.mark.parametrize("row", [{}, {"made": EPOCH}, {"raw": b"\x00"}])
def test_blank_key_beside_blank_values_is_the_rows(row: Json) -> None:
    """With the usual identity a row may have the key 0; its other columns are filled in."""
    assert deleted(row)


def test_a_default_is_no_logged_value() -> None:
    """Columns outside the identity hold their defaults."""
    row = {"code": "none", "qty": 5, "raw": b"{"}
    assert not deleted(row)
    assert deleted(row, defaults={"code": "none", "qty": 5, "raw": "{"})


def test_a_value_in_a_nullable_column_shows_that_whole_rows_are_logged() -> None:
    """PostgreSQL takes no index over nullable columns as identity; so the key of 0 is the row's."""
    assert deleted({"qty": 7}, nullable="qty")
    assert deleted({"code": "b", "qty": 7}, nullable="code")
    assert not deleted({"code": None, "qty": 7}, nullable="code")
    assert not deleted({"code": "none", "qty": 7}, nullable="code", defaults={"code": "none"})


def test_a_filled_key_is_the_rows() -> None:
    """It was logged, so the identity has the key."""
    assert deleted({"id": 1, "qty": 7})
    assert deleted({"id": 1, "code": "b", "qty": 7}, keys="id code")
    assert not deleted({"qty": 7}, keys="id code")


def test_a_key_that_is_blank_in_part_is_refused_in_a_row_that_is_blank_elsewhere() -> None:
    """Or another row's item is deleted, and its own stays. A whole row is filled elsewhere."""
    assert not deleted({"code": "b", "qty": 7}, keys="id code")
    whole = {"code": "b", "qty": 7, "raw": b"x", "made": "2024"}
    assert deleted(whole, keys="id code")
    assert not deleted(whole, keys="id code", defaults={"made": "2024"})
    assert deleted({**whole, "raw": None}, keys="id code", nullable="raw")
    assert deleted({"code": "b"}, keys="id code")


def test_others_log_whole_rows() -> None:
    """A key of 0 in MariaDB is a key of 0."""
    assert deleted({"qty": 7}, connector="mariadb")


class Doubtful:
    """A table whose deletes come under key 0, and its records by offset."""

    def __init__(self) -> None:
        """Register both schemas."""
        registry = Registry()
        self.value = envelope_schema(field("id", "long"), field("qty", "int"))
        self.keyed = key_schema(field("id", "long"))
        self.ids = registry.add(self.value), registry.add(self.keyed)
        self.decoder = Decoder(registry, DecodeSettings())
        self.refused = self.record(7, "d", 0, 5)

    def record(self, offset: int, op: str, key: int, qty: int = 0, partition: int = 0) -> Record:
        """Return a record; op `t` is a tombstone."""
        row = {"id": key, "qty": qty}
        images = {"before": row} if op == "d" else {"after": row}
        value = framed(self.ids[0], encode(self.value, change(op, **images)))
        bytes_ = framed(self.ids[1], encode(self.keyed, {"id": key}))
        made = record(None if op == "t" else value, bytes_)
        tp = TopicPartition(TOPIC, partition)
        return dataclasses.replace(made, tp=tp, offset=Offset(offset))

    def __call__(self, one: Record) -> str:
        """Return what a record is, or why it is refused."""
        try:
            return type(self.decoder.decode(one, ColumnPlan((), ("id",)))).__name__
        except PoisonError as error:
            return error.reason


def test_the_tombstone_of_a_refused_delete_is_refused() -> None:
    """It has the same key, and would delete what the delete was kept from deleting."""
    says = Doubtful()
    tombstone = says.record(8, "t", 0)
    answers = [says(each) for each in (says.refused, says.refused, tombstone, tombstone)]
    assert answers == ["doubtful_key"] * 4
    assert says(says.record(9, "c", 4)) == "ChangeEvent"
    assert says(says.record(10, "t", 4)) == "Tombstone"
    assert says(tombstone) == "doubtful_key"


def test_a_key_that_a_row_uses_is_believed_again() -> None:
    """A row may have the key 0: its own tombstone deletes it."""
    says = Doubtful()
    assert says(says.refused) == "doubtful_key"
    assert says(says.record(8, "d", 0)) == "ChangeEvent"
    assert says(says.record(9, "t", 0)) == "Tombstone"


def test_tombstones_before_a_refused_delete_and_of_others_are_believed() -> None:
    """A partition may be read again from an earlier offset."""
    says = Doubtful()
    assert says(says.refused) == "doubtful_key"
    assert says(says.record(6, "t", 0)) == "Tombstone"
    assert says(says.record(8, "t", 1)) == "Tombstone"
    assert says(says.record(8, "t", 0, partition=1)) == "Tombstone"


def test_what_is_remembered_does_not_grow_with_the_records() -> None:
    """One per partition: a topic may hold a million such deletes."""
    refused = RefusedDeletes()
    for offset in range(100):
        one = record(None, b"k" * 1_000)
        refused.remember(dataclasses.replace(one, offset=Offset(offset)))
    assert len(refused._last) == 1


def test_where_a_mapping_says_that_old_rows_are_whole_a_blank_id_is_the_rows() -> None:
    """Id 0, a name, and nothing else: what an index would log, but the statement counts.

    Refusing it would hold the partition of a secured target for ever, and nothing would be left to
    say about such a table.
    """
    value_schema = envelope_schema(*(field(name, kind) for name, kind in TYPES.items()))
    registry = Registry()
    datum = change("d", before={**BLANK, "made": "here"})
    value = framed(registry.add(value_schema), encode(value_schema, datum))
    plan = ColumnPlan((), (), before=True, exact_columns=("id",))
    event = outcome(Decoder(registry, DecodeSettings()), record(value), plan)
    assert isinstance(event, ChangeEvent)
    assert (event.op, event.before) == (Op.DELETE, (0,))
