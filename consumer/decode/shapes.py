"""What a value's schema is: a change event, a row, one of Debezium's own records, or neither.

Recognised without being told is only what is unmistakable: Debezium's own records and envelopes by
name, else by shape; rows by `__deleted` or `__op`, or by the name that who writes them gives their
schema. Any other row could be anybody's record: its topic must declare its format. Imports the
domain.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from consumer.decode import flattened, identity
from consumer.decode.avro_types import AvroType, Primitive, Struct, without_null
from consumer.decode.poison import PoisonReason, poison
from consumer.domain.errors import ConfigError, PoisonError
from consumer.domain.events import ControlKind
from consumer.domain.formats import RecordFormat
from consumer.domain.schemas import SchemaRef

_CONTROL_NAMES: Final = {
    "Heartbeat": ControlKind.HEARTBEAT,
    "TransactionMetadataValue": ControlKind.TRANSACTION,
    "SchemaChangeValue": ControlKind.SCHEMA_CHANGE,
    "Notification": ControlKind.NOTIFICATION,
    "MessageValue": ControlKind.LOGICAL_MESSAGE,
}
_CONTROL_SHAPES: Final = (
    (frozenset({"status", "id", "event_count", "data_collections"}), ControlKind.TRANSACTION),
    (frozenset({"ddl", "databaseName", "tableChanges"}), ControlKind.SCHEMA_CHANGE),
    (frozenset({"aggregate_type", "additional_data"}), ControlKind.NOTIFICATION),
)
_SIGNAL_TABLES: Final = frozenset({"debezium_signal", "dbz_signal"})
_SIGNAL_COLUMNS: Final = frozenset({"id", "type", "data"})
_OF_ROWS: Final = frozenset({"op", flattened.OP, flattened.DELETED})
_OF_EVENTS: Final = _OF_ROWS | {"before", "after"}
_DEBEZIUM_ROW: Final = ".Value"
"""Debezium names a table's row `<topic>.Value`; as a value of its own it has lost its envelope."""
_OUTBOX_EVENT: Final = "payload"
"""The first field of what EventRouter makes of an outbox's row, with a name that ends the same."""
_DERIVED: Final = ("io.confluent.ksql.avro_schemas.", "org.apache.flink.avro.generated.")
"""Namespaces of ksqlDB and Flink: what is no change event there is a row, of whatever."""
ROW_FORMATS: Final = frozenset({RecordFormat.FLATTENED, RecordFormat.UPSERT})


@dataclass(frozen=True, slots=True)
class Envelope:
    """The schema of a change event: the struct of either image, where it is there."""

    before: Struct | None
    after: Struct
    is_named: bool
    """Whether types have their semantic names: not with `connect.meta.data=false`."""
    has_source: bool = True
    """Whether it says where the change happened. Flink's does not, and has no op but c and d."""


@dataclass(frozen=True, slots=True)
class FlatRow:
    """The schema of a row without an envelope, and which of the two formats it has."""

    row: Struct
    format: RecordFormat
    is_named: bool
    is_derived: bool = False
    """Whether it is a row at all is known by its namespace alone, which streams of events share."""


Shape: TypeAlias = Envelope | FlatRow | ControlKind


def classify(root: AvroType, ref: SchemaRef, declared: RecordFormat | None = None) -> Shape:
    """Return what values of this schema are; `declared` is what the topic is said to hold.

    Raises PoisonError for what is neither. Raises ConfigError for change events where rows are
    declared: there is not one such record but a connector without its transform.
    """
    what, struct = f"schema {ref}", without_null(root)
    if not isinstance(struct, Struct):
        raise not_an_envelope(what, "not a record")
    is_row = declared in ROW_FORMATS
    kind = _control_kind(struct, by_shape=not is_row)
    if kind is not None:
        return kind
    if _is_envelope(struct, surely=is_row):
        if is_row:
            raise declared_otherwise(what, declared)
        return _envelope(struct, what)
    if declared is RecordFormat.UPSERT:
        return FlatRow(struct, declared, _is_named(struct))
    if declared is RecordFormat.FLATTENED or (declared is None and _is_flattened(struct)):
        return _flattened(struct)
    if declared is None and _is_derived(struct):
        return FlatRow(struct, RecordFormat.FLATTENED, is_named=False, is_derived=True)
    raise not_an_envelope(what, f"{struct.name!r:.120} has no op, before or after")


def control_shape(names: Collection[str]) -> ControlKind | None:
    """Return which of Debezium's own records has fields of these names, if one does.

    What also says what happened to a row is that row: a table may have columns of such names.
    """
    present = frozenset(names)
    if present & _OF_ROWS:
        return None
    return next((kind for fields, kind in _CONTROL_SHAPES if fields <= present), None)


def is_signal_table(table: str, columns: Collection[str]) -> bool:
    """Return whether these are rows of the signal table, under either of its usual names."""
    return table in _SIGNAL_TABLES and frozenset(columns) == _SIGNAL_COLUMNS


def not_an_envelope(what: str, why: str) -> PoisonError:
    """Return the error for a record that is neither a change event nor unmistakably a row."""
    message = (
        f"{what} is not a Debezium envelope: {why}; if the topic's records are rows, say so by "
        "'format: flattened' or 'format: upsert' in its mapping"
    )
    return poison(PoisonReason.NOT_AN_ENVELOPE, message)


def declared_otherwise(what: str, declared: RecordFormat | None) -> ConfigError:
    """Return the error for change events on a topic that is said to hold rows."""
    message = (
        f"{what} is a Debezium envelope, but the mapping says 'format: {declared}': take that out, "
        "or give the connector its transform back"
    )
    return ConfigError(message)


def _control_kind(struct: Struct, *, by_shape: bool) -> ControlKind | None:
    for name in _names(struct):
        if name.startswith("io.debezium.connector."):
            kind = _CONTROL_NAMES.get(name.rpartition(".")[2])
            if kind is not None:
                return kind
    return control_shape(struct.fields) if by_shape else None


def _is_envelope(struct: Struct, *, surely: bool) -> bool:
    """Return whether this is a change event. A row may have columns of some of its names."""
    if any(name.endswith(".Envelope") for name in _names(struct)):
        return True
    if surely:
        images = (_image(struct, name) for name in ("before", "after", "source"))
        return _kind(struct, "op") == "string" and all(image is not None for image in images)
    return "op" in struct.fields and bool({"before", "after", "source"} & struct.fields.keys())


def _envelope(struct: Struct, what: str) -> Shape:
    after = _image(struct, "after")
    if after is None or _kind(struct, "op") != "string":
        raise not_an_envelope(what, "op is no text, or after no row (as with MongoDB)")
    name = struct.traits.connect_name or struct.name
    if is_signal_table(name.removesuffix(".Envelope").rpartition(".")[2], after.fields):
        return ControlKind.SIGNAL
    return Envelope(
        _image(struct, "before"), after, _is_named(struct), has_source="source" in struct.fields
    )


def _flattened(struct: Struct) -> Shape:
    owner, _, role = (struct.traits.connect_name or struct.name).rpartition(".")
    columns = identity.of_the_table(struct.fields)
    if role == "Value" and is_signal_table(owner.rpartition(".")[2], columns):
        return ControlKind.SIGNAL
    _refuse_cells(struct)
    return FlatRow(struct, RecordFormat.FLATTENED, _is_named(struct))


def _is_named(struct: Struct) -> bool:
    """Return whether the converter wrote what Connect says of types: this one has a name there."""
    return struct.traits.connect_name is not None


def _image(struct: Struct, name: str) -> Struct | None:
    node = struct.fields.get(name)
    image = None if node is None else without_null(node)
    return image if isinstance(image, Struct) else None


def _kind(struct: Struct, name: str) -> str:
    """Return the primitive kind of a field, empty if it is absent or anything else."""
    node = struct.fields.get(name)
    only: Any = None if node is None else without_null(node)
    return only.kind if isinstance(only, Primitive) else ""


def _is_flattened(struct: Struct) -> bool:
    """Return whether a row says, by its fields or by its schema's name, that it is a flattened one.

    The name alone says nothing of an outbox's events: those of deleted rows look like the others.
    """
    deleted, op = (_kind(struct, name) for name in (flattened.DELETED, flattened.OP))
    if flattened.says_what_happened(deleted, op):
        return True
    is_event = next(iter(struct.fields), "") == _OUTBOX_EVENT
    return _names(struct)[0].endswith(_DEBEZIUM_ROW) and not is_event


def _is_derived(struct: Struct) -> bool:
    """Return whether ksqlDB or Flink made this row, and not of events that may be of deletes.

    ksqlDB writes names in capitals, whatever they were.
    """
    if not any(name.startswith(_DERIVED) for name in _names(struct)):
        return False
    return _OF_EVENTS.isdisjoint(name.lower() for name in struct.fields)


def _names(struct: Struct) -> tuple[str, str]:
    """Return the name in Connect, empty where the converter kept it to itself, and in Avro."""
    return struct.traits.connect_name or "", struct.name


def _refuse_cells(struct: Struct) -> None:
    for node in struct.fields.values():
        column = without_null(node)
        if isinstance(column, Struct) and flattened.is_cell(column.fields.keys()):
            raise flattened.cassandra()
