"""Which schemas a capture asks the registry for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from consumer import stations
from consumer.config.load import Loaded, load_compiled
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.registry.errors import UnknownSchemaError

CONFIG = Path(__file__).parents[3] / "demo" / "coveo-cdc.yaml"
MAPPED = "kb.public.articles"


@dataclass(frozen=True)
class KnownSchemas:
    """A registry that has the schemas 1 and 2; its settings do not matter."""

    settings: object

    def fetch(self, ref: SchemaRef) -> WriterSchema:
        """Return a schema."""
        if ref not in {"id/1", "id/2"}:
            raise UnknownSchemaError(f"{ref} does not exist")
        return WriterSchema(ref, "AVRO", '"string"')


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """The demonstration's configuration, and a registry that is not asked over a network."""
    monkeypatch.setattr(stations, "RemoteRegistry", KnownSchemas)
    key = tmp_path / "api-key"
    key.write_text("xx-not-a-real-key\n")
    return load_compiled(CONFIG, {"COVEO_CDC__COVEO__API_KEY_FILE": str(key)})


def captured(loaded: Loaded, topic: str, key: int, value: int) -> list[str]:
    """Return the schemas of a record whose key and value name these."""
    framed = [b"\0" + number.to_bytes(4, "big") + b"x" for number in (key, value)]
    record = Record(TopicPartition(topic, 0), Offset(0), 0, framed[0], framed[1])
    return [schema.ref for schema in stations.schemas_of(loaded, [record, record])]


def test_keys_are_captured_also_where_nothing_is_mapped_yet(loaded: Loaded) -> None:
    """A mapping is often written by what was captured."""
    assert captured(loaded, MAPPED, 1, 2) == ["id/1", "id/2"]
    assert captured(loaded, "other", 1, 2) == ["id/1", "id/2"]


def test_key_that_only_seems_to_name_a_schema_is_no_failure(loaded: Loaded) -> None:
    """A key of another kind can begin as a framing does; nobody reads it."""
    assert captured(loaded, "other", 99, 2) == ["id/2"]


def test_schema_that_is_needed_must_be_there(loaded: Loaded) -> None:
    """A capture without it could not be explained."""
    for topic, key, value in ((MAPPED, 99, 2), (MAPPED, 1, 99), ("other", 1, 99)):
        with pytest.raises(UnknownSchemaError, match="id/99"):
            captured(loaded, topic, key, value)


def test_records_in_json_ask_for_no_schema(loaded: Loaded) -> None:
    """They bring it along, or have none: a registry need not even be there."""
    record = Record(TopicPartition(MAPPED, 0), Offset(0), 0, b'{"id":1}', b'{"id":1,"title":"x"}')
    assert stations.schemas_of(loaded, [record]) == []
