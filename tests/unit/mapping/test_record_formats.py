"""What a mapping declares about its topics' records, alone and beside others."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.domain.formats import (
    ARRAY,
    DECIMAL,
    ColumnType,
    Encoding,
    Reading,
    RecordFormat,
)
from consumer.mapping.problems import MappingErrors
from consumer.mapping.spec import MappingSpec
from tests.unit.mapping.making import TOPIC, compiled, route_of, spec

MICROS = "io.debezium.time.MicroTimestamp"


def refusal(*specs: MappingSpec) -> str:
    """Return what is said about mappings that cannot be compiled."""
    with pytest.raises(MappingErrors) as caught:
        compiled(*specs)
    return str(caught.value)


def test_nothing_is_declared_unless_it_is_said() -> None:
    """What is unmistakable is recognised."""
    assert route_of(spec()).plan.reading == Reading()


def test_what_is_declared_goes_to_the_plan() -> None:
    """Decoding knows mappings by their plan only."""
    declared = spec(
        format="upsert",
        encoding="json",
        key_encoding="text",
        title="made",
        fields={"price": "price", "moments": "moments"},
        column_types={
            "made": MICROS,
            "price": {"type": "decimal", "scale": 2},
            "moments": {"type": "array", "items": MICROS},
            "id": "int64",
        },
    )
    assert route_of(declared).plan.reading == Reading(
        RecordFormat.UPSERT,
        Encoding.JSON,
        Encoding.TEXT,
        (
            ("made", ColumnType(MICROS)),
            ("price", ColumnType(DECIMAL, 2)),
            ("moments", ColumnType(ARRAY, items=ColumnType(MICROS))),
            ("id", ColumnType("int64")),
        ),
    )


@pytest.mark.parametrize("record_format", ["flattened", "upsert"])
def test_rows_without_old_ones_have_no_ids_of_other_columns(record_format: str) -> None:
    """An id that changes would leave an item behind."""
    declared = spec(format=record_format, full_before_images=True)
    assert "mappings[0].full_before_images: records of 'format: " in refusal(declared)
    assert route_of(spec(format="debezium", full_before_images=True)).plan.before


@pytest.mark.parametrize("encoding", ["text", "integer"])
def test_a_bare_key_is_one_column(encoding: str) -> None:
    """Nothing says where one value would end and the next begin."""
    declared = spec(key_encoding=encoding, id="kb://{a}/{b}")
    assert "mappings[0].key_encoding: a key of " in refusal(declared)
    assert "one column" in refusal(declared)


TYPES: dict[str, tuple[Any, str]] = {
    "unknown": ("io.debezium.time.MicroTimestmp", f"did you mean '{MICROS}'"),
    "no scale": ("decimal", "a decimal needs it"),
    "a scale of nothing": ({"type": "bytes", "scale": 2}, "goes with the type 'decimal'"),
    "no items": ("array", "an array needs it"),
    "items of nothing": ({"type": "string", "items": "string"}, "goes with the type 'array'"),
    "arrays of arrays": ({"type": "array", "items": "array"}, "an array of arrays"),
    "items without a scale": ({"type": "array", "items": "decimal"}, "a decimal needs it"),
}


@pytest.mark.parametrize(("declared", "message"), TYPES.values(), ids=TYPES)
def test_a_type_that_cannot_be_meant_is_refused_with_its_place(declared: Any, message: str) -> None:
    """Before the first record, and all at once."""
    said = refusal(spec(title="made", column_types={"made": declared}))
    assert "mappings[0].column_types.made: " in said
    assert message in said


def test_a_type_of_a_column_that_nothing_reads_is_refused() -> None:
    """It is a slip of the pen: the column that was meant has none."""
    said = refusal(spec(title="made", column_types={"mode": "int64"}))
    assert "the mapping reads no column 'mode'; did you mean 'made'" in said


def both(one: dict[str, Any], other: dict[str, Any], **topics: Any) -> list[MappingSpec]:
    """Return two mappings of one topic."""
    return [
        spec(title="made", **one),
        spec(id="other://{id}", title="made", **{"topics": TOPIC, **topics}, **other),
    ]


CONTRADICTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "format": ({"format": "upsert"}, {"format": "flattened"}),
    "encoding": ({"encoding": "json"}, {"encoding": "avro"}),
    "key_encoding": ({"key_encoding": "json"}, {"key_encoding": "text"}),
    "column_types": ({"column_types": {"made": MICROS}}, {"column_types": {"made": "int64"}}),
}


@pytest.mark.parametrize("key", CONTRADICTIONS)
def test_two_mappings_of_a_topic_do_not_contradict_each_other(key: str) -> None:
    """A record is read once for both; also where a pattern only might bring the same topic."""
    pattern = {"pattern": r"kb\.public\..*"}
    for topics in ({}, {"topics": pattern, "id": "other://{$topic}/{id}"}):
        one, other = CONTRADICTIONS[key]
        specs = [
            spec(title="made", **one),
            spec(**{"id": "other://{id}", "title": "made", **topics, **other}),
        ]
        said = refusal(*specs)
        assert f"mappings[1].{key}: mappings[0] is for the same topic and says otherwise" in said
    elsewhere = both(*CONTRADICTIONS[key], topics="kb.public.other")
    assert len(compiled(*elsewhere).targets) == 1


def test_what_one_mapping_of_a_topic_declares_holds_for_all() -> None:
    """It need not be said twice."""
    one = {"format": "upsert", "column_types": {"made": MICROS}}
    other = {"key_encoding": "json", "column_types": {"id": "int64"}}
    for pair in (both(one, other), both(other, one)):
        reading = route_of(*pair).plan.reading
        assert (reading.format, reading.key) == (RecordFormat.UPSERT, Encoding.JSON)
        assert dict(reading.types) == {"made": ColumnType(MICROS), "id": ColumnType("int64")}


def test_a_mapping_that_reads_otherwise_has_another_fingerprint() -> None:
    """Rows of the same bytes become other items."""
    prints = {compiled(spec(format=each)).fingerprint for each in (None, "upsert", "flattened")}
    assert len(prints) == 3
