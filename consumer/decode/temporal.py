"""Dates, times and durations of Debezium and Connect → ISO-8601. Imports the domain's values.

Dates and timestamps become `YYYY-MM-DDTHH:MM:SS.mmmZ`, the form that Coveo's date fields take with
the least doubt (reference `push-api.md` §2.3): a day alone is not among their patterns, so a date
is midnight UTC. Finer fractions are cut, towards the past. Times of day have no zone and no date
field to go to: `HH:MM:SS.mmm`, with a sign and more than 24 hours where MySQL has them.
Numbers and their units: reference `debezium.md` §3.2, special values §3.4.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from consumer.decode.losses import Lose, Loss
from consumer.domain.events import Value

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS_PER_DAY: Final = 86_400_000
_INFINITE_NANOSECONDS: Final = frozenset({2**63 - 1, -(2**63)})
_INFINITIES: Final = frozenset({"infinity", "-infinity"})


def iso_of_ms(milliseconds: int, lose: Lose) -> Value:
    """Return the moment `milliseconds` after 1970, or None outside of the years 1 to 9999."""
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        lose(Loss.DATE_OUT_OF_RANGE)
        return None
    return _iso(moment)


def iso_of_us(microseconds: int, lose: Lose) -> Value:
    """Return the moment `microseconds` after 1970."""
    return iso_of_ms(microseconds // 1_000, lose)


def iso_of_ns(nanoseconds: int, lose: Lose) -> Value:
    """Return the moment `nanoseconds` after 1970.

    The range ends in 1677 and 2262, where ±infinity would pass for dates: its bounds are refused.
    """
    if nanoseconds in _INFINITE_NANOSECONDS:
        lose(Loss.DATE_OUT_OF_RANGE)
        return None
    return iso_of_ms(nanoseconds // 1_000_000, lose)


def iso_of_days(days: int, lose: Lose) -> Value:
    """Return midnight `days` after 1970-01-01; the sentinels of ±infinity are far out of range."""
    return iso_of_ms(days * _MS_PER_DAY, lose)


def iso_of_text(text: str, lose: Lose) -> Value:
    """Return a date or timestamp text (offset or `Z`; none means UTC) in our one form."""
    if text in _INFINITIES or text.startswith(("+", "-")):  # years of more than four digits, BC
        lose(Loss.DATE_OUT_OF_RANGE)
        return None
    try:
        moment = datetime.fromisoformat(text)
        return _iso(_in_utc(moment))
    except ValueError:
        lose(Loss.UNREADABLE_TIME)
    except OverflowError:
        lose(Loss.DATE_OUT_OF_RANGE)
    return None


def iso_of_date_text(text: str, lose: Lose) -> Value:
    """Return midnight of a date text such as `2024-02-29Z`."""
    return iso_of_text(text.removesuffix("Z"), lose)


def time_of_ms(milliseconds: int, _lose: Lose) -> Value:
    """Return a time of day, or MySQL's signed span of hours, of `milliseconds`."""
    sign = "-" if milliseconds < 0 else ""
    seconds, ms = divmod(abs(milliseconds), 1_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{sign}{hour:02}:{minute:02}:{second:02}.{ms:03}"


def time_of_us(microseconds: int, lose: Lose) -> Value:
    """Return a time of day of `microseconds`."""
    return time_of_ms(_towards_zero(microseconds, 1_000), lose)


def time_of_ns(nanoseconds: int, lose: Lose) -> Value:
    """Return a time of day of `nanoseconds`."""
    return time_of_ms(_towards_zero(nanoseconds, 1_000_000), lose)


def duration_of_us(microseconds: float, lose: Lose) -> Value:
    """Return `PT…S`; months and days were already turned into microseconds by the connector."""
    if microseconds != microseconds or microseconds in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN
        lose(Loss.NOT_FINITE)
        return None
    return duration_of_ns(int(microseconds) * 1_000, lose)


def duration_of_ns(nanoseconds: int, _lose: Lose) -> Value:
    """Return `PT…S` of `nanoseconds`."""
    sign = "-" if nanoseconds < 0 else ""
    return f"PT{sign}{_seconds(abs(nanoseconds))}S"


def iso_of_parts(parts: dict[str, Any], lose: Lose) -> Value:
    """Return a structured date or timestamp (`year`, `month`, …, `offsetSeconds`) in our form."""
    year, month, day = (parts.get(name) for name in ("year", "month", "day"))
    if parts.get("specialValue") is not None or None in {year, month, day}:
        lose(Loss.DATE_OUT_OF_RANGE)
        return None
    try:
        moment = datetime(year, month, day, tzinfo=UTC) + timedelta(  # type: ignore[arg-type] # no None
            seconds=_time_seconds(parts) - (parts.get("offsetSeconds") or 0),
            milliseconds=(parts.get("nanos") or 0) // 1_000_000,
        )
    except (ValueError, OverflowError):
        lose(Loss.DATE_OUT_OF_RANGE)
        return None
    return _iso(moment)


def time_of_parts(parts: dict[str, Any], lose: Lose) -> Value:
    """Return a structured time of day."""
    if parts.get("specialValue") is not None or parts.get("hour") is None:
        lose(Loss.UNREADABLE_TIME)
        return None
    return time_of_ms(_time_seconds(parts) * 1_000 + (parts.get("nanos") or 0) // 1_000_000, lose)


def zoned_time_of_parts(parts: dict[str, Any], lose: Lose) -> Value:
    """Return a structured time of day with its offset, which the connector keeps."""
    text, offset = time_of_parts(parts, lose), parts.get("offsetSeconds") or 0
    if not isinstance(text, str):
        return None
    sign, minutes = "-" if offset < 0 else "+", abs(offset) // 60
    zone = f"{sign}{minutes // 60:02}:{minutes % 60:02}" if offset else "Z"
    return text + zone


def duration_of_parts(parts: dict[str, Any], lose: Lose) -> Value:
    """Return a structured duration as `P…Y…M…DT…H…M…S`, each part with its own sign."""
    if parts.get("specialValue") is not None:
        lose(Loss.UNREADABLE_TIME)
        return None
    names = ("years", "months", "days", "hours", "minutes")
    years, months, days, hours, minutes = (parts.get(name) or 0 for name in names)
    nanoseconds = (parts.get("seconds") or 0) * 1_000_000_000 + (parts.get("nanos") or 0)
    sign = "-" if nanoseconds < 0 else ""
    seconds = f"{sign}{_seconds(abs(nanoseconds))}"
    return f"P{years}Y{months}M{days}DT{hours}H{minutes}M{seconds}S"


def _time_seconds(parts: dict[str, Any]) -> int:
    hour, minute, second = (parts.get(name) or 0 for name in ("hour", "minute", "second"))
    return int(hour * 3_600 + minute * 60 + second)


def _seconds(nanoseconds: int) -> str:
    whole, fraction = divmod(nanoseconds, 1_000_000_000)
    digits = f"{fraction:09}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def _towards_zero(number: int, divisor: int) -> int:
    return number // divisor if number >= 0 else -(-number // divisor)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
