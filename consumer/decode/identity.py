"""What an old row shows of the table's replica identity: a key that is not the row's, or a part.

Where PostgreSQL's replica identity is an index, only the columns of that index are logged; the
connector fills the others with null, defaults and zero values (reference `debezium.md` §1.3, §2.1).
If the key is among them, a delete misses its row and may hit another one. If not, an update that
changes a column of the index comes with an old row that looks whole, and proves nothing: so it was
seen (Debezium 3.7) with an index of the primary key and one more column, and with
`message.key.columns` that name a part of the primary key. Imports the domain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Final, TypeAlias

from consumer.decode.avro_types import AvroType, Struct, Union, as_written, is_null
from consumer.decode.poison import PoisonReason, poison
from consumer.domain.errors import PoisonError
from consumer.domain.records import Offset, Record, TopicPartition

CheckDelete: TypeAlias = Callable[[Mapping[str, Any] | None, str], None]
"""Takes a delete's old row as Avro gives it and the connector's name. Raises PoisonError."""


class OldRow(Enum):
    """What an update's old row is worth."""

    WHOLE = auto()
    """It has a value where no index of an identity has one: those columns are NOT NULL."""
    UNPROVEN = auto()
    """It may be whole."""
    PART = auto()
    """It looks like the columns of an index: others are blank in it and filled in the new row."""


Judge: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any]], OldRow]
"""Takes an update's new row and its old one as Avro gives them."""

_POSTGRESQL: Final = "postgresql"  # the others log whole rows: a blank key is the row's own
_EPOCH: Final = "1970-01-01T00:00:00"
_BLANK_TEXTS: Final = frozenset({"", "{}"})
_PLAIN: Final = (str, bytes, int, float, Decimal)


def delete_check(before: Struct | None, key_columns: Sequence[str]) -> CheckDelete:
    """Return a check that refuses a delete whose key looks filled in.

    It does if a column of the key is blank while one outside of it is neither blank nor its
    default; with the usual identity only the key is neither. PostgreSQL's identities have columns
    that are NOT NULL only, so a value in a nullable column shows that whole rows are logged, and
    that the key is the row's. A row with a blank key and none but nulls there is refused. If only a
    part of the key is blank (an index can share the other part with the primary key), the row must
    also be blank elsewhere: a whole row has its numbers of 0 as well.
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
    blank = [name for name in keys if _is_blank(row[name])]
    if not blank:
        return
    logged = [nullable for name, default, nullable in others if _is_logged(row[name], default)]
    if not logged or any(logged):
        return
    if len(blank) == len(keys) or any(_is_filled_in(row[name], *of) for name, *of in others):
        share = "all" if len(blank) == len(keys) else "in part"
        message = (
            f"a delete whose key columns are {share} blank while other columns of the old row are "
            "not: the table's REPLICA IDENTITY is another index than its primary key; set it "
            "to DEFAULT or FULL and snapshot the table again: this row's item is still there. "
            "If it is FULL, map the table with full_before_images"
        )
        raise doubtful(message)


def judge_of(row: Struct, key_columns: Collection[str], *, knows_nulls: bool) -> Judge:
    """Return what judges old rows; `knows_nulls` if the struct says which columns are nullable."""
    nullable = [name for name, node in row.fields.items() if knows_nulls and _is_nullable(node)]

    def judge(new: Mapping[str, Any], old: Mapping[str, Any]) -> OldRow:
        filled = {name for name in old if _has_value(old[name], row.defaults.get(name))}
        if any(name in filled for name in nullable) or any(_is_null(new, each) for each in filled):
            return OldRow.WHOLE
        blank = (name for name in old if name not in filled)
        is_missed = any(_has_value(new.get(name), row.defaults.get(name)) for name in blank)
        stays = any(old[name] == new[name] for name in filled if name not in key_columns)
        return OldRow.PART if is_missed and not stays else OldRow.UNPROVEN

    return judge


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


def _is_null(row: Mapping[str, Any], name: str) -> bool:
    return name in row and row[name] is None


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, _PLAIN) and not _is_filled(value))


def _is_logged(value: Any, default: Any) -> bool:
    """Return whether a value comes from the row: types without plain values prove nothing."""
    if not isinstance(value, _PLAIN) or not _is_filled(value):
        return False
    written = value.decode("latin-1") if isinstance(value, bytes) else value  # as in a schema
    return bool(written != default)


def _is_filled_in(value: Any, default: Any, nullable: Any) -> bool:
    """Return whether a value may stand in a column that is not nullable because none was logged."""
    return not nullable and isinstance(value, _PLAIN) and not _is_logged(value, default)


def _has_value(value: Any, default: Any) -> bool:
    """Return whether a value is neither blank nor the column's default."""
    is_blank = not value if isinstance(value, list | dict) else _is_blank(value)
    return not is_blank and bool(as_written(value) != default)


def _is_filled(value: str | bytes | float | Decimal) -> bool:
    match value:
        case str():
            return value not in _BLANK_TEXTS and not value.startswith(_EPOCH)
        case bytes():
            return any(value)
        case _:
            return value != 0
