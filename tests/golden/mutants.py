"""Faults put into the real code on purpose: `python -m tests.golden.mutants [SECTION …]`.

Each takes away one rule of decoding that a section is about; at least one of the section's cases
must then lead elsewhere than expected. Prints which cases notice.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from consumer.decode import (
    decoder,
    doubts,
    envelope,
    identity,
    moves,
    numeric,
    reference,
    rows,
    wire,
)
from consumer.decode.logical import LOGICAL_TYPES
from consumer.decode.unavailable import Marker
from consumer.domain.events import ControlKind, ControlRecord
from consumer.domain.schemas import SchemaRef
from consumer.mapping import template
from tests.golden.cases import Expectation, Json, about, expectations, loaded

Changes = Iterator[tuple[Any, str, Any]]
"""Owner, name, and what stands there instead; of a mapping, one of its entries."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is taken away, from which section's cases."""

    section: str
    name: str
    why: str
    changes: Callable[[], Changes]


@contextmanager
def applied(mutant: Mutant) -> Iterator[None]:
    """Change the code for a while; a mapping that was compiled before is not used."""
    before = []
    for owner, name, instead in mutant.changes():
        before.append((owner, name, _get(owner, name)))
        _set(owner, name, instead)
    of_mapping = any(owner is template for owner, *_ in before)
    forget: Callable[[], None] = loaded.cache_clear if of_mapping else lambda: None
    forget()
    try:
        yield
    finally:
        for owner, name, original in reversed(before):
            _set(owner, name, original)
        forget()


def killers(mutant: Mutant) -> Iterator[str]:
    """Yield the section's cases that lead elsewhere with the mutant than without."""
    of_section = [one for one in expectations() if mutant.section in about(one.folder)["section"]]
    right = {one: one.actual() for one in of_section}
    with applied(mutant):
        yield from (one.name for one in of_section if _notices(one, right[one]))


def _notices(one: Expectation, right: Sequence[Json]) -> bool:
    try:
        return one.translated() != right
    except Exception:  # noqa: BLE001 - a mutant may break anything, and then it shows
        return True


def _get(owner: Any, name: str) -> Any:
    return owner.get(name) if isinstance(owner, dict) else getattr(owner, name)


def _set(owner: Any, name: str, value: Any) -> None:
    if not isinstance(owner, dict):
        setattr(owner, name, value)
    elif value is None:
        owner.pop(name, None)
    else:
        owner[name] = value


# --- what is taken away ---------------------------------------------------------------------------


def _images_swapped() -> Changes:
    original = envelope.change_event

    def change_event(op: Any, change: Any, *rest: Any) -> Any:
        return original(op, change._replace(after=change.before or change.after), *rest)

    yield envelope, "change_event", change_event


def _envelopes_by_name_only() -> Changes:
    def looks(struct: Any) -> bool:
        return (struct.traits.connect_name or "").endswith(".Envelope")

    yield envelope, "_looks_like_envelope", looks


def _truncates_overlooked() -> Changes:
    message = ControlRecord(ControlKind.LOGICAL_MESSAGE)
    yield envelope, "_interpret_rowless", lambda _change: message


def _keys_by_place() -> Changes:
    original = rows.key_row

    def key_row(struct: Any, columns: Sequence[str], *rest: Any) -> Any:
        by_place = [name for name in struct.fields if name in columns]
        return original(struct, by_place, *rest)

    yield rows, "key_row", key_row


def _tombstones_skipped() -> Changes:
    control = ControlRecord(ControlKind.NULL_KEY_TOMBSTONE)
    yield decoder.Decoder, "_tombstone", lambda _self, _record, _plan: control


def _moved_rows_taken_for_new() -> Changes:
    yield moves, "has", lambda _header, _record: False


def _other_key_taken_for_own() -> Changes:
    original = decoder.Decoder.decode_key

    def decode_key(self: Any, record: Any, plan: Any) -> Any:
        framed = [content for name, content in record.headers if name == moves.NEW_KEY_HEADER]
        return original(self, replace(record, key=framed[0]) if framed else record, plan)

    yield decoder.Decoder, "decode_key", decode_key


def _control_records_unknown() -> Changes:
    yield envelope, "_control_kind", lambda _struct: None


def _positions_needed() -> Changes:
    original = envelope.source_info

    def source_info(source: Any) -> Any:
        if isinstance(source, dict) and "lsn" in source:
            int(source["lsn"])
        return original(source)

    yield envelope, "source_info", source_info


def _older_positions_dropped() -> Changes:
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


def _any_delete_believed() -> Changes:
    yield identity, "delete_check", lambda _before, _columns: lambda _row, _connector: None


def _marker_as_text_only() -> Changes:
    yield Marker, "_detector", lambda _self, _node: None


def _nulls_believed() -> Changes:
    yield doubts, "doubt_about", lambda _node, _habit, **_: None


def _null_comes_first() -> Changes:
    original = reference._Plain.of

    def of(self: Any, node: Any) -> Any:
        plain = original(self, node)
        return sorted(plain, key=lambda one: one != "null") if isinstance(plain, list) else plain

    yield reference._Plain, "of", of


def _bits_from_the_other_end() -> Changes:
    name = "io.debezium.data.Bits"
    yield LOGICAL_TYPES, name, _made(name, lambda bits, _lose: int.from_bytes(bits, "big"))


def _decimals_as_doubles() -> Changes:
    def double(node: Any, _lose: Any) -> Any:
        scale = node.traits.scale or 0
        return lambda raw: float(int.from_bytes(raw, "big", signed=True)) / 10**scale

    name = "org.apache.kafka.connect.data.Decimal"
    yield LOGICAL_TYPES, name, LOGICAL_TYPES[name]._replace(make=double)


def _singles_as_doubles() -> Changes:
    yield numeric, "finite_single", numeric.finite


def _far_dates_as_numbers() -> Changes:
    name = "io.debezium.time.Date"
    yield LOGICAL_TYPES, name, _made(name, lambda days, _lose: days)


def _ids_from_the_other_end() -> Changes:
    yield wire, "_id_ref", lambda data: SchemaRef(f"id/{int.from_bytes(data[1:5], 'little')}")


def _others_skipped() -> Changes:
    original = envelope.classify

    def classify(root: Any, ref: Any) -> Any:
        try:
            return original(root, ref)
        except envelope.PoisonError:
            return ControlKind.LOGICAL_MESSAGE

    yield envelope, "classify", classify


def _topics_not_told_apart() -> Changes:
    original = template._slots

    def slots(one: Any, scope: Any) -> Any:
        return original(one, replace(scope, topic="any"))

    yield template, "_slots", slots


def _snapshot_rows_unknown() -> Changes:
    yield envelope._ROW_OPS, "r", None


def _gone_columns_as_null() -> Changes:
    original = rows._picker

    def picker(columns: Sequence[str]) -> Any:
        return lambda struct: original(columns)({name: struct.get(name) for name in columns})

    yield rows, "require_columns", lambda *_: None
    yield rows, "_picker", picker


def _made(name: str, to: Callable[[Any, Any], Any]) -> LogicalType:
    return LOGICAL_TYPES[name]._replace(make=lambda _node, lose: lambda value: to(value, lose))


def _mutants(*rows_: tuple[str, str, Callable[[], Changes]]) -> tuple[Mutant, ...]:
    return tuple(
        Mutant(section, changes.__name__.removeprefix("_"), why, changes)
        for section, why, changes in rows_
    )


MUTANTS: Final = _mutants(
    ("1.1", "the old row is taken for the new one", _images_swapped),
    ("1.2", "truncates are taken for messages", _truncates_overlooked),
    ("1.3", "key columns are read by their place", _keys_by_place),
    ("1.4", "tombstones are skipped", _tombstones_skipped),
    ("1.5", "a row that moved to another key is taken for a new one", _moved_rows_taken_for_new),
    ("1.5", "the key in a header is taken for the record's own", _other_key_taken_for_own),
    ("1.6", "Debezium's own records are not known by their schema", _control_records_unknown),
    ("1.7", "every event must have a position in the log", _positions_needed),
    ("1.8", "events that are older by their position are dropped", _older_positions_dropped),
    ("2.1", "every delete's key is believed", _any_delete_believed),
    ("2.2", "the marker is known as text only", _marker_as_text_only),
    ("2.2", "nulls of types without a marker are believed", _nulls_believed),
    ("3.1", "null is taken for the first of a nullable type's branches", _null_comes_first),
    ("3.1", "envelopes are known by Connect's name only", _envelopes_by_name_only),
    ("3.2", "bits are read from the other end", _bits_from_the_other_end),
    ("3.2", "decimals become doubles", _decimals_as_doubles),
    ("3.3", "singles are written as doubles", _singles_as_doubles),
    ("3.4", "dates beyond the calendar become numbers", _far_dates_as_numbers),
    ("3.5", "schema ids are read from the other end", _ids_from_the_other_end),
    ("4.2", "what is no change event is skipped", _others_skipped),
    ("4.2", "topics that share a mapping share their ids", _topics_not_told_apart),
    ("5", "rows of snapshots are unknown", _snapshot_rows_unknown),
    ("6", "a column that is gone reads as null", _gone_columns_as_null),
)
"""In the order of the sections: what each takes away."""


def main(arguments: Sequence[str]) -> int:
    """Print a table: section, mutant, and the cases that notice; return 1 if none does."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.mutants", description=__doc__)
    parser.add_argument("section", nargs="*", help="default: all")
    chosen = parser.parse_args(arguments).section
    survivors = 0
    for mutant in MUTANTS:
        if chosen and mutant.section not in chosen:
            continue
        found = [*killers(mutant)]
        survivors += not found
        shown = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        sys.stdout.write(f"{mutant.section:5}{mutant.name:32}{shown or 'SURVIVES'}\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
