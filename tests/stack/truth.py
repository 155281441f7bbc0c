"""What the index must hold, computed from SELECTs alone, and how it differs from what it holds.

Nothing here knows of events. Values are converted by the rules of `docs/mapping.md`, written down
once more.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from tests.stack.databases import Row, Session
from tests.stack.places import Json

Item = dict[str, Any]
Items = Mapping[str, Item]

_SHOWN: Final = 10
_MAX_TEXT: Final = 60
_MAX_EXACT: Final = 2**53
_DAY_CHARACTERS: Final = 10


@dataclass(frozen=True, slots=True)
class Indexed:
    """A table that is indexed: how the product maps it, and apart from that what its items are."""

    table: str
    mapping: Json
    """A mapping of the configuration, without `topics` and `target`."""
    select: str
    """Query for the rows that have an item."""
    item: Callable[[Row], Item]
    """The item of such a row, whole: `documentId`, `title`, `data`, … and all fields."""
    secured: bool = False

    def items(self, session: Session) -> dict[str, Item]:
        """Return all items that the table must have now, by document id."""
        items = [_whole(self.item(row)) for row in session.rows(self.select)]
        by_id = {item["documentId"]: item for item in items}
        assert len(by_id) == len(items), f"two rows of {self.table} have one document id"
        return by_id


def _whole(item: Item) -> Item:
    """Leave out what is null; but an item always has content, if only an empty one."""
    return {"data": "", **{name: value for name, value in item.items() if value is not None}}


def number(value: Decimal | float | None) -> float | str | None:
    """Return a number where a double holds it, else its digits as text."""
    if value is None or isinstance(value, float):
        return value
    exact = Decimal(value)
    whole = exact == exact.to_integral_value()
    if whole:
        return int(exact) if abs(exact) <= _MAX_EXACT else f"{exact:f}"
    near = float(exact)
    return near if Decimal(repr(near)) == exact else f"{exact:f}"


def moment(value: datetime | date | None) -> str | None:
    """Return the form of dates in the index: UTC, milliseconds, the rest cut off."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        return f"{value.isoformat()}T00:00:00.000Z"
    utc = value.astimezone(UTC) if value.tzinfo else value
    return f"{utc.date().isoformat()}T{utc:%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def moment_of_text(value: str | None) -> str | None:
    """Return the same of PostgreSQL's or MariaDB's text of a date or a moment in UTC.

    Both have moments that Python has not. Those that are not within the years 1 to 9999 are null.
    """
    if value is None or "infinity" in value or value.endswith("BC"):
        return None
    day, _, clock = value.removesuffix("+00").partition(" ")
    return f"{day}T{time_of_text(clock or '00:00:00')}Z" if len(day) == _DAY_CHARACTERS else None


def time_of_text(value: str | None) -> str | None:
    """Return a time of day, or MariaDB's span of hours, with milliseconds, the rest cut off."""
    if value is None:
        return None
    whole, _, fraction = value.partition(".")
    return f"{whole}.{fraction[:3]:0<3}"


def id_part(value: object) -> str:
    """Return a value as it stands in a document id: all but letters, digits and `-._~` encoded."""
    return quote(str(value), safe="")


def base64_text(value: bytes | None) -> str | None:
    """Return bytes as text."""
    return None if value is None else base64.b64encode(value).decode()


def differences(expected: Items, found: Items) -> list[str]:
    """Return one line per item that is missing, that should not be there, or that differs."""
    lines = [f"missing: {name}" for name in sorted(expected.keys() - found.keys())]
    lines += [f"should not be there: {name}" for name in sorted(found.keys() - expected.keys())]
    for name in sorted(expected.keys() & found.keys()):
        lines += [f"{name}: {each}" for each in _fields(expected[name], found[name])]
    return lines


def _fields(expected: Item, found: Item) -> Iterator[str]:
    for name in sorted(expected.keys() | found.keys()):
        wanted, got = expected.get(name, _NOTHING), found.get(name, _NOTHING)
        # In JSON true is not 1.
        if wanted != got or isinstance(wanted, bool) is not isinstance(got, bool):
            yield f"{name} is {_short(got)}, the database says {_short(wanted)}"


def described(lines: Mapping[str, list[str]]) -> str:
    """Return the differences of some tables for a reader: the first ten of each, and how many."""
    text = []
    for table, found in lines.items():
        text.append(f"{table}: {len(found)} differences")
        text += [f"  {line}" for line in found[:_SHOWN]]
        text += [f"  … and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return "\n".join(text)


class _Nothing:
    def __repr__(self) -> str:
        return "absent"


_NOTHING: Final = _Nothing()


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}… ({len(text)} characters)"
