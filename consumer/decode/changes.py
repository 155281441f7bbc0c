"""What values of a schema say, for a plan: the same from Avro and from JSON.

Everything that can be known from a schema and a plan is worked out here, once; what is left per
record starts at the value as Avro gives it. Imports the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, assert_never

from consumer.decode import doubts, envelope, flattened, identity, rows, shapes
from consumer.decode.avro_types import AvroType, Struct, without_null
from consumer.decode.column_types import with_types
from consumer.decode.converters import Converters
from consumer.decode.doubts import FindDoubts
from consumer.decode.flattened import ReadRow
from consumer.decode.identity import CheckDelete
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Change, Doubts, Meaning
from consumer.decode.rows import ToRow
from consumer.decode.unavailable import Marker
from consumer.domain.errors import ConfigError
from consumer.domain.events import ColumnPlan, ControlKind, ControlRecord, Op, Row
from consumer.domain.formats import RecordFormat
from consumer.domain.schemas import SchemaRef

Interpret: TypeAlias = Callable[[Any], Meaning]
"""From a value as Avro gives it. Raises PoisonError."""

ToKey: TypeAlias = Callable[[Any], Row]
"""From a key as Avro gives it. Raises PoisonError."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What all readers of one decoder share."""

    converters: Callable[[], tuple[Converters, Converters]]
    """Makes new choosers, the usual one and the one for what ids are made of: they remember types,
    so they live as long as one schema's readers."""
    marker: Marker
    max_decoded_bytes: int


@dataclass(frozen=True, slots=True)
class ReadImages:
    """How the parts of a change event are read; `before` only where it is planned and there."""

    after: ToRow
    before: ToRow | None
    check_delete: CheckDelete
    find_doubts: FindDoubts


def interpreter(
    ref: SchemaRef, root: AvroType, plan: ColumnPlan, tools: Toolbox
) -> Interpret | ControlRecord:
    """Return what values of the schema say, where they all say the same, or how to tell.

    Raises PoisonError (schema) or ConfigError (plan or declared format misfits).
    """
    shape = shapes.classify(root, ref, plan.reading.format)
    match shape:
        case ControlKind.HEARTBEAT:
            return _heartbeat
        case ControlKind():
            return ControlRecord(shape)
        case shapes.Envelope():
            return _change_interpreter(ref, _images(ref, shape, plan, tools))
        case shapes.FlatRow():
            return _row_interpreter(_row_reader(ref, shape, plan, tools))
        case _:
            assert_never(shape)


def key_interpreter(ref: SchemaRef, root: AvroType, plan: ColumnPlan, tools: Toolbox) -> ToKey:
    """Return how keys become rows.

    Raises PoisonError (schema), or ConfigError unless the plan's key columns are exactly the
    key's: with fewer, two rows would share one item.
    """
    node = without_null(root)
    _, exact = tools.converters()
    if isinstance(node, Struct):
        key = with_types(node, plan.reading.types, ref)
        require_whole_key(key.fields, plan, f"schema {ref} ({rows.plain(key.name)})")
        return _unless_null(ref, rows.key_row(key, plan.key_columns, exact, tools.marker))
    require_one_column(plan, f"schema {ref}")
    to_row = rows.bare_key_row(root, plan.key_columns[0], exact, tools.marker)
    return _unless_null(ref, to_row)


def require_whole_key(fields: Mapping[str, Any], plan: ColumnPlan, what: str) -> None:
    """Raise ConfigError unless the plan's key columns are exactly those of a key."""
    planned = set(plan.key_columns)
    unplanned = [name for name in fields if name not in planned]
    absent = [name for name in plan.key_columns if name not in fields]
    if unplanned or absent:
        parts = [f"key column {rows.names([name])} is not used" for name in unplanned[:9]]
        parts += [f"there is no key column {rows.names([name])}" for name in absent]
        message = (
            f"{what} has key columns {rows.names(fields)}, the "
            f"mapping names {rows.names(plan.key_columns)}: {'; '.join(parts)}. The document id "
            "must use every key column and no other, or two rows would share one item"
        )
        raise ConfigError(message)


def require_one_column(plan: ColumnPlan, what: str) -> None:
    """Raise ConfigError unless the plan has the one key column that a bare value can be."""
    if len(plan.key_columns) != 1:
        message = (
            f"{what} is a key of one bare value, the mapping names key columns "
            f"{rows.names(plan.key_columns)}; name one"
        )
        raise ConfigError(message)


def read_change(images: ReadImages, raw: Mapping[str, Any]) -> Change:
    """Return what a change event's parts are; `raw` has at least `op`, `after` and `source`."""
    source = envelope.source_info(raw.get("source"))
    before, after = raw.get("before"), raw.get("after")
    if raw["op"] == Op.DELETE:
        images.check_delete(before, source.connector)
    return Change(
        op=raw["op"] or "",
        before=None if images.before is None or before is None else images.before(before),
        after=None if after is None else images.after(after),
        source=source,
        has_before=before is not None,
        doubts=Doubts() if after is None else images.find_doubts(after, before, raw.get("source")),
    )


def _heartbeat(raw: Any) -> ControlRecord:
    ts_ms = (raw or {}).get("ts_ms")
    return ControlRecord(ControlKind.HEARTBEAT, ts_ms if isinstance(ts_ms, int) else None)


def _unless_null(ref: SchemaRef, to_row: ToKey) -> ToKey:
    def read_key(raw: Any) -> Row:
        if raw is None:
            message = f"a key of schema {ref} that says null"
            raise poison(PoisonReason.NULL_KEY, message)
        return to_row(raw)

    return read_key


def _change_interpreter(ref: SchemaRef, images: ReadImages) -> Interpret:
    def interpret(raw: Any) -> Change:
        if raw is None:
            message = f"a value of schema {ref} that says null"
            raise poison(PoisonReason.NOT_AN_ENVELOPE, message)
        return read_change(images, raw)

    return interpret


def _row_interpreter(read: ReadRow) -> Interpret:
    return lambda raw: None if raw is None else read(raw)


def _images(ref: SchemaRef, shape: shapes.Envelope, plan: ColumnPlan, tools: Toolbox) -> ReadImages:
    after = with_types(shape.after, plan.reading.types, ref)
    before = None if shape.before is None else with_types(shape.before, plan.reading.types, ref)
    is_planned = plan.before and before is not None
    return ReadImages(
        after=_image_row(ref, after, plan, tools),
        before=_image_row(ref, before, plan, tools) if is_planned and before else None,
        check_delete=identity.delete_check(before, plan.key_columns),
        find_doubts=_finder(after, shape, plan),
    )


def _finder(after: Struct, shape: shapes.Envelope, plan: ColumnPlan) -> FindDoubts:
    find_doubts = doubts.finder(after, plan, is_named=shape.is_named)
    return find_doubts if shape.has_source else doubts.whatever_happened(find_doubts)


def _row_reader(ref: SchemaRef, shape: shapes.FlatRow, plan: ColumnPlan, tools: Toolbox) -> ReadRow:
    row = with_types(shape.row, plan.reading.types, ref)
    to_row = _image_row(ref, row, plan, tools)
    find_doubts = doubts.finder(row, plan, is_named=shape.is_named)
    if shape.format is RecordFormat.UPSERT:
        return flattened.upsert_reader(to_row, find_doubts)
    columns = {name: row.fields[name] for name in identity.of_the_table(row.fields)}
    check_delete = identity.delete_check(replace(row, fields=columns), plan.key_columns)
    read = flattened.flattened_reader(to_row, check_delete, find_doubts)
    return _unless_blank(ref, read) if shape.is_derived else read


def _unless_blank(ref: SchemaRef, read: ReadRow) -> ReadRow:
    """Refuse a row of nulls: so ksqlDB's streams of change events show the deletes among them."""
    what = f"schema {ref}"

    def read_row(row: dict[str, Any]) -> Change:
        if all(value is None for value in row.values()):
            why = "a row of nulls may be a delete's"
            raise shapes.not_an_envelope(what, why)
        return read(row)

    return read_row


def _image_row(ref: SchemaRef, struct: Struct, plan: ColumnPlan, tools: Toolbox) -> ToRow:
    rows.require_columns(struct, (*plan.columns, *plan.exact_columns), ref)
    return rows.image_row(struct, plan, tools.converters(), tools.marker)
