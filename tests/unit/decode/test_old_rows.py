"""Old rows that are only a part: the columns of an identity's index (reference §2.1).

The rows are those of a real table with the index `(id, tenant)` as its replica identity, and
`hours` (smallint[]) too large to be logged again (Debezium 3.7).
"""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan, Doubt, DoubtKind
from consumer.mapping.spec import MappingSpec
from tests.unit.decode import json_samples
from tests.unit.decode.json_samples import beside, connect, text
from tests.unit.decode.samples import (
    Json,
    Registry,
    change,
    encode,
    envelope_schema,
    field,
    framed,
    key_schema,
    record,
)
from tests.unit.mapping.making import operations, route_of, spec

HOURS = {"type": "array", "items": ["null", {"type": "int", "connect.type": "int16"}]}
SCHEMA = envelope_schema(
    field("id", "int"),
    field("tenant", "int"),
    field("title", "string"),
    field("phone", "string", nullable=True),
    {"name": "kind", "type": ["string", "null"], "default": "usual"},
    field("hours", HOURS, nullable=True),
)
IN_JSON = json_samples.envelope(
    id=connect("int32"),
    tenant=connect("int32"),
    title=connect("string"),
    phone=connect("string", optional=True),
    kind=connect("string", optional=True, default="usual"),
    hours=connect("array", optional=True, items=connect("int16", optional=True)),
)
BLANK: Json = {"title": "", "phone": None, "kind": "usual", "hours": None}
NEW: Json = {"id": 1, "tenant": 100, "title": "t1", "phone": "1", "kind": "odd", "hours": None}
PART: Json = {"id": 1, "tenant": 1, **BLANK}
FORMS = ["avro", "json", "plain"]
LEFT_OUT = (Doubt("hours", DoubtKind.LEFT_OUT),)
RARELY = (Doubt("hours", DoubtKind.RARELY_LEFT_OUT),)
PLAN = ColumnPlan(("hours",), ("id",), left_out=frozenset({"hours"}))


def decoded(form: str, new: Json, old: Json | None, plan: ColumnPlan) -> ChangeEvent:
    """Return an update as Avro, as JSON beside its schema, or as JSON alone."""
    registry, datum, keys = Registry(), change("u", new, old), key_schema(field("id", "int"))
    key = b'{"id":1}'
    if form == "avro":
        value = framed(registry.add(SCHEMA), encode(SCHEMA, datum))
        key = framed(registry.add(keys), encode(keys, {"id": 1}))
    elif form == "json":
        value = beside(IN_JSON, datum)
    else:
        value = text(datum)
    event = Decoder(registry, DecodeSettings()).decode(record(value, key), plan)
    assert isinstance(event, ChangeEvent)
    return event


def doubts(form: str, new: Json, old: Json | None, plan: ColumnPlan = PLAN) -> tuple[Doubt, ...]:
    """Return the doubts about an update."""
    return decoded(form, new, old, plan).doubts


@pytest.mark.parametrize("form", FORMS)
def test_the_columns_of_an_index_do_not_make_an_old_row(form: str) -> None:
    """The null beside it stood for 3,000 numbers, and was pushed as none (seen)."""
    assert doubts(form, NEW, PART) == doubts(form, NEW, None) == LEFT_OUT


@pytest.mark.parametrize("form", ["avro", "json"])
@pytest.mark.parametrize("shown", [{"phone": "1"}, {"kind": "odd"}, {"hours": [7]}])
def test_a_value_in_a_nullable_column_makes_an_old_row_whole(form: str, shown: Json) -> None:
    """No column of an identity's index is nullable. A default is no value."""
    assert doubts(form, NEW, {**PART, **shown}) == ()


@pytest.mark.parametrize("form", FORMS)
def test_a_value_that_became_null_shows_that_its_column_is_nullable(form: str) -> None:
    """That much can be seen without a schema, too."""
    assert doubts(form, {**NEW, "phone": None}, {**PART, "phone": "1"}) == ()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("new", "old"),
    [
        (NEW, {**PART, "title": "t1"}),
        ({**NEW, **BLANK, "title": "t2"}, {**PART, "title": "t1"}),
        ({**NEW, **BLANK}, PART),
    ],
    ids=["a title that stays", "a new title", "nothing but the index"],
)
def test_an_old_row_that_may_be_whole_is_hardly_doubted(form: str, new: Json, old: Json) -> None:
    """A table with full images, and few values: its nulls are believed where nobody is let in."""
    assert doubts(form, new, old) == RARELY


@pytest.mark.parametrize("form", FORMS)
def test_an_old_row_is_believed_where_the_mapping_says_that_it_is_whole(form: str) -> None:
    """By `full_before_images`."""
    plan = ColumnPlan(("hours",), (), before=True, left_out=frozenset({"hours"}))
    assert doubts(form, NEW, PART, plan) == ()


DENYING = spec(
    target="closed",
    title="title",
    permissions={
        "allowed": [{"type": "group", "constant": "staff"}],
        "denied": [{"type": "user", "column": "hours"}],
    },
)


@pytest.mark.parametrize("old", [PART, {**PART, "title": "t1"}, None])
def test_nobody_is_let_in_because_a_list_was_left_out(old: Json | None) -> None:
    """INV-6: whoever was denied before stays denied, whatever the old row looks like."""
    with pytest.raises(PoisonError, match="column 'hours' says who may see the item") as caught:
        mapped(DENYING, old)
    assert caught.value.reason == "ambiguous_null"


def test_a_whole_old_row_lets_the_denied_in_again() -> None:
    """Their list became null, and that is certain."""
    assert mapped(DENYING, {**PART, "phone": "1", "hours": [7]})


def mapped(mapping: MappingSpec, old: Json | None) -> Any:
    """Return what the update does."""
    route = route_of(mapping)
    return operations(route, decoded("avro", NEW, old, route.plan))
