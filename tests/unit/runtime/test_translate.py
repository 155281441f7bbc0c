"""Stations 4 to 6 together: what becomes of a record that goes wrong anywhere in them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from consumer.coveo.payload import encode
from consumer.coveo.targets import TargetTraits
from consumer.decode.decoder import Decoder
from consumer.decode.readers import ValueReader
from consumer.decode.settings import DecodeSettings
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import ColumnPlan, Event
from consumer.domain.operations import EncodedOperation, Operation
from consumer.domain.records import Header, Offset, Position, Record, TopicPartition
from consumer.domain.schemas import AwaitedSchemaError, SchemaRef
from consumer.mapping.spec import MappingSpec
from consumer.runtime.translate import RecordTranslator
from consumer.state.mirror import Mirror, NoMirror
from tests.unit.decode import samples
from tests.unit.decode.samples import field, named
from tests.unit.mapping.making import ALLOWED, compiled, spec

SMALL_ARRAY = {"type": "array", "items": ["null", {"type": "int", "connect.type": "int16"}]}
MICROS = named("long", "io.debezium.time.MicroTimestamp")
COLUMNS: dict[str, Any] = {"id": "long", "n": "string", "owner": "string", "at": MICROS}
ROW = {"id": 1, "n": "1", "owner": "o", "at": 0, "barred": None}


class Table:
    """A table with a secured mapping, and a translator of its records."""

    def __init__(self, mirror: Mirror | None = None, **keys: Any) -> None:
        """Register its schemas; `keys` are of the mapping."""
        registry = samples.Registry()
        self.value = samples.envelope_schema(
            *(field(name, kind) for name, kind in COLUMNS.items()),
            field("barred", SMALL_ARRAY, nullable=True),
        )
        self.keyed = samples.key_schema(field("id", "long"))
        self.ids = registry.add(self.value), registry.add(self.keyed)
        decoder = Decoder(registry, DecodeSettings())
        mapping = compiled(self.mapping(**{"permissions": ALLOWED, **keys}))
        self.translator = RecordTranslator(decoder, mirror or NoMirror(), mapping, self.encoded)

    @staticmethod
    def mapping(**keys: Any) -> MappingSpec:
        """Return a mapping of the table to a secured target."""
        return spec(topics=samples.TOPIC, target="closed", **keys)

    @staticmethod
    def encoded(operation: Operation) -> EncodedOperation:
        """Encode for a secured source."""
        return encode(operation, TargetTraits(operation.target, "s", secured=True))

    def record(
        self, op: str, *, key: int = 1, headers: tuple[Header, ...] = (), **images: Any
    ) -> Record:
        """Return a record of the table."""
        rows = {name: {**ROW, **image} for name, image in images.items()}
        datum = samples.change(op, **rows)
        value = samples.framed(self.ids[0], samples.encode(self.value, datum))
        return samples.record(value, self.key(key), headers)

    def key(self, key: int) -> bytes:
        """Return the bytes of a key."""
        return samples.framed(self.ids[1], samples.encode(self.keyed, {"id": key}))

    def refusal(self, one: Record) -> PoisonError:
        """Return why a record is set aside."""
        with pytest.raises(PoisonError) as caught:
            self.translator.translate(one)
        return caught.value

    def doomed(self, one: Record) -> list[str]:
        """Return the ids that are deleted for a record that is set aside."""
        return [delete.document_id for delete in self.translator.safe_deletes(one)]


class Breaking:
    """A mirror with a bug."""

    def apply(self, event: Event, position: Position) -> Event:
        """Fail with a message that holds a value of the row."""
        del position
        raise KeyError(event)


BROKEN = {"n": "secret"}
NUMBER = {"n": {"column": "n", "as": "integer"}}


def test_a_bug_costs_its_record_and_no_other() -> None:
    """As any other exception it would end the process, at every restart, for all partitions."""
    table = Table(Breaking())
    poison = table.refusal(table.record("c", after=BROKEN))
    assert poison.reason == "internal"
    assert str(poison).startswith("KeyError in consumer.runtime.translate, line ")
    assert "secret" not in str(poison)
    assert poison.__cause__ is None


def test_a_bug_in_the_deletes_holds_the_partition() -> None:
    """A poison that deletes nothing would leave an item that may have been narrowed."""

    def failing(operation: Operation) -> EncodedOperation:
        raise ZeroDivisionError(operation)

    table = Table()
    broken = dataclasses.replace(table.translator, encode=failing)
    with pytest.raises(PoisonError, match="ZeroDivisionError in ") as caught:
        broken.safe_deletes(table.record("c", after=BROKEN))
    assert caught.value.reason == "internal"


def test_a_bug_in_reading_a_row_leaves_its_key() -> None:
    """The item behind it may have been narrowed, and which one it is is known."""
    table = Table()
    one = table.record("c", after=BROKEN)

    def broken(ref: SchemaRef, plan: ColumnPlan) -> ValueReader:
        raise ZeroDivisionError(ref, plan)

    table.translator.decoder._avro._value_reader = broken  # breaks an invariant from outside
    assert table.refusal(one).reason == "internal"
    assert table.doomed(one) == ["kb://articles/1"]


def test_our_own_errors_pass() -> None:
    """They say what is to be done."""
    table = Table(fields={"z": "missing"})
    with pytest.raises(ConfigError, match="no column 'missing'"):
        table.translator.translate(table.record("c", after={}))
    with pytest.raises(AwaitedSchemaError):
        table.translator.translate(samples.record(samples.framed(99, b"x"), table.key(1)))


def test_an_item_that_fails_is_deleted_by_its_key() -> None:
    """It may have been narrowed."""
    table = Table(fields=NUMBER)
    one = table.record("u", after=BROKEN)
    assert table.refusal(one).reason == "cast"
    assert table.doomed(one) == ["kb://articles/1"]
    unreadable = dataclasses.replace(one, value=(one.value or b"")[:-1])
    assert table.refusal(unreadable).reason == "undecodable"
    assert table.doomed(unreadable) == ["kb://articles/1"]


def test_an_item_that_fails_is_deleted_by_its_row_where_the_row_names_it() -> None:
    """One bad value must not hold a partition while the ids are known."""
    table = Table(id="kb://a/{owner}", full_before_images=True, fields=NUMBER)
    one = table.record("u", after={**BROKEN, "owner": "new"}, before={"owner": "old"})
    assert table.refusal(one).reason == "cast"
    assert table.doomed(one) == ["kb://a/old", "kb://a/new"]
    assert table.doomed(dataclasses.replace(one, key=None)) == ["kb://a/old", "kb://a/new"]


def test_a_row_that_cannot_be_read_holds_where_the_row_names_the_item() -> None:
    """Which item it was about is not known."""
    table = Table(id="kb://a/{owner}", full_before_images=True)
    with pytest.raises(PoisonError):
        table.doomed(dataclasses.replace(table.record("u", after={}), value=b"\0"))
    with pytest.raises(PoisonError):
        table.doomed(table.record("u", after={}))


def test_a_delete_with_a_doubtful_key_deletes_no_other_row() -> None:
    """Neither by its key nor by the tombstone behind it: the partition holds until it is mended."""
    table = Table()
    delete = table.record("d", key=0, before={"id": 0, "n": "filled"})
    tombstone = dataclasses.replace(samples.record(None, table.key(0)), offset=Offset(8))
    for one in (delete, tombstone):
        assert table.refusal(one).reason == "doubtful_key"
        with pytest.raises(PoisonError) as caught:
            table.doomed(one)
        assert caught.value.reason == "doubtful_key"


def test_users_who_are_denied_stay_so_in_an_update_that_leaves_them_out() -> None:
    """`smallint[]` has no marker: unchanged and large it arrives as null."""
    denied = [{"type": "user", "column": "barred"}]
    table = Table(permissions={**ALLOWED, "denied": denied})
    created = table.translator.translate(table.record("c", after={"barred": [7, 8]}))
    assert b'"identity":"7"' in created.operations[0].payload
    updated = table.record("u", after={"barred": None})
    assert table.refusal(updated).reason == "ambiguous_null"
    assert table.doomed(updated) == ["kb://articles/1"]


def test_rows_of_one_millisecond_have_two_items_whether_key_or_row_names_them() -> None:
    """Fields hold milliseconds; an id must not be made of what they lost."""
    table = Table(
        id="kb://a/{at}",
        full_before_images=True,
        parent_id="kb://p/{at}",
        fields={"at": {"column": "at", "as": "date"}, "link": {"template": "kb://l/{at}/{n}"}},
    )
    made = [table.translator.translate(table.record("c", after={"at": at})) for at in (1, 2)]
    bodies = [one.operations[0].payload for one in made]
    assert len({one.operations[0].document_id for one in made}) == 2
    assert b'"at":"1970-01-01T00:00:00.000Z"' in bodies[0]
    assert b'"link":"kb://l/1970-01-01T00%3A00%3A00.000001Z/1"' in bodies[0]
    assert b'"parentId":"kb://p/1970-01-01T00%3A00%3A00.000001Z"' in bodies[0]


def test_a_key_that_no_mapping_reads_needs_no_schema() -> None:
    """A partition would hold for ever for what nobody needs."""
    table = Table(id="kb://a/{owner}", full_before_images=True)
    one = dataclasses.replace(table.record("c", after={}), key=samples.framed(99, b"x"))
    assert table.translator.missing_schemas(one) == ()
    assert table.translator.translate(one).operations


@pytest.mark.parametrize(
    ("op", "partition", "keyed"), [("u", 0, False), ("c", 1, False), ("u", 1, True)]
)
def test_rows_whose_changes_have_an_order_are_translated(
    op: str, partition: int, *, keyed: bool
) -> None:
    """One partition orders them, or a key does; inserts need no order."""
    assert by_row(op, partition, keyed=keyed)


@pytest.mark.parametrize("op", ["u", "d"])
def test_changes_of_rows_without_a_key_in_several_partitions_hold(op: str) -> None:
    """A delete would be overtaken by its insert: 44 of 1,200 items were wrong on a real broker."""
    with pytest.raises(ConfigError, match="no key and lie in several partitions"):
        by_row(op, 1, keyed=False)


def test_the_first_partition_holds_too_where_there_are_others() -> None:
    """What it gets of a row is as much out of order as what the others get."""
    with pytest.raises(ConfigError, match="no key and lie in several partitions"):
        by_row("u", 0, keyed=False, partitions=2)
    assert by_row("u", 0, keyed=False, partitions=1)
    assert by_row("u", 0, keyed=True, partitions=2)


def by_row(
    op: str, partition: int, *, keyed: bool, partitions: int = 0
) -> tuple[EncodedOperation, ...]:
    """Translate a change of a row that is named by its columns; 0 partitions are not known."""
    table = Table(full_before_images=True)
    table.translator.partitions.note(samples.TOPIC, partitions)
    images: dict[str, Any] = {"c": {"after": {}}, "d": {"before": {}}}.get(
        op, {"before": {}, "after": {}}
    )
    one = table.record(op, **images)
    tp = TopicPartition(one.tp.topic, partition)
    one = dataclasses.replace(one, tp=tp, key=one.key if keyed else None)
    return table.translator.translate(one).operations
