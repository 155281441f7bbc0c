"""JSON without schemas: change events and rows, told apart by their names and values alone.

Nothing says then whether a null stands for a value that was left out, or a value for null as the
column's default: where that matters nothing of it is believed. Imports the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from consumer.decode import changes, doubts, flattened, identity, shapes
from consumer.decode.changes import ReadImages, Toolbox
from consumer.decode.flattened import DELETED, OP
from consumer.decode.logical_type import Convert
from consumer.decode.plain_columns import WHAT, PlainColumns
from consumer.decode.poison import PoisonReason, poison
from consumer.decode.readers import Doubts, Meaning
from consumer.decode.settings import DecodeSettings
from consumer.domain.events import (
    UNAVAILABLE,
    ColumnPlan,
    ControlKind,
    ControlRecord,
    Doubt,
    DoubtKind,
    Row,
)
from consumer.domain.formats import RecordFormat

ReadPlain: TypeAlias = Callable[[Any], Meaning]
"""From a value as JSON gives it. Raises PoisonError or ConfigError."""


def value_reader(plan: ColumnPlan, tools: Toolbox, settings: DecodeSettings) -> ReadPlain:
    """Return how values of a topic are read; a null says that the row is gone."""
    columns = PlainColumns(plan, tools, settings)
    to_row, find_doubts = columns.image_row(), _doubts(columns, plan)
    check_delete = identity.plain_delete_check(plan.key_columns)
    images = ReadImages(to_row, to_row if plan.before else None, check_delete, find_doubts)
    read_flattened = flattened.flattened_reader(to_row, check_delete, find_doubts)
    read_upsert = flattened.upsert_reader(to_row, find_doubts)

    def read(value: Any) -> Meaning:
        if value is None:
            return None
        shape = _shape(value, plan.reading.format)
        match shape:
            case ControlKind():
                return ControlRecord(shape)
            case RecordFormat.DEBEZIUM:
                return changes.read_change(images, value)
            case RecordFormat.FLATTENED:
                return read_flattened(value)
            case _:
                return read_upsert(value)

    return read


def key_reader(plan: ColumnPlan, tools: Toolbox, settings: DecodeSettings) -> Callable[[Any], Row]:
    """Return how keys of a topic are read: objects of all key columns, or the only one bare."""
    columns = PlainColumns(plan, tools, settings)
    to_row = columns.key_row()
    of_one = columns.of_key(plan.key_columns[0])

    def read(key: Any) -> Row:
        match key:
            case dict():
                changes.require_whole_key(key, plan, "a JSON key without a schema")
                return to_row(key)
            case None:
                message = "a JSON key that says null"
                raise poison(PoisonReason.NULL_KEY, message)
            case _:
                changes.require_one_column(plan, "a JSON key without a schema")
                return (of_one(key),)

    return read


def _shape(value: Any, declared: RecordFormat | None) -> RecordFormat | ControlKind:
    """Return what a value is; the same rules as for schemas, by names and values alone."""
    if not isinstance(value, dict):
        raise shapes.not_an_envelope(WHAT, "not an object")
    if _is_envelope(value):
        if declared in shapes.ROW_FORMATS:
            raise shapes.declared_otherwise(WHAT, declared)
        return _envelope(value)
    if declared in shapes.ROW_FORMATS:
        return _row_format(value, declared)
    kind = _message(value) or shapes.control_shape(value)
    if kind is not None:
        return kind
    kinds = (_kind(value.get(name)) for name in (DELETED, OP))
    if declared is None and flattened.says_what_happened(*kinds):
        return _row_format(value, RecordFormat.FLATTENED)
    raise shapes.not_an_envelope(WHAT, "it has no op beside source and before or after")


def _is_envelope(value: Mapping[str, Any]) -> bool:
    op, source = (value.get(name) for name in ("op", "source"))
    has_image = "before" in value or "after" in value
    return isinstance(op, str) and isinstance(source, dict) and has_image


def _envelope(value: Mapping[str, Any]) -> RecordFormat | ControlKind:
    after = value.get("after")
    if not all(isinstance(value.get(name), dict | None) for name in ("before", "after")):
        raise shapes.not_an_envelope(WHAT, "before or after is no row (as with MongoDB)")
    table = value["source"].get("table")
    if after is not None and isinstance(table, str) and shapes.is_signal_table(table, after):
        return ControlKind.SIGNAL
    return RecordFormat.DEBEZIUM


def _message(value: Mapping[str, Any]) -> ControlKind | None:
    is_one = value.get("op") == "m" and isinstance(value.get("message"), dict)
    return ControlKind.LOGICAL_MESSAGE if is_one and "source" in value else None


def _row_format(value: Mapping[str, Any], declared: RecordFormat | None) -> RecordFormat:
    if declared is RecordFormat.UPSERT:
        return declared
    if any(isinstance(each, dict) and flattened.is_cell(each.keys()) for each in value.values()):
        raise flattened.cassandra()
    return RecordFormat.FLATTENED


def _kind(value: Any) -> str:
    match value:
        case str():
            return "string"
        case bool():
            return "boolean"
        case _:
            return ""


def _doubts(columns: PlainColumns, plan: ColumnPlan) -> doubts.FindDoubts:
    """Return what finds doubts: where no default is known, any value could be one."""
    find = doubts.finder(columns.struct(), plan, knows_nulls=False)
    guessed = [
        (Doubt(name, DoubtKind.DEFAULT), columns.of_row(name))
        for name in plan.columns
        if name in plan.granting & plan.defaults
    ]

    def find_more(new: Mapping[str, Any], old: Mapping[str, Any] | None, source: Any) -> Doubts:
        found = find(new, old, source)
        more = tuple(doubt for doubt, read in guessed if _is_there(new[doubt.column], read))
        return found._replace(always=(*found.always, *more))

    return find_more if guessed else find


def _is_there(raw: Any, read: Convert) -> bool:
    return raw is not None and read(raw) is not UNAVAILABLE
