"""Rows without an envelope, in Avro and in JSON (reference `debezium.md` §4.1)."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import (
    UNAVAILABLE,
    ChangeEvent,
    ColumnPlan,
    Op,
    SourceInfo,
    Tombstone,
)
from tests.unit.decode.flat_rows import (
    DECLARED,
    FORMS,
    NEW_KEY,
    NOWHERE,
    PLAN,
    ROW,
    UPSERT,
    decoded,
    poison,
)
from tests.unit.decode.json_samples import planned
from tests.unit.decode.samples import (
    Registry,
    field,
    record,
)


@pytest.mark.parametrize("form", FORMS)
def test_a_row_that_says_it_is_deleted_is_a_delete_by_key(form: str) -> None:
    """What else is in it is empty or a default: only key and `__deleted` are used."""
    for deleted in ("true", True):
        event = decoded(form, {"id": 1, "name": "", "__deleted": deleted}, PLAN)
        assert event == ChangeEvent(Op.DELETE, (1,), None, None, NOWHERE)
    moved = decoded(form, {**ROW, "__deleted": "true"}, PLAN, NEW_KEY)
    assert moved == ChangeEvent(Op.DELETE, (1,), None, None, NOWHERE, key_moved=True, new_key=(2,))


@pytest.mark.parametrize("form", FORMS)
def test_any_other_row_is_an_update_without_its_old_row(form: str) -> None:
    """It promises least: what was before is not known, nor whether the row is whole."""
    for deleted in ("false", False):
        event = decoded(form, {**ROW, "__deleted": deleted}, PLAN)
        assert event == ChangeEvent(Op.UPDATE, (1,), None, ("one", 1), NOWHERE)
    assert decoded(form, ROW, DECLARED) == ChangeEvent(Op.UPDATE, (1,), None, ("one", 1), NOWHERE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("op", [*Op])
def test_the_added_letter_says_what_happened(form: str, op: Op) -> None:
    """A create and a snapshot's row are whole; a delete without `__deleted` is one all the same."""
    event = decoded(form, {**ROW, "__op": op.value}, PLAN)
    assert isinstance(event, ChangeEvent)
    assert (event.op, event.after) == (op, None if op is Op.DELETE else ("one", 1))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("said", [{"__deleted": "false"}, {"__op": "u"}])
def test_a_row_is_not_skipped_for_the_names_of_its_columns(form: str, said: dict[str, Any]) -> None:
    """A table with those of a notification: its rows went without a trace, deletes as well."""
    row = {**ROW, "aggregate_type": "order", "additional_data": "x", **said}
    assert isinstance(decoded(form, row, PLAN), ChangeEvent)


BAD_OPS: list[dict[str, Any]] = [
    {"__op": "t"},
    {"__op": "m"},
    {"__op": "i"},
    {"__op": "secret"},
    {"__deleted": "yes"},
    {"__deleted": None, "__op": "u"},
    {"__deleted": "true", "__op": "u"},
    {"__deleted": "false", "__op": "d"},
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("added", BAD_OPS)
def test_a_row_that_says_nothing_clear_is_poison(form: str, added: dict[str, Any]) -> None:
    """Neither deleted nor kept by a guess, nor skipped as if it were no row."""
    assert poison(form, {**ROW, **added}, DECLARED) == "unknown_op"


@pytest.mark.parametrize("form", FORMS)
def test_a_letter_that_is_no_text_is_poison(form: str) -> None:
    """Schemas are untrusted: it may be a list."""
    assert poison(form, {**ROW, "__op": ["u"]}, DECLARED) == "unknown_op"
    assert poison(form, {**ROW, "__deleted": ["true"]}, DECLARED) == "unknown_op"


@pytest.mark.parametrize("form", FORMS)
def test_added_fields_are_columns_where_they_are_named_and_tell_the_source(form: str) -> None:
    """By either of the names that `add.fields` gives them; the connector's clock is not one."""
    row = {**ROW, "__op": "u", "__table": "items", "__source_connector": "postgresql",
           "__source_ts_ms": 17, "__ts_ms": 18, "__snapshot": "last"}  # fmt: skip
    event = decoded(form, row, planned("__table", "name", keys=("id",)))
    source = SourceInfo("postgresql", "", "", "", "items", 17, "last")
    assert event == ChangeEvent(Op.UPDATE, (1,), None, ("items", "one"), source)


@pytest.mark.parametrize("form", FORMS)
def test_cassandra_gives_letters_another_meaning_here_too(form: str) -> None:
    """Its `r` removes rows."""
    row = {**ROW, "__op": "r", "__connector": "cassandra"}
    assert poison(form, row, PLAN) == "unsupported_connector"


@pytest.mark.parametrize("form", FORMS)
def test_cells_of_cassandra_are_no_values(form: str) -> None:
    """Where the connector is not told, its columns still look like nobody else's."""
    parts = (field("value", "string"), field("deletion_ts", "long"), field("set", "boolean"))
    cell = {"type": "record", "name": "Cell", "fields": [*parts]}
    schema = {"type": "record", "name": "Value", "fields": [field("id", cell)]}
    row = {"id": {"value": "1", "deletion_ts": 0, "set": True}}
    with pytest.raises(PoisonError) as caught:
        decoded(form, row, planned("id", format="flattened"), schema=schema)
    assert caught.value.reason == "unsupported_connector"


@pytest.mark.parametrize("form", FORMS)
def test_an_upsert_is_taken_as_it_is(form: str) -> None:
    """There, `__deleted` is a column like any other."""
    plan = planned("name", "__deleted", "__op", keys=("id",), format="upsert")
    event = decoded(form, {**ROW, "__deleted": "true", "__op": "d"}, plan)
    assert event == ChangeEvent(Op.UPDATE, (1,), None, ("one", "true", "d"), NOWHERE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("plan", [DECLARED, UPSERT])
def test_no_row_is_a_tombstone(form: str, plan: ColumnPlan) -> None:
    """A value that says null, in whichever way, beside a value that is not there."""
    assert decoded(form, None, plan) == Tombstone((1,))
    one = record(None, b'{"id":1}')
    assert Decoder(Registry(), DecodeSettings()).decode(one, plan) == Tombstone((1,))


@pytest.mark.parametrize("form", FORMS)
def test_the_marker_is_recognised_in_a_row(form: str) -> None:
    """An unchanged value is left out of a flattened event as well, and of whole rows of one."""
    row = {**ROW, "name": "__debezium_unavailable_value"}
    for plan in (DECLARED, UPSERT):
        event = decoded(form, row, plan)
        assert isinstance(event, ChangeEvent)
        assert event.after == (UNAVAILABLE, 1)


@pytest.mark.parametrize("form", FORMS)
def test_a_delete_under_a_blank_key_is_not_believed(form: str) -> None:
    """Of PostgreSQL's connector, and of one that is not known; what was added proves nothing."""

    def told(name: str = "there", **added: str) -> str:
        row = {"id": 0, "name": name, "__deleted": "true", "__table": "items", **added}
        texts = [field(each, "string") for each in row if each != "id"]  # none of them nullable
        schema = {"type": "record", "name": "V", "fields": [field("id", "long"), *texts]}
        try:
            event = decoded(form, row, planned("name", keys=("id",)), schema=schema)
        except PoisonError as error:
            return error.reason
        assert isinstance(event, ChangeEvent)
        return event.op.value

    assert told() == told(__connector="postgresql") == "doubtful_key"
    assert told("") == told(__connector="mysql") == "d"
