"""Faults to put into the real code: what stands where, instead of what.

Each takes away one rule of decoding or mapping; `mutants.py` says which section it is about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from consumer.decode import (
    decoder,
    doubts,
    envelope,
    flattened,
    identity,
    json_plain,
    json_text,
    moves,
    numeric,
    reference,
    rows,
    shapes,
    wire,
)
from consumer.decode.logical import LOGICAL_TYPES
from consumer.decode.unavailable import Marker
from consumer.domain.errors import PoisonError
from consumer.domain.events import ControlKind, ControlRecord
from consumer.mapping import template

Changes: TypeAlias = Iterator[tuple[Any, str, Any]]
"""Owner, name, and what stands there instead; of a mapping, one of its entries."""


def images_swapped() -> Changes:
    """The old row is taken for the new one."""
    original = envelope.change_event

    def change_event(op: Any, change: Any, *rest: Any) -> Any:
        return original(op, change._replace(after=change.before or change.after), *rest)

    yield envelope, "change_event", change_event


def envelopes_by_name_only() -> Changes:
    """Envelopes are known by Connect's name only."""

    def looks(struct: Any, **_: Any) -> bool:
        return (struct.traits.connect_name or "").endswith(".Envelope")

    yield shapes, "_is_envelope", looks


def truncates_overlooked() -> Changes:
    """Truncates are taken for messages."""
    message = ControlRecord(ControlKind.LOGICAL_MESSAGE)
    yield envelope, "_interpret_rowless", lambda _change: message


def keys_by_place() -> Changes:
    """Key columns are read by their place."""
    original = rows.key_row

    def key_row(struct: Any, columns: Sequence[str], *rest: Any) -> Any:
        by_place = [name for name in struct.fields if name in columns]
        return original(struct, by_place, *rest)

    yield rows, "key_row", key_row


def tombstones_skipped() -> Changes:
    """Tombstones are skipped."""
    control = ControlRecord(ControlKind.NULL_KEY_TOMBSTONE)
    yield decoder.Decoder, "_tombstone", lambda _self, _record, _plan: control


def moved_rows_taken_for_new() -> Changes:
    """A row that moved to another key is taken for a new one."""
    yield moves, "has", lambda _header, _record: False


def other_key_taken_for_own() -> Changes:
    """The key in a header is taken for the record's own."""
    original = decoder.Decoder.decode_key

    def decode_key(self: Any, record: Any, plan: Any) -> Any:
        framed = [content for name, content in record.headers if name == moves.NEW_KEY_HEADER]
        return original(self, replace(record, key=framed[0]) if framed else record, plan)

    yield decoder.Decoder, "decode_key", decode_key


def control_records_unknown() -> Changes:
    """Debezium's own records are not known by their schema."""
    yield shapes, "_control_kind", lambda _struct, **_: None


def positions_needed() -> Changes:
    """Every event must have a position in the log."""
    original = envelope.source_info

    def source_info(source: Any) -> Any:
        if isinstance(source, dict) and "lsn" in source:
            int(source["lsn"])
        return original(source)

    yield envelope, "source_info", source_info


def older_positions_dropped() -> Changes:
    """Events that are older by their position are dropped."""
    original, read = envelope.interpret, envelope.source_info
    positions = [0, 0]  # the highest so far, and that of the record at hand

    def source_info(source: Any) -> Any:
        positions[1] = (source or {}).get("lsn") or positions[0]
        return read(source)

    def interpret(change: Any) -> Any:
        late = positions[1] < positions[0]
        positions[0] = max(positions)
        return ControlRecord(ControlKind.TRANSACTION) if late else original(change)

    yield envelope, "source_info", source_info
    yield envelope, "interpret", interpret


def any_delete_believed() -> Changes:
    """Every delete's key is believed."""
    yield identity, "delete_check", lambda _before, _columns: lambda _row, _connector: None


def marker_as_text_only() -> Changes:
    """The marker is known as text only."""
    yield Marker, "_detector", lambda _self, _node: None


def nulls_believed() -> Changes:
    """Nulls of types without a marker are believed."""
    yield doubts, "doubt_about", lambda _node, _habit, **_: None


def null_comes_first() -> Changes:
    """Null is taken for the first of a nullable type's branches."""
    original = reference._Plain.of

    def of(self: Any, node: Any) -> Any:
        plain = original(self, node)
        return sorted(plain, key=lambda one: one != "null") if isinstance(plain, list) else plain

    yield reference._Plain, "of", of


def bits_from_the_other_end() -> Changes:
    """Bits are read from the other end."""
    name = "io.debezium.data.Bits"
    yield LOGICAL_TYPES, name, _made(name, lambda bits, _lose: int.from_bytes(bits, "big"))


def decimals_as_doubles() -> Changes:
    """Decimals become doubles."""

    def double(node: Any, _lose: Any) -> Any:
        scale = node.traits.scale or 0
        return lambda raw: float(int.from_bytes(raw, "big", signed=True)) / 10**scale

    name = "org.apache.kafka.connect.data.Decimal"
    yield LOGICAL_TYPES, name, LOGICAL_TYPES[name]._replace(make=double)


def singles_as_doubles() -> Changes:
    """Singles are written as doubles."""
    yield numeric, "finite_single", numeric.finite


def far_dates_as_numbers() -> Changes:
    """Dates beyond the calendar become numbers."""
    name = "io.debezium.time.Date"
    yield LOGICAL_TYPES, name, _made(name, lambda days, _lose: days)


def ids_from_the_other_end() -> Changes:
    """Schema ids are read from the other end."""
    yield wire, "_short_id", lambda data: int.from_bytes(data[1:5], "little")


def fractions_as_doubles() -> Changes:
    """Fractions in JSON are read as doubles."""
    yield json_text, "_DECODER", json.JSONDecoder()


def text_null_unknown() -> Changes:
    """The text `null` is no tombstone."""
    yield wire, "_JSON_NULL", b"nil"


def any_value_believed() -> Changes:
    """Values without a schema are believed not to be defaults."""
    yield json_plain, "_is_there", lambda _raw, _read: False


def deleted_rows_kept() -> Changes:
    """Rows that say that they are deleted are kept."""
    yield flattened, "_op", lambda _row: "u"


def rows_guessed() -> Changes:
    """Any row is taken for a flattened change event."""
    yield flattened, "says_what_happened", lambda _deleted, _op: True


def others_skipped() -> Changes:
    """What is no change event is skipped."""
    original = shapes.classify

    def classify(root: Any, ref: Any, *rest: Any) -> Any:
        try:
            return original(root, ref, *rest)
        except PoisonError:
            return ControlKind.LOGICAL_MESSAGE

    yield shapes, "classify", classify


def topics_not_told_apart() -> Changes:
    """Topics that share a mapping share their ids."""
    original = template._slots

    def slots(one: Any, scope: Any) -> Any:
        return original(one, replace(scope, topic="any"))

    yield template, "_slots", slots


def snapshot_rows_unknown() -> Changes:
    """Rows of snapshots are unknown."""
    yield envelope._ROW_OPS, "r", None


def gone_columns_as_null() -> Changes:
    """A column that is gone reads as null."""
    original = rows._picker

    def picker(columns: Sequence[str]) -> Any:
        return lambda struct: original(columns)({name: struct.get(name) for name in columns})

    yield rows, "require_columns", lambda *_: None
    yield rows, "_picker", picker


def _made(name: str, to: Callable[[Any, Any], Any]) -> Any:
    return LOGICAL_TYPES[name]._replace(make=lambda _node, lose: lambda value: to(value, lose))
