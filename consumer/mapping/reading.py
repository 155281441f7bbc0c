"""What a mapping says about its topics' records: their format, encoding, and types.

Imports the domain only.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from consumer.domain.formats import (
    ARRAY,
    BARE_KEYS,
    DECIMAL,
    PLAIN_TYPES,
    SEMANTIC_TYPES,
    ColumnType,
    Encoding,
    Reading,
    RecordFormat,
)
from consumer.mapping.certainty import USING
from consumer.mapping.problems import BadSpecError, Findings, Path
from consumer.mapping.spec import ColumnTypeSpec, MappingSpec

_SHORT: Final = {"decimal": DECIMAL}


def reading_of(
    spec: MappingSpec,
    columns: frozenset[str],
    key_columns: Sequence[str],
    path: Path,
    found: Findings,
) -> Reading:
    """Return what a mapping declares; what cannot be meant is noted in `found`.

    `columns` are read from rows, `key_columns` stand in the id.
    """
    _check_id(spec, key_columns, path, found)
    types = dict[str, ColumnType]()
    for name, declared in spec.column_types.items():
        _check_used(name, columns | {*key_columns}, path, found)
        with found.at(*path, "column_types", name):
            types[name] = _column_type(declared)
    return Reading(
        format=None if spec.format is None else RecordFormat(spec.format),
        value=None if spec.encoding is None else Encoding(spec.encoding),
        key=None if spec.key_encoding is None else Encoding(spec.key_encoding),
        types=tuple(types.items()),
    )


def _check_id(spec: MappingSpec, key_columns: Sequence[str], path: Path, found: Findings) -> None:
    if spec.full_before_images and spec.format not in {None, RecordFormat.DEBEZIUM}:
        found.add(
            (*path, "full_before_images"),
            f"records of 'format: {spec.format}' have no old row: an id of other columns than the "
            "key's could change without a trace; make the id of key columns",
            *((*path, key) for key in ("full_before_images", "format")),
        )
    if spec.key_encoding in BARE_KEYS and len(key_columns) > 1:
        found.add(
            (*path, "key_encoding"),
            f"a key of {spec.key_encoding} is one column, but the id names {len(key_columns)}",
            *((*path, key) for key in ("key_encoding", "id")),
        )


def differences(one: Reading, other: Reading) -> list[str]:
    """Return the keys by which two mappings contradict each other about the same records."""
    pairs = (
        ("format", one.format, other.format),
        ("encoding", one.value, other.value),
        ("key_encoding", one.key, other.key),
    )
    differing = [name for name, *said in pairs if None not in said and said[0] != said[1]]
    types = dict(other.types)
    if any(types.get(name, declared) != declared for name, declared in one.types):
        differing.append("column_types")
    return differing


def together(one: Reading, other: Reading) -> Reading:
    """Return what two mappings that do not contradict each other say about the same records."""
    return Reading(
        format=one.format or other.format,
        value=one.value or other.value,
        key=one.key or other.key,
        types=tuple({**dict(other.types), **dict(one.types)}.items()),
    )


def _check_used(name: str, columns: frozenset[str], path: Path, found: Findings) -> None:
    if name not in columns:
        close = get_close_matches(name, [*columns], n=1)
        hint = f"; did you mean '{close[0]}'" if close else ""
        place = (*path, "column_types", name)
        parts = ((*path, key) for key in USING)
        found.add(place, f"the mapping reads no column '{name}'{hint}", place, *parts)


def _column_type(spec: ColumnTypeSpec) -> ColumnType:
    name = _name(spec.type)
    element = None if spec.items is None else _name(spec.items)
    if (name == ARRAY) != (element is not None):
        msg = "'items' goes with the type 'array', and an array needs it"
        raise BadSpecError(msg)
    if element == ARRAY:
        msg = "an array of arrays has no type here; leave the column out of 'column_types'"
        raise BadSpecError(msg)
    if (DECIMAL in {name, element}) != (spec.scale is not None):
        msg = "'scale' goes with the type 'decimal', and a decimal needs it"
        raise BadSpecError(msg)
    if element is None:
        return ColumnType(name, spec.scale)
    return ColumnType(name, items=ColumnType(element, spec.scale))


def _name(written: str) -> str:
    name = _SHORT.get(written, written)
    known = PLAIN_TYPES | SEMANTIC_TYPES
    if name not in known:
        close = get_close_matches(written, [*known, *_SHORT], n=1)
        hint = f"; did you mean '{close[0]}'" if close else ""
        msg = f"'{written}' is no type of Kafka Connect or Debezium{hint}"
        raise BadSpecError(msg)
    return name
