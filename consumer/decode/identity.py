"""Deletes under a key that is not the row's, seen from what is left of the old row.

Where PostgreSQL's replica identity is an index other than the primary key, only the columns of that
index are logged and the connector fills the key's with zero values: such a delete misses its row
and may hit another one (reference `debezium.md` §1.3, §2.1). Imports the domain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from consumer.decode.avro_types import AvroType, Struct, Union, is_null
from consumer.decode.poison import PoisonReason, poison
from consumer.domain.errors import PoisonError
from consumer.domain.records import Offset, Record, TopicPartition

CheckDelete: TypeAlias = Callable[[Mapping[str, Any] | None, str], None]
"""Takes a delete's old row as Avro gives it and the connector's name. Raises PoisonError."""

_POSTGRESQL: Final = "postgresql"  # the others log whole rows: a blank key is the row's own
_EPOCH: Final = "1970-01-01T00:00:00"
_BLANK_TEXTS: Final = frozenset({"", "{}"})
_PLAIN: Final = (str, bytes, int, float, Decimal)


def delete_check(before: Struct | None, key_columns: Sequence[str]) -> CheckDelete:
    """Return a check that refuses a delete whose key looks filled in.

    It does if every column of the key is blank while another column is neither blank nor its
    default; with the usual identity only the key is neither. PostgreSQL's identities have columns
    that are NOT NULL only, so a value in a nullable column shows that whole rows are logged, and
    that the key is the row's. A row with such a key and none but nulls there is refused.
    """
    keys = [] if before is None else [name for name in key_columns if name in before.fields]
    if before is None or not keys:
        return lambda _row, _connector: None
    others = [
        (name, before.defaults.get(name), _is_nullable(node))
        for name, node in before.fields.items()
        if name not in keys
    ]

    def check(row: Mapping[str, Any] | None, connector: str) -> None:
        if row is not None and connector == _POSTGRESQL:
            _check(row, keys, others)

    return check


def plain_delete_check(key_columns: Sequence[str]) -> CheckDelete:
    """Return the same check for rows without a schema: neither default nor nullability is known."""

    def check(row: Mapping[str, Any] | None, connector: str) -> None:
        keys = [] if row is None else [name for name in key_columns if name in row]
        if row is not None and keys and connector == _POSTGRESQL:
            _check(
                row, keys, [(name, None, False) for name in of_the_table(row) if name not in keys]
            )

    return check


def of_the_table(names: Iterable[str]) -> list[str]:
    """Return the names of columns: what a transform adds to a row begins with `__`."""
    return [name for name in names if not name.startswith("__")]


def _check(
    row: Mapping[str, Any], keys: Sequence[str], others: Sequence[tuple[str, Any, bool]]
) -> None:
    if not all(_is_blank(row[name]) for name in keys):
        return
    logged = [nullable for name, default, nullable in others if _is_logged(row[name], default)]
    if logged and not any(logged):
        message = (
            "a delete whose key columns are all blank while other columns of the old row are "
            "not: the table's REPLICA IDENTITY is another index than its primary key; set it "
            "to DEFAULT or FULL and snapshot the table again: this row's item is still there. "
            "If it is FULL, map the table with full_before_images"
        )
        raise doubtful(message)


class RefusedDeletes:
    """The last refused delete of each partition: its tombstone has the same doubtful key.

    Kept until the key is used otherwise in that partition. That is a digest and an offset per
    partition, whatever is read. It does not outlive the process: a tombstone that is the first
    record after a restart is believed.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._last: dict[TopicPartition, tuple[Offset, bytes]] = {}

    def remember(self, record: Record) -> None:
        """Keep a delete that was refused; asked again about the same record, nothing changes."""
        if record.key is not None:
            self._last[record.tp] = record.offset, _digest(record.key)

    def check(self, tombstone: Record) -> None:
        """Raise PoisonError for the tombstone of a refused delete."""
        if self._is_behind(tombstone):
            message = "a tombstone with the doubtful key of a delete that was refused: see that one"
            raise doubtful(message)

    def forget(self, record: Record) -> None:
        """Take note of a record of a row that was not refused: its key is a row's."""
        if self._is_behind(record):
            del self._last[record.tp]

    def _is_behind(self, record: Record) -> bool:
        refused = self._last.get(record.tp)
        if refused is None or record.key is None:
            return False
        offset, digest = refused
        return record.offset > offset and _digest(record.key) == digest


def doubtful(message: str) -> PoisonError:
    """Return the error for a record whose key is not believed."""
    return poison(PoisonReason.DOUBTFUL_KEY, message)


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


def _is_nullable(node: AvroType) -> bool:
    return isinstance(node, Union) and any(map(is_null, node.branches))


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, _PLAIN) and not _is_filled(value))


def _is_logged(value: Any, default: Any) -> bool:
    """Return whether a value comes from the row: types without plain values prove nothing."""
    if not isinstance(value, _PLAIN) or not _is_filled(value):
        return False
    written = value.decode("latin-1") if isinstance(value, bytes) else value  # as in a schema
    return bool(written != default)


def _is_filled(value: str | bytes | float | Decimal) -> bool:
    match value:
        case str():
            return value not in _BLANK_TEXTS and not value.startswith(_EPOCH)
        case bytes():
            return any(value)
        case _:
            return value != 0
