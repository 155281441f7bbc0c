"""A recorded update beside unchanged long values: `title` is new, nothing else is in the event.

`body` and `tags` arrive as the marker, `amount` (numeric of 9,000 digits) and `moments`
(timestamptz[]) as plain null; `about.json` of the case has the statements.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.events import DoubtKind
from consumer.domain.operations import JsonValue, UpsertItem
from tests.unit.decode.samples import ROOT, Registry, capture
from tests.unit.mapping.making import operations, route_of, spec

TOPIC = "pg.public.documents"
CASE = ROOT / "tests" / "golden" / TOPIC / "unavailable" / "records.jsonl"


def metadata(column: str, **keys: Any) -> tuple[Mapping[str, JsonValue], Mapping[DoubtKind, int]]:
    """Return the item's metadata with a field of this column, and the doubts counted."""
    (record,), schemas = capture(CASE)
    registry = Registry()
    registry.schemas.update(schemas)
    fields = {"x": {"expression": f"row.{column} == null"}}
    route = route_of(spec(topics=TOPIC, title="title", fields=fields, **keys), topic=TOPIC)
    decoder = Decoder(registry, DecodeSettings())
    (item,) = operations(route, decoder.decode(record, route.plan))
    assert isinstance(item, UpsertItem)
    return item.metadata, decoder.doubts()


@pytest.mark.parametrize("column", ["body", "tags", "numbers", "keys", "raw", "data", "moments"])
def test_a_column_that_was_left_out_is_refused(column: str) -> None:
    """Whether the connector has a marker for its type or not."""
    with pytest.raises(PoisonError, match=f"column '{column}'") as caught:
        metadata(column)
    assert caught.value.reason == "unavailable_value"


def test_a_marker_is_none_whatever_is_declared() -> None:
    """The declaration is about nulls; a marker says what it is."""
    with pytest.raises(PoisonError, match="column 'body'"):
        metadata("body", never_left_out=["body"])


def test_a_null_that_is_declared_is_believed() -> None:
    """Here wrongly so: who declares it answers for it."""
    assert metadata("moments", never_left_out=["moments"]) == ({"title": "eins", "x": True}, {})


def test_a_number_left_out_is_refused_where_it_is_declared() -> None:
    """Numbers of thousands of digits are so rare that a null is believed, and counted."""
    believed = ({"title": "eins", "x": True}, {DoubtKind.RARELY_LEFT_OUT: 1})
    assert metadata("amount") == believed
    with pytest.raises(PoisonError, match="column 'amount'"):
        metadata("amount", may_be_left_out=["amount"])
