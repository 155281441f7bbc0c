"""A registry is for Avro: where every mapping says that there is none, nobody has to run one."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer import stations
from consumer.config.load import load_compiled
from consumer.decode.decoder import Decoder
from consumer.domain.errors import PoisonError
from consumer.domain.events import ColumnPlan
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.parts import decode_settings, edge_problems, registry_settings
from tests.unit.config.test_registry import PLAIN
from tests.unit.config.writing import GOOD, loaded, problems, written
from tests.unit.decode.json_samples import text
from tests.unit.decode.samples import change

TOPIC = "kb.public.articles"
JSON = GOOD.replace(PLAIN, "").rstrip() + "\n    encoding: json\n    key_encoding: json\n"
AVRO = b"\0\0\0\0\7\2"
HEARTBEAT = "__debezium-heartbeat.kb"


def without(*lines: str) -> str:
    """Return the configuration without these lines of its mapping."""
    return "".join(line for line in JSON.splitlines(keepends=True) if line.strip() not in lines)


def record(value: bytes | None, key: bytes = b'{"id":1}', topic: str = TOPIC) -> Record:
    """Return a record, its key's change in a header that names a schema."""
    headers = (("__debezium.newkey", AVRO),)
    return Record(TopicPartition(topic, 0), Offset(0), 0, key, value, headers)


def test_all_json_needs_no_registry(tmp_path: Path) -> None:
    """Neither the key nor the section has to be there."""
    for given in (
        JSON,
        JSON.replace("targets:", "schema_registry: {check_names: false}\ntargets:"),
    ):
        settings = loaded(tmp_path, given)
        assert registry_settings(settings) is None
        assert not decode_settings(settings).has_registry


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (without("encoding: json"), "how they are written (encoding: json)"),
        (without("key_encoding: json"), "how they are written (key_encoding)"),
        (JSON.replace("key_encoding: json", "key_encoding: avro"), "(key_encoding)"),
        (without("encoding: json", "key_encoding: json"), "(encoding: json and key_encoding)"),
    ],
)
def test_what_may_be_avro_needs_one(tmp_path: Path, given: str, says: str) -> None:
    """At the start: each record would be a dead letter."""
    (found,) = problems(tmp_path, given)
    assert "schema_registry.url: is missing, and records of mappings[0] may be Avro" in found
    assert says in found


def test_a_key_that_is_not_read_may_be_of_any_kind(tmp_path: Path) -> None:
    """As with ids that are made of the row."""
    given = without("key_encoding: json").rstrip() + "\n    full_before_images: true\n"
    assert registry_settings(loaded(tmp_path, given)) is None


def test_who_asks_needs_somebody_to_ask(tmp_path: Path) -> None:
    """A forgotten address is not taken for none."""
    given = JSON.replace("targets:", "schema_registry: {bearer_token_file: key}\ntargets:")
    (found,) = problems(tmp_path, given)
    assert "bearer_token_file: belongs to a registry, and none is given" in found


def test_avro_is_refused_and_waits_for_nothing(tmp_path: Path) -> None:
    """No schema can ever come; a header of that kind tells nothing, as any that cannot be read."""
    configured = load_compiled(written(tmp_path, JSON), {}, edge_problems)
    translator = stations.translator(configured, stations.NoSchemas())
    good = record(text(change("c", {"id": 1, "title": "one"})))
    assert len(translator.translate(good).operations) == 1
    assert len(translator.translate(record(None)).operations) == 1
    for bad in (record(AVRO), record(None, AVRO)):
        assert translator.missing_schemas(bad) == ()
        with pytest.raises(
            PoisonError, match=r"4-byte id, but the mapping says '.*json'"
        ) as caught:
            translator.translate(bad)
        assert caught.value.reason == "unknown_framing"
    assert stations.schemas_of(configured, [record(AVRO)]) == []


def test_avro_of_a_topic_that_nothing_is_said_about_is_refused_by_name(tmp_path: Path) -> None:
    """A heartbeat is one, whatever it holds."""
    configured = load_compiled(written(tmp_path, JSON), {}, edge_problems)
    beat = stations.translator(configured, stations.NoSchemas()).translate(
        record(AVRO, topic=HEARTBEAT)
    )
    assert beat.event == "heartbeat"
    decoder = Decoder(stations.NoSchemas(), decode_settings(configured.settings))
    with pytest.raises(PoisonError, match=r"4-byte id, but schema_registry\.url is not set"):
        decoder.decode(record(AVRO), ColumnPlan((), ()))
