"""Ids made of old rows that are not whole, though `full_before_images` says so (reference §2.1)."""

from __future__ import annotations

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from tests.unit.decode.json_samples import text
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
from tests.unit.mapping.making import operations, route_of, spec

SCHEMA = envelope_schema(
    field("id", "int"),
    field("slug", "string"),
    field("title", "string"),
    field("note", "string", nullable=True),
)
MAPPING = spec(id="kb://pages/{slug}", full_before_images=True, title="title")
FORMS = ["avro", "plain"]
ROW: Json = {"id": 5, "slug": "new", "title": "t", "note": None}
BLANK: Json = {"id": 5, "slug": "", "title": "", "note": None}


def ids(form: str, op: str, old: Json, connector: str = "postgresql") -> list[str]:
    """Return the ids of the operations that a delete or an update leads to."""
    datum = change(op, None if op == "d" else ROW, old, connector=connector)
    registry, route = Registry(), route_of(MAPPING)
    avro = framed(registry.add(SCHEMA), encode(SCHEMA, datum))
    one = record(avro if form == "avro" else text(datum))
    event = Decoder(registry, DecodeSettings()).decode(one, route.plan)
    return [operation.document_id for operation in operations(route, event)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("op", ["d", "u"])
@pytest.mark.parametrize("old", [BLANK, {**BLANK, "title": "t"}])
def test_an_id_of_what_was_not_logged_names_nobodys_item(form: str, op: str, old: Json) -> None:
    """`kb://pages/` was deleted, and the item of the row stayed where everybody could see it."""
    with pytest.raises(PoisonError, match="id columns are all blank") as caught:
        ids(form, op, old)
    assert caught.value.reason == "incomplete_envelope"


@pytest.mark.parametrize("form", FORMS)
def test_a_logged_id_is_the_rows(form: str) -> None:
    """Whatever else is blank."""
    old = {**BLANK, "slug": "old"}
    assert ids(form, "d", old) == ["kb://pages/old"]
    assert ids(form, "u", old) == ["kb://pages/old", "kb://pages/new"]


def test_a_value_in_a_nullable_column_shows_that_an_id_is_blank_in_truth() -> None:
    """Then the old row is whole."""
    assert ids("avro", "d", {**BLANK, "note": "n"}) == ["kb://pages/"]


@pytest.mark.parametrize("form", FORMS)
def test_others_log_whole_rows(form: str) -> None:
    """An empty slug in MariaDB is an empty slug."""
    assert ids(form, "d", BLANK, connector="mariadb") == ["kb://pages/"]
