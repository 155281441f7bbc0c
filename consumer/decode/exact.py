"""What a type means in a document id: different values of a column stay different.

The text is that of `logical.py` where it says all; a finer fraction is added to it, and what has no
such text (infinity, a year of five digits, a month 13) stays as it came. Moments count by their
instant, numbers by their value: so one row keeps its id however they are written. Imports the
domain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from consumer.decode import temporal
from consumer.decode.logical import LOGICAL_TYPES
from consumer.decode.logical_type import Convert, LogicalType
from consumer.domain.events import Value

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_PER_DAY: Final = 86_400
_NANOS: Final = 1_000_000_000
_MOMENT: Final = re.compile(
    r"(?P<whole>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(?P<digits>\d+))?"
    r"(?P<zone>Z|[+-]\d\d:\d\d(?::\d\d)?)?",
    re.ASCII,
)
_DATE: Final = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)Z?", re.ASCII)
_DATE_PARTS: Final = ("year", "month", "day")
_TIME_PARTS: Final = ("hour", "minute", "second")


def moment(units: int, per_second: int) -> Value:
    """Return the moment so many units after 1970, or the number outside of the years 1 to 9999."""
    seconds, rest = divmod(units, per_second)
    try:
        whole = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return units
    return _moment_text(whole, _digits(rest, per_second))


def day(days: int) -> Value:
    """Return midnight so many days after 1970-01-01, or the number as `moment` does."""
    text = moment(days * _SECONDS_PER_DAY, 1)
    return text if isinstance(text, str) else days


def moment_of_text(text: str) -> str:
    """Return a moment written in ISO-8601 (no offset means UTC); any other text as it is."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return text
    try:
        there = datetime.fromisoformat(found["whole"] + (found["zone"] or "Z"))
        return _moment_text(there.astimezone(UTC), found["digits"] or "")
    except (ValueError, OverflowError):
        return text


def day_of_text(text: str) -> str:
    """Return midnight of a date such as `2024-02-29Z`; any other text as it is."""
    found = _DATE.fullmatch(text)
    try:
        return text if found is None else _moment_text(datetime.fromisoformat(found["date"]), "")
    except ValueError:
        return text


def time(units: int, per_second: int) -> str:
    """Return a time of day, or MySQL's signed span of hours."""
    seconds, rest = divmod(abs(units), per_second)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    sign = "-" if units < 0 else ""
    return f"{sign}{hour:02}:{minute:02}:{second:02}.{_fraction(_digits(rest, per_second))}"


def duration_of_us(microseconds: float) -> Value:
    """Return `PT…S`; a number with parts of a microsecond as it is."""
    if not float(microseconds).is_integer():
        return microseconds
    return temporal.duration_of_ns(int(microseconds) * 1_000, lambda _loss: None)


def moment_of_parts(parts: dict[str, Any]) -> str:
    """Return a structured date or timestamp as a moment; as JSON what is none."""
    year, month, day_of_month = (parts.get(name) for name in _DATE_PARTS)
    hour, minute, second = (parts.get(name, 0) for name in _TIME_PARTS)
    nanos, offset = parts.get("nanos", 0), parts.get("offsetSeconds", 0)
    if not _only(parts, (*_DATE_PARTS, *_TIME_PARTS, "nanos", "offsetSeconds")):
        return as_json(parts)
    try:
        zone = timezone(timedelta(seconds=offset))
        there = datetime(year, month, day_of_month, hour, minute, second, tzinfo=zone)  # type: ignore[arg-type] # None is refused
        whole = there.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return as_json(parts)
    return _moment_text(whole, _digits(nanos, _NANOS)) if _is_part(nanos) else as_json(parts)


def time_of_parts(parts: dict[str, Any]) -> str:
    """Return a structured time of day; as JSON what is none."""
    hour, minute, second = (parts.get(name) for name in _TIME_PARTS)
    nanos = parts.get("nanos", 0)
    if not _only(parts, (*_TIME_PARTS, "nanos")) or not _is_part(nanos):
        return as_json(parts)
    for number, end in ((hour, 24), (minute, 60), (second, 60)):
        if number is None or not 0 <= number < end:
            return as_json(parts)
    return f"{hour:02}:{minute:02}:{second:02}.{_fraction(_digits(nanos, _NANOS))}"


def _only(parts: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    """Return whether nothing else is said, such as `specialValue`."""
    return all(value is None for name, value in parts.items() if name not in names)


def _is_part(nanos: Any) -> bool:
    return nanos is not None and 0 <= nanos < _NANOS


def as_json(parts: Any) -> str:
    """Return all that a structure says, in one way only."""
    return json.dumps(parts, sort_keys=True, default=_printable)


def _printable(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)


def _moment_text(whole: datetime, digits: str) -> str:
    return f"{whole.replace(tzinfo=None).isoformat()}.{_fraction(digits)}Z"


def _digits(rest: int, per_second: int) -> str:
    """Return a part of a second as the digits behind its point."""
    return f"{rest:0{len(str(per_second)) - 1}}"


def _fraction(digits: str) -> str:
    """Keep every digit that counts, and at least milliseconds, as everywhere else."""
    return digits.rstrip("0").ljust(3, "0")


_MS: Final = 1_000
_US: Final = 1_000_000
_TIME: Final = "io.debezium.time"
_CONNECT: Final = "org.apache.kafka.connect.data"
_CONVERTERS: Final[Mapping[str, Convert | None]] = {
    f"{_TIME}.Date": day,
    f"{_CONNECT}.Date": day,
    f"{_TIME}.MicroTime": lambda units: time(units, _US),
    f"{_TIME}.NanoTime": lambda units: time(units, _NANOS),
    f"{_TIME}.Timestamp": lambda units: moment(units, _MS),
    f"{_CONNECT}.Timestamp": lambda units: moment(units, _MS),
    f"{_TIME}.MicroTimestamp": lambda units: moment(units, _US),
    f"{_TIME}.NanoTimestamp": lambda units: moment(units, _NANOS),
    f"{_TIME}.ZonedTimestamp": moment_of_text,
    f"{_TIME}.IsoTimestamp": moment_of_text,
    f"{_TIME}.IsoDate": day_of_text,
    f"{_TIME}.MicroDuration": duration_of_us,
    f"{_TIME}.StructuredDate": moment_of_parts,
    f"{_TIME}.StructuredTimestamp": moment_of_parts,
    f"{_TIME}.StructuredZonedTimestamp": moment_of_parts,
    f"{_TIME}.StructuredTime": time_of_parts,
    f"{_TIME}.StructuredZonedTime": as_json,
    f"{_TIME}.StructuredDuration": as_json,
    "io.debezium.data.Bits": None,  # the bytes: as a number they would lose how many there are
}
"""Types whose usual text does not say all; the others are the same here."""


def _on_the_same(name: str, convert: Convert | None) -> LogicalType:
    return LOGICAL_TYPES[name]._replace(make=lambda _node, _lose: convert)


EXACT_TYPES: Final[Mapping[str, LogicalType]] = {
    **LOGICAL_TYPES,
    **{name: _on_the_same(name, convert) for name, convert in _CONVERTERS.items()},
}
