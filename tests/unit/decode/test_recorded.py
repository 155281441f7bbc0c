"""Every way in which Apicurio's converter names schemas, as it really wrote it (`recorded/`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from consumer.decode.decoder import Decoder
from consumer.decode.settings import DecodeSettings, Framing, Wire
from consumer.domain.captures import record_of, schema_of
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import ChangeEvent, ColumnPlan, Event, Tombstone
from consumer.domain.records import Record
from consumer.domain.schemas import IdSpace, SchemaRef, WriterSchema

FOLDER = Path(__file__).parent / "recorded"
PLAN = ColumnPlan(("id", "name"), ("id",))
CONTENT, GLOBAL = Wire(payload_ids=IdSpace.CONTENT), Wire(payload_ids=IdSpace.GLOBAL)


class Capture:
    """A recorded file and its schemas, which it gives as a lookup does."""

    def __init__(self, name: str) -> None:
        """Read both."""
        lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
        schemas = (FOLDER / f"{name}.schemas.jsonl").read_text("utf-8").splitlines()
        self.records: list[Record] = [record_of(line) for line in lines]
        self.schemas: Mapping[SchemaRef, WriterSchema] = {
            schema.ref: schema for schema in map(schema_of, schemas)
        }

    def get(self, ref: SchemaRef) -> WriterSchema | None:
        """Return a schema of the sidecar."""
        return self.schemas.get(ref)

    def decoded(self, wire: Wire, plan: ColumnPlan = PLAN) -> list[Event]:
        """Decode every record as the pipeline does."""
        decoder = Decoder(self, DecodeSettings(wire=wire))
        assert [decoder.missing_schemas(one, plan) for one in self.records] == [()] * 6
        return [decoder.decode(one, plan) for one in self.records]


MODES = {
    "headers-global": (Wire(), {"global/6", "global/7"}),
    "headers-content": (Wire(), {"content/12", "content/13"}),
    "8-byte-global": (Wire(), {"global/14", "global/15"}),
    "8-byte-content": (CONTENT, {"content/20", "content/21"}),
    "4-byte-global": (GLOBAL, {"global/22", "global/23"}),
    "4-byte-content": (Wire(), {"id/28", "id/29"}),
}
FIXED = {
    "headers-global": Framing.APICURIO_HEADERS,
    "headers-content": Framing.APICURIO_HEADERS,
    "8-byte-global": Framing.APICURIO_8_BYTE,
    "8-byte-content": Framing.APICURIO_8_BYTE,
    "4-byte-global": Framing.APICURIO_4_BYTE,
    "4-byte-content": Framing.APICURIO_4_BYTE,
}


@pytest.mark.parametrize("name", MODES)
def test_each_mode_is_read_automatically_and_with_its_framing_fixed(name: str) -> None:
    """The rows are the table's, and exactly the schemas that were named are asked for."""
    wire, refs = MODES[name]
    capture = Capture(name)
    for rules in (wire, Wire(FIXED[name], wire.payload_ids)):
        *changes, tombstone = capture.decoded(rules)
        rows = [event.after for event in changes if isinstance(event, ChangeEvent)]
        assert rows == [(1, "Ada"), (2, "Grace"), (3, "Edsger"), (1, "Ada L."), None]
        assert tombstone == Tombstone((2,))
    assert set(capture.schemas) == refs


@pytest.mark.parametrize("name", MODES)
def test_no_mode_is_read_under_another_framing(name: str) -> None:
    """It is set aside, or, where its bytes look like an id, waits for a schema that nobody has."""
    capture = Capture(name)
    for framing in {*FIXED.values()} - {FIXED[name]}:
        decoder = Decoder(capture, DecodeSettings(wire=Wire(framing)))
        for record in capture.records:
            if not decoder.missing_schemas(record, PLAN):
                with pytest.raises(PoisonError, match=r"schema_registry\.framing is"):
                    decoder.decode(record, PLAN)


def test_ids_of_one_space_are_not_asked_for_in_the_other() -> None:
    """Global 15 and content 15 are two schemas; a lookup that has one must not give the other."""
    capture = Capture("8-byte-global")
    decoder = Decoder(capture, DecodeSettings(wire=CONTENT))
    assert decoder.missing_schemas(capture.records[0], PLAN) == ("content/14", "content/15")


@pytest.mark.parametrize("plan", [ColumnPlan((), ()), ColumnPlan(("id",), ())])
def test_a_schema_of_another_table_is_refused_though_it_fits_to_the_last_byte(
    plan: ColumnPlan,
) -> None:
    """Read on, a pet's owner would be somebody's name."""
    capture = Capture("another-table")
    with pytest.raises(ConfigError, match=r"'b4g.public.people.Envelope', which is another table"):
        Decoder(capture, DecodeSettings()).decode(capture.records[0], plan)


def test_a_schema_of_keys_is_refused_for_values() -> None:
    """Before anything is read with it: the shortest payload might fit."""
    capture = Capture("key-for-value")
    with pytest.raises(ConfigError, match=r"'trap.public.people.Key', which no value of topic"):
        Decoder(capture, DecodeSettings()).decode(capture.records[0], ColumnPlan((), ()))


def test_avro_in_its_json_encoding_is_refused() -> None:
    """Its schema is named as usual; the payload is text."""
    capture = Capture("json-encoding")
    decoder = Decoder(capture, DecodeSettings())
    for record in capture.records:
        assert decoder.missing_schemas(record, PLAN) == ()
        with pytest.raises(PoisonError, match=r"avro\.encoding to BINARY") as caught:
            decoder.decode(record, PLAN)
        assert caught.value.reason == "not_avro"
