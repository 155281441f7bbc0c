"""Untrusted schema text → checked tree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consumer.decode import avro_schema
from consumer.decode.avro_types import Array, AvroType, Primitive, Struct, Union
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import PoisonError
from consumer.domain.schemas import SchemaRef, WriterSchema

SETTINGS = DecodeSettings()


def parse(schema: Any, *references: tuple[str, Any], schema_type: str = "AVRO") -> AvroType:
    """Return the tree of a schema."""
    text = schema if isinstance(schema, str) else json.dumps(schema)
    others = tuple((name, json.dumps(each)) for name, each in references)
    return avro_schema.parse(WriterSchema(SchemaRef("id/1"), schema_type, text, others), SETTINGS)


def refusal(schema: Any) -> PoisonError:
    """Return why a schema is refused."""
    with pytest.raises(PoisonError) as caught:
        parse(schema)
    return caught.value


def struct(name: str, **fields: Any) -> dict[str, Any]:
    """Return the schema of a record."""
    listed = [{"name": each, "type": type_} for each, type_ in fields.items()]
    return {"type": "record", "name": name, "fields": listed}


def test_named_type_is_one_node_wherever_it_is_used() -> None:
    """`after` refers to the `Value` that `before` defines; both share what is compiled."""
    root = parse(
        {
            **struct("E", before=["null", struct("Value", a="int")], after="Value"),
            "namespace": "srv.public.items",
        }
    )
    assert isinstance(root, Struct)
    before = root.fields["before"]
    assert isinstance(before, Union)
    assert before.branches[1] is root.fields["after"]
    assert root.fields["after"].traits.connect_name is None


def test_namespace_is_inherited_and_overridden() -> None:
    """Names are resolved as Avro does, or another table's `Value` would be read."""
    inner = {**struct("Block", id="long"), "namespace": "event"}
    root = parse({**struct("E", b=inner, c="event.Block"), "namespace": "srv"})
    assert isinstance(root, Struct)
    assert root.name == "srv.E"
    assert root.fields["b"] is root.fields["c"]


def test_references_are_read_before_the_schema() -> None:
    """Registries keep shared types in subjects of their own."""
    root = parse(struct("E", a="shared.A"), ("shared.A", struct("shared.A", x="int")))
    assert isinstance(root, Struct)
    assert isinstance(root.fields["a"], Struct)


def test_scale_comes_from_the_type_or_from_connects_parameters() -> None:
    """`scale` is missing where the converter writes its own parameters only."""
    both = parse(
        {"type": "array", "items": {"type": "bytes", "connect.parameters": {"scale": "3"}}}
    )
    assert isinstance(both, Array)
    assert both.items.traits.scale == 3
    assert parse({"type": "bytes", "scale": -2}).traits.scale == -2


def test_avros_logical_type_stands_in_for_a_missing_connect_name() -> None:
    """`connect.meta.data=false` leaves nothing else."""
    root = parse({"type": "int", "logicalType": "date"})
    assert root.traits.connect_name == "org.apache.kafka.connect.data.Date"


def test_scale_beyond_precision_is_no_reason_to_refuse() -> None:
    """PostgreSQL's numeric(3,-2) arrives as precision 3, scale 2046."""
    odd = {"type": "bytes", "logicalType": "decimal", "precision": 3, "scale": 2046}
    assert isinstance(parse(odd), Primitive)


def test_invalid_default_is_no_reason_to_refuse() -> None:
    """Only the writer's schema is used to read, so no default ever is."""
    schema = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "a", "type": "int", "default": "x"}],
    }
    assert isinstance(parse(schema), Struct)


@pytest.mark.parametrize("schema_type", ["JSON", "PROTOBUF"])
def test_other_kinds_of_schema_are_not_avro(schema_type: str) -> None:
    """A clear word instead of a parse error."""
    with pytest.raises(PoisonError) as caught:
        parse("{}", schema_type=schema_type)
    assert caught.value.reason == "not_avro"


BAD = {
    "no JSON": "{",
    "number": 5,
    "object without type": {},
    "unknown name": "Value",
    "empty union": [],
    "record without fields": {"type": "record", "name": "R"},
    "record without name": {"type": "record", "fields": []},
    "field without type": {"type": "record", "name": "R", "fields": [{"name": "a"}]},
    "same field twice": {
        "type": "record",
        "name": "R",
        "fields": [{"name": "a", "type": "int"}, {"name": "a", "type": "string"}],
    },
    "same type twice": [struct("R", a="int"), struct("R", a="int")],
    "enum without symbols": {"type": "enum", "name": "E"},
    "fixed of negative size": {"type": "fixed", "name": "F", "size": -1},
    "array of null": {"type": "array", "items": "null"},
    "array of empty records": {"type": "array", "items": struct("R")},
    "array of fixed(0)": {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}},
    "array of records of nothing": {"type": "array", "items": struct("R", a="null", b="null")},
    "recursion": struct("Tree", children={"type": "array", "items": "Tree"}),
    "huge fixed": {"type": "fixed", "name": "F", "size": 2**31},
}


@pytest.mark.parametrize("schema", BAD.values(), ids=BAD.keys())
def test_bad_schema_is_poison(schema: Any) -> None:
    """Registry content is untrusted; nothing but this one reason may come of it."""
    assert refusal(schema).reason == "bad_schema"


def test_message_names_the_schema_and_the_cause() -> None:
    """Whoever reads it must find the schema in the registry."""
    message = str(refusal(struct("Tree", children={"type": "array", "items": "Tree"})))
    assert message == "schema id/1 cannot be used: type 'Tree' contains itself"


def test_deep_json_is_refused() -> None:
    """The JSON parser itself gives up at some depth; that must not be a crash."""
    assert refusal('{"type":' * 100_000).reason == "bad_schema"


def test_deep_type_is_refused() -> None:
    """Fastavro descends once per level, in C."""
    nested: Any = "int"
    for _ in range(40):
        nested = {"type": "array", "items": nested}
    assert "deeper than 32" in str(refusal(nested))


def test_depth_counts_through_names() -> None:
    """A flat text can build a deep tree: each type holds the one before by its name."""
    chain = [struct("R0", a="int"), *(struct(f"R{n}", a=f"R{n - 1}") for n in range(1, 5_000))]
    assert "deeper than 32" in str(refusal(chain))


def test_small_text_that_unfolds_into_a_huge_value_is_refused() -> None:
    """Twenty-five doublings by name: 33 million nulls from no bytes at all."""
    chain = [struct("R0", a="null", b="null")]
    chain += [struct(f"R{n}", a=f"R{n - 1}", b=f"R{n - 1}") for n in range(1, 25)]
    assert "may decode to more than" in str(refusal(chain))


def test_text_beyond_the_bound_is_not_even_parsed() -> None:
    """The bound is on bytes, references included."""
    assert "more than 2097152" in str(refusal('"' + "é" * 1_100_000 + '"'))


def columns(count: int) -> dict[str, Any]:
    """Return the schema of a record with so many columns."""
    return struct("R", **{f"c{number}": "int" for number in range(count)})


def test_fields_of_all_records_together_are_bounded() -> None:
    """Half a million of them fit into the bytes that a schema may have."""
    settings = DecodeSettings(max_fields=10)
    for schema in (
        columns(11),
        struct("E", before=columns(8), source=struct("S", x="int"), z="int"),
    ):
        text = WriterSchema(SchemaRef("id/1"), "AVRO", json.dumps(schema))
        with pytest.raises(PoisonError, match="more than 10 fields") as caught:
            avro_schema.parse(text, settings)
        assert caught.value.reason == "bad_schema"
    text = WriterSchema(SchemaRef("id/1"), "AVRO", json.dumps(columns(10)))
    assert isinstance(avro_schema.parse(text, settings), Struct)


def test_fields_of_references_count_too() -> None:
    """They are kept together with the schema that refers to them."""
    settings = DecodeSettings(max_fields=10)
    others = (("R", json.dumps(columns(9))),)
    text = json.dumps(struct("E", after="R", op="string"))
    with pytest.raises(PoisonError, match="more than 10 fields"):
        avro_schema.parse(WriterSchema(SchemaRef("id/1"), "AVRO", text, others), settings)


@pytest.mark.parametrize("long", ["x" * 4_097, "x" * 1_000_000])
@pytest.mark.parametrize("kind", ["record", "field", "enum", "fixed"])
def test_names_are_bounded(kind: str, long: str) -> None:
    """The longest name of any database, escaped, has 768 characters."""
    schemas = {
        "record": struct(long, a="int"),
        "field": struct("R", **{long: "int"}),
        "enum": {"type": "enum", "name": long, "symbols": ["A"]},
        "fixed": {"type": "fixed", "name": long, "size": 4},
    }
    error = refusal(schemas[kind])
    assert (error.reason, len(str(error)) < 200) == ("bad_schema", True)
