"""What mappings send to which field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.doctor.sent import _BY_CAST, Kind, WantedField, wanted_fields
from consumer.mapping.spec import Cast, MappingSpec


def mapping(fields: dict[str, Any], **more: Any) -> MappingSpec:
    """Return a mapping with these fields."""
    return MappingSpec.model_validate(
        {"topics": "t", "target": "kb", "id": "kb://{id}", "fields": fields, **more}
    )


@pytest.mark.parametrize(
    ("value", "kind", "many"),
    [
        ("plain", Kind.ANY, False),
        ({"column": "a", "as": "integer"}, Kind.INTEGER, False),
        ({"column": "a", "as": "number", "split": ","}, Kind.NUMBER, True),
        ({"column": "a", "as": "boolean"}, Kind.TEXT, False),
        ({"column": "a", "as": "date"}, Kind.DATE, False),
        ({"column": "a", "as": "json", "default": ["x"]}, Kind.TEXT, False),
        ({"column": "a", "as": "dictionary"}, Kind.DICTIONARY, False),
        ({"column": "a", "split": ";"}, Kind.TEXT, True),
        ({"column": "a", "json": "/x"}, Kind.ANY, False),
        ({"column": "a", "default": ["x", "y"]}, Kind.ANY, True),
        ({"constant": "x"}, Kind.TEXT, False),
        ({"constant": True}, Kind.TEXT, False),
        ({"constant": 3}, Kind.INTEGER, False),
        ({"constant": 3.5}, Kind.NUMBER, False),
        ({"constant": [1, 2.5]}, Kind.NUMBER, True),
        ({"constant": [1, "x"]}, Kind.MIXED, True),
        ({"template": "https://x/{a}"}, Kind.TEXT, False),
        ({"expression": "row.a"}, Kind.ANY, False),
        ({"expression": "row.a", "as": "date"}, Kind.DATE, False),
    ],
)
def test_a_field_s_kind_is_what_its_mapping_says(value: Any, kind: Kind, many: bool) -> None:  # noqa: FBT001 - a table's column
    """What it does not say is not guessed."""
    assert wanted_fields([mapping({"f": value})]) == (WantedField("f", kind, many),)


@pytest.mark.parametrize(
    ("declared", "kind", "many"),
    [
        ("int32", Kind.INTEGER, False),
        ("decimal", Kind.NUMBER, False),
        ("io.debezium.time.MicroTimestamp", Kind.DATE, False),
        ("io.debezium.time.MicroTime", Kind.ANY, False),
        ("io.debezium.data.Uuid", Kind.TEXT, False),
        ("bytes", Kind.ANY, False),
        ({"type": "array", "items": "string"}, Kind.TEXT, True),
    ],
)
def test_a_declared_column_type_counts_where_no_cast_does(
    declared: Any,
    kind: Kind,
    many: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Records of plain JSON carry no types: they stand in the mapping."""
    one = mapping({"f": "a", "g": {"column": "a", "as": "string"}}, column_types={"a": declared})
    f, g = wanted_fields([one])
    assert (f.kind, f.many, g.kind) == (kind, many, Kind.TEXT)


def test_the_title_is_text() -> None:
    """It is a field like any other, and is sent as text whatever its column holds."""
    assert wanted_fields([mapping({}, title="n")]) == (WantedField("title", Kind.TEXT),)


def test_names_are_those_that_are_sent() -> None:
    """Else a field `Due Date` would be created that nobody fills."""
    one = mapping({"Due Date": {"column": "d", "as": "date"}}, permanent_id=True)
    assert wanted_fields([one]) == (
        WantedField("due_date", Kind.DATE),
        WantedField("permanentid", Kind.TEXT),
    )


def test_mappings_that_share_a_field_are_taken_together() -> None:
    """An index has one field of a name, whoever fills it."""
    one = mapping({"n": {"column": "a", "as": "integer"}, "d": {"column": "a", "as": "date"}})
    two = mapping({"n": {"column": "a", "as": "number"}, "d": {"column": "a", "split": ","}})
    assert wanted_fields([one, two, mapping({"n": "b"})]) == (
        WantedField("d", Kind.MIXED, many=True),
        WantedField("n", Kind.NUMBER),
    )


def test_every_cast_has_a_kind() -> None:
    """A cast that is added later must not end in a KeyError at a customer's."""
    assert _BY_CAST.keys() == set(Cast)


@given(st.permutations([Cast.INTEGER, Cast.NUMBER, None, Cast.DATE, None, Cast.STRING]))
def test_the_order_of_mappings_does_not_matter(casts: list[Cast | None]) -> None:
    """Else moving a mapping in the file would change a type."""
    specs = [mapping({"f": {"column": "a", "as": cast}}) for cast in casts]
    assert wanted_fields(specs) == (WantedField("f", Kind.MIXED),)
