"""Schema and payload in one text: told apart, bounded, and parsed once (`debezium.md` §3.6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consumer.decode import json_schema
from consumer.decode.json_documents import JsonDocuments
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.schemas import SchemaRef
from tests.unit.decode.json_samples import Json, beside, connect, struct, text
from tests.unit.decode.samples import SMALL

INT = connect("int32")
PAIR = struct("S", a=INT)


def documents(**settings: Any) -> JsonDocuments:
    """Return a reader of texts."""
    return JsonDocuments(DecodeSettings(**settings))


def test_a_schema_that_comes_again_is_the_same() -> None:
    """It is most of each record: only the payload is parsed then."""
    read = documents()
    first, second = read.read(beside(PAIR, {"a": 1})), read.read(beside(PAIR, {"a": 2}))
    other = read.read(beside(struct("T", a=INT), {"a": 3}))
    assert first.schema is second.schema
    assert other.schema is not first.schema
    assert [one.payload for one in (first, second, other)] == [{"a": 1}, {"a": 2}, {"a": 3}]


UNUSUAL = {
    "another order": b'{"payload":{"a":1},"schema":%s}',
    "blanks": b' { "schema" : %s , "payload" : {"a":1} } ',
    "a line end": b'{"schema":%s,"payload":{"a":1}}\n',
}


@pytest.mark.parametrize("form", UNUSUAL.values(), ids=UNUSUAL)
def test_any_json_of_the_two_will_do(form: bytes) -> None:
    """Other producers write the same otherwise, before and after a schema is known."""
    read = documents()
    for _ in range(2):
        one = read.read(form % text(PAIR))
        assert (one.schema is not None, one.payload) == (True, {"a": 1})
        read.read(beside(PAIR, {"a": 2}))


def test_a_schema_may_speak_of_payloads() -> None:
    """A parameter of that name is where a schema seems to end and does not."""
    schema = {**PAIR, "parameters": {"a": "b", "payload": "c"}}
    read = documents()
    for value in (1, 2):
        assert read.read(beside(schema, {"a": value})).payload == {"a": value}


def test_what_follows_a_known_schema_is_one_value() -> None:
    """Another schema behind the payload would be the one that holds, or not."""
    read = documents()
    good = beside(PAIR, {"a": 1})
    read.read(good)
    for bad in (good[:-1] + b',"schema":5}', good + b"}", good[:-1], good[:-1] + b",}"):
        with pytest.raises(PoisonError) as caught:
            read.read(bad)
        assert caught.value.reason == "undecodable"


ROWS: list[Any] = [
    {"schema": "public", "payload": "x"},
    {"schema": {"type": "table"}, "payload": "x"},
    {"schema": {"a": 1}, "payload": None},
    {"schema": PAIR},
    {"schema": PAIR, "payload": 1, "more": 2},
    {"payload": 1},
    {},
    [1],
    "text",
]


@pytest.mark.parametrize("value", ROWS)
def test_a_row_may_have_columns_of_these_names(value: Any) -> None:
    """Only an object of just the two, one of them a schema of Connect's, is meant."""
    assert documents().read(text(value)) == (None, value)


def test_no_schema_is_said_in_two_ways() -> None:
    """By a converter without schemas, and by one with schemas that has none."""
    assert documents().read(beside(None, {"a": 1})) == (None, {"a": 1})
    assert documents().read(beside(None, None)) == (None, None)


def test_schemas_are_kept_within_bounds() -> None:
    """Each record brings its own text: whoever writes them decides how many there are."""
    few = documents(max_cached_schemas=2)
    first = few.read(beside(struct("S0", a=INT), {"a": 0})).schema
    for number in range(1, 4):
        few.read(beside(struct(f"S{number}", a=INT), {"a": 0}))
    assert few.read(beside(struct("S0", a=INT), {"a": 0})).schema is not first
    assert len(few._known) == 2
    long = documents()
    for number in range(40):
        schema = {**struct(f"S{number}", a=INT), "doc": "x" * 1_000_000}
        long.read(beside(schema, {"a": 0}))
    assert long._kept_bytes == sum(map(len, long._known)) <= 16 * 1024 * 1024


BAD: dict[str, Json] = {
    "no fields": {"type": "struct"},
    "fields that are none": {"type": "struct", "fields": {"a": 1}},
    "a field without a name": {"type": "struct", "fields": [INT]},
    "a name twice": {"type": "struct", "fields": [{**INT, "field": "a"}, {**INT, "field": "a"}]},
    "a type that Connect has not": struct("S", a={"type": "decimal"}),
    "no type": struct("S", a={}),
    "items that are none": struct("S", a={"type": "array", "items": 5}),
    "items of no bytes": struct("S", a=connect("array", items={"type": "struct", "fields": []})),
    "no items": struct("S", a={"type": "array"}),
    "no keys": struct("S", a={"type": "map", "values": INT}),
    "a default of another type": struct("S", a={**INT, "default": "1"}),
}  # fmt: skip


@pytest.mark.parametrize("schema", BAD.values(), ids=BAD)
def test_a_schema_that_is_none_is_poison(schema: Json) -> None:
    """It is as untrusted as the payload beside it."""
    with pytest.raises(PoisonError) as caught:
        documents().read(beside(schema, {"a": 1}))
    assert caught.value.reason == "bad_schema"
    assert "schema json/" in str(caught.value)


def nested(levels: int) -> Json:
    """Return a schema of arrays in arrays."""
    schema = INT
    for _ in range(levels):
        schema = connect("array", items=schema)
    return schema


def test_a_schema_is_bounded_in_depth_and_size() -> None:
    """A tree is made of it, and kept."""
    read = documents(max_depth=10)
    assert read.read(beside(nested(9), 1)).schema is not None
    for levels in (10, 14, 40):
        with pytest.raises(PoisonError):
            read.read(beside(nested(levels), 1))
    wide = struct("S", **{f"c{number}": INT for number in range(1_000)})
    with pytest.raises(PoisonError) as caught:
        documents(max_schema_bytes=10_000).read(beside(wide, {}))
    assert caught.value.reason == "bad_schema"
    for bounds in ({"max_fields": 999}, {"max_name_characters": 3}):
        with pytest.raises(PoisonError) as caught:
            documents(**bounds).read(beside(wide, {}))
        assert caught.value.reason == "bad_schema"
    with pytest.raises(PoisonError):
        JsonDocuments(SMALL).read(beside(struct("S", **{f"c{n}": INT for n in range(9_000)}), {}))


@pytest.mark.parametrize("scale", ["two", "9" * 5_000, "", None, 2])
def test_a_scale_that_says_nothing_counts_as_none(scale: Any) -> None:
    """Parameters are texts; a number of five thousand digits is not even read."""
    schema = connect("bytes", parameters={"scale": scale})
    root = json_schema.parse(json.loads(json.dumps(schema)), SchemaRef("json/x"), DecodeSettings())
    assert root.traits.scale is None
