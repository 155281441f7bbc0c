"""Rows without an envelope in each form that they can have, and what the decoder makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import (
    ColumnPlan,
    Event,
    SourceInfo,
)
from consumer.domain.records import Header
from consumer.domain.schemas import SchemaRef
from tests.unit.decode.json_samples import beside, planned, text
from tests.unit.decode.samples import (
    Registry,
    encode,
    field,
    framed,
    record,
)
from tests.unit.decode.to_json import connect_schema, json_value

REF = SchemaRef("id/1")
ROW = {"id": 1, "name": "one"}
COLUMNS = (field("id", "long"), field("name", "string", nullable=True))
NOWHERE = SourceInfo("", "", "", "", "", None, "false")
NEW_KEY = ("__debezium.newkey", b'{"id":2}')
FORMS = ["avro", "json", "plain"]


def schema_of(row: dict[str, Any]) -> Any:
    """Return the Avro schema of a row with whatever was added to it."""
    kinds = {bool: "boolean", int: "long", list: {"type": "array", "items": "string"}}
    added = [
        field(name, kinds.get(type(value), "string"), nullable=True)
        for name, value in row.items()
        if name not in ROW
    ]
    return {"type": "record", "name": "srv.public.items.Value", "fields": [*COLUMNS, *added]}


def decoded(
    form: str, row: dict[str, Any] | None, plan: ColumnPlan, *headers: Header, schema: Any = None
) -> Event:
    """Return what a row says in Avro, in JSON beside its schema, or in plain JSON."""
    avro, registry = schema or schema_of(row or ROW), Registry()
    if form == "avro":
        union = ["null", avro] if row is None else avro
        value = framed(registry.add(union), encode(union, row))
    elif form == "json":
        value = beside(connect_schema(avro), None if row is None else json_value(avro, row))
    else:
        value = text(row)
    return Decoder(registry, DecodeSettings()).decode(record(value, b'{"id":1}', headers), plan)


def poison(form: str, row: dict[str, Any], plan: ColumnPlan) -> str:
    """Return why a row is poison."""
    with pytest.raises(PoisonError) as caught:
        decoded(form, row, plan)
    return caught.value.reason


PLAN = planned("name", "id", keys=("id",))
DECLARED = planned("name", "id", keys=("id",), format="flattened")
UPSERT = planned("name", "id", keys=("id",), format="upsert")
