"""Which schema names are evidence of a wrong id, and which are a transform's doing."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan, Event
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

PLAN = ColumnPlan(("a",), ("id",))
MAPPED = frozenset({"srv.public.items", "srv.public.odd-names", "archive"})


def key_of(namespace: str, name: str = "Key") -> Json:
    """Return a key's schema of that full name."""
    return {"type": "record", "name": name, "namespace": namespace, "fields": [field("id", "int")]}


def decoded(
    topic: str,
    namespace: str,
    key: Json | None = None,
    *,
    mapped: frozenset[str] | None = MAPPED,
    **source: Any,
) -> Event:
    """Decode a record of `topic` that was written by schemas of these names."""
    registry = Registry()
    value_schema = envelope_schema(field("a", "int"), namespace=namespace)
    key_schema = key or key_of(namespace)
    value = framed(
        registry.add(value_schema), encode(value_schema, change("c", {"a": 1}, **source))
    )
    key_row = {each["name"]: 1 if each["type"] == "int" else "x" for each in key_schema["fields"]}
    named = framed(registry.add(key_schema), encode(key_schema, key_row))
    decoder = Decoder(registry, DecodeSettings(mapped_topics=mapped))
    return decoder.decode(record(value, named, topic=topic), PLAN)


def is_read(*names: Any, **more: Any) -> bool:
    """Return whether such a record is decoded."""
    return isinstance(decoded(*names, **more), ChangeEvent)


def refusal(*names: Any, **more: Any) -> str:
    """Return why such a record is held."""
    with pytest.raises(ConfigError) as caught:
        decoded(*names, **more)
    return str(caught.value)


@pytest.mark.parametrize(
    ("topic", "namespace", "table"),
    [
        ("srv.public.items", "srv.public.items", "items"),
        ("srv.public.odd-names", "srv.public.odd_names", "odd-names"),
        ("srv.public.odd-names", "srv.public.odd_u002dnames", "odd-names"),
        ("srv.public.c_int", "srv.public.c_u005fint", "c_int"),
    ],
    ids=["as it is", "avro", "avro_unicode", "avro_unicode's underscore"],
)
def test_debeziums_own_names_are_the_topics(topic: str, namespace: str, table: str) -> None:
    """However they were adjusted for Avro."""
    assert is_read(topic, namespace, table=table)


def test_a_topic_that_was_renamed_is_read_by_its_rows_table() -> None:
    """RegexRouter changes topics only: names stay those of the table."""
    assert is_read("goods", "srv.public.goods", table="goods")
    assert is_read("archive", "srv.public.goods_2024", table="goods_2024")


def test_a_topic_of_many_tables_is_read_by_its_own_name() -> None:
    """ByLogicalTableRouter changes topics and names; each row still says its own table."""
    assert is_read("srv.public.all_items", "srv.public.all_items", table="items_eu")


def test_a_schema_of_another_mapped_topic_holds() -> None:
    """Whatever the row says: that topic's schemas are its own."""
    says = "schema id/1 is named 'srv.public.items.Envelope', which no value of topic 'srv.public"
    assert refusal("srv.public.pets", "srv.public.items", table="pets").startswith(says)
    assert refusal("srv.public.x", "srv.public.odd_names", table="x")


def test_a_schema_of_another_table_holds_also_where_that_is_not_mapped() -> None:
    """Its row says whose it is; what the row says is not shown, it may be misread."""
    message = refusal("srv.public.pets", "srv.public.people", table="secret")
    assert "named 'srv.public.people.Envelope', which is another table than" in message
    assert "secret" not in message
    assert "docs/registries.md" in message
    assert "check_names to false" in message


def test_a_key_is_no_value_and_a_value_no_key() -> None:
    """One number, two id spaces: the commonest confusion."""
    message = refusal("srv.public.pets", "srv.public.pets", key_of("srv.public.pets", "Envelope"))
    assert "id/2 is named 'srv.public.pets.Envelope', which no key of topic" in message
    registry = Registry()
    schema = key_of("srv.public.pets")
    value = framed(registry.add(schema), encode(schema, {"id": 1}))
    with pytest.raises(ConfigError, match=r"'srv.public.pets.Key', which no value of"):
        Decoder(registry, DecodeSettings()).decode(record(value, topic="srv.public.pets"), PLAN)


def test_a_key_of_another_mapped_topic_holds() -> None:
    """Its columns may have the same names, and another meaning."""
    assert "no key of topic" in refusal("pets", "pets", key_of("srv.public.items"), table="pets")


def test_names_that_are_not_debeziums_say_nothing() -> None:
    """Keys of other producers, and schemas that were given names by SetSchemaMetadata."""
    for key in (key_of("com.example", "ItemKey"), key_of("", "record")):
        assert is_read("srv.public.items", "srv.public.items", key)


def test_another_tables_schema_that_does_not_even_fit_says_where_to_look() -> None:
    """A column that is not there would be called the mapping's fault; nothing is set aside."""
    fields = ([field("email", "int")], [field("id", "int"), field("more", "string")])
    for each in fields:
        message = refusal("goods", "goods", {**key_of("srv.public.people"), "fields": each})
        assert "named 'srv.public.people.Key', which is not topic 'goods', and does not" in message
        assert "payload_ids" in message
    registry = Registry()
    schema = envelope_schema(field("b", "string"), namespace="srv.public.people")
    value = framed(registry.add(schema), b"no such row")
    with pytest.raises(ConfigError, match=r"'srv.public.people.Envelope', which is not topic"):
        Decoder(registry, DecodeSettings(mapped_topics=MAPPED)).decode(
            record(value, topic="goods"), PLAN
        )


def test_a_broken_record_of_a_renamed_topic_is_one_record_once_others_were_read() -> None:
    """It is set aside, and holds nobody up; as the first of all, it holds."""
    registry = Registry()
    schema = envelope_schema(field("a", "int"), namespace="srv.public.goods")
    ref = registry.add(schema)
    good = framed(ref, encode(schema, change("c", {"a": 1}, table="goods")))
    decoder = Decoder(registry, DecodeSettings(mapped_topics=MAPPED))
    plan = ColumnPlan(("a",), ())
    broken = record(good[:-1], topic="renamed")
    with pytest.raises(ConfigError, match="does not fit"):
        decoder.decode(broken, plan)
    assert isinstance(decoder.decode(record(good, topic="renamed"), plan), ChangeEvent)
    with pytest.raises(PoisonError):
        decoder.decode(broken, plan)


def test_a_row_that_says_it_is_of_another_table_is_no_proof_that_the_schema_fits() -> None:
    """It can be read by chance; what cannot be read then would be set aside, and lost."""
    registry = Registry()
    schema = envelope_schema(field("a", "int"), namespace="srv.public.people")
    ref = registry.add(schema)
    value = framed(ref, encode(schema, change("c", {"a": 1}, table="goods")))
    decoder = Decoder(registry, DecodeSettings(mapped_topics=MAPPED))
    plan = ColumnPlan(("a",), ())
    for each in (value, value[:-1], value):
        with pytest.raises(ConfigError, match="payload_ids"):
            decoder.decode(record(each, topic="goods"), plan)


def test_a_row_that_names_no_table_is_no_evidence() -> None:
    """Some connectors leave it empty."""
    assert is_read("goods", "srv.public.people", table="")


def test_names_are_not_looked_at_where_that_is_switched_off() -> None:
    """A transform may give any names on purpose."""
    key = key_of("srv.public.pets", "Envelope")
    assert is_read("srv.public.pets", "srv.public.items", key, mapped=None, table="pets")
