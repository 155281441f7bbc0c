"""Deletes whose key was filled in, because the replica identity is another index."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.events import ChangeEvent, ColumnPlan, Op
from tests.unit.decode.samples import (
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


def deleted(before: Json, *, defaults: Json | None = None, keys: str = "id", **source: Any) -> bool:
    """Return whether a delete with this old row is one."""
    columns = [field(name, kind) for name, kind in TYPES.items()]
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


def test_a_filled_key_column_is_enough() -> None:
    """It was logged, so the identity has the key."""
    assert deleted({"id": 1, "qty": 7})
    assert deleted({"code": "b", "qty": 7}, keys="id code")
    assert not deleted({"qty": 7}, keys="id code")


def test_others_log_whole_rows() -> None:
    """A key of 0 in MariaDB is a key of 0."""
    assert deleted({"qty": 7}, connector="mariadb")
