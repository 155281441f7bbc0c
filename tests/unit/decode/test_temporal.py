"""Dates, times, durations: values seen from real databases (reference `debezium.md` §3.2, §3.4)."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.decode import temporal
from consumer.decode.losses import Loss, Losses


def convert(function: Any, raw: Any) -> tuple[Any, list[Loss]]:
    """Return the value and what was lost."""
    losses = Losses()
    return function(raw, losses.add), [*losses.counts()]


MOMENTS: list[tuple[Any, Any, str]] = [
    (temporal.iso_of_days, 19_782, "2024-02-29T00:00:00.000Z"),
    (temporal.iso_of_days, -719_162, "0001-01-01T00:00:00.000Z"),
    (temporal.iso_of_ms, 1_709_212_455_123, "2024-02-29T13:14:15.123Z"),
    (temporal.iso_of_ms, -1, "1969-12-31T23:59:59.999Z"),
    (temporal.iso_of_us, 1_709_212_455_123_999, "2024-02-29T13:14:15.123Z"),
    (temporal.iso_of_us, -1, "1969-12-31T23:59:59.999Z"),
    (temporal.iso_of_ns, 1_709_212_455_123_456_789, "2024-02-29T13:14:15.123Z"),
    (temporal.iso_of_text, "2024-02-29T11:14:15.123456Z", "2024-02-29T11:14:15.123Z"),
    (temporal.iso_of_text, "2024-02-29T11:14:15Z", "2024-02-29T11:14:15.000Z"),
    (temporal.iso_of_text, "2024-02-29T13:14:15+02:00", "2024-02-29T11:14:15.000Z"),
    (temporal.iso_of_text, "2024-02-29T13:14:15", "2024-02-29T13:14:15.000Z"),
    (temporal.iso_of_date_text, "2024-02-29Z", "2024-02-29T00:00:00.000Z"),
]


@pytest.mark.parametrize(("function", "raw", "expected"), MOMENTS)
def test_moments_are_utc_with_milliseconds(function: Any, raw: Any, expected: str) -> None:
    """The one form that Coveo's date fields take without doubt."""
    assert convert(function, raw) == (expected, [])


SPECIAL: list[tuple[Any, Any]] = [
    (temporal.iso_of_days, -622_191_234),  # +infinity in a snapshot
    (temporal.iso_of_days, -2_147_472_692),  # +infinity in the stream
    (temporal.iso_of_days, 2_146_033_979),  # the same, of another version
    (temporal.iso_of_days, -625_821_272),  # -infinity in a snapshot
    (temporal.iso_of_days, -2_147_472_691),  # -infinity in the stream
    (temporal.iso_of_days, -735_160),  # 44 BC in the stream
    (temporal.iso_of_us, 9_223_372_036_825_200_000),
    (temporal.iso_of_us, -9_223_372_036_832_400_000),
    (temporal.iso_of_ms, 9_223_372_036_825_200),
    (temporal.iso_of_us, 2**63 - 1),  # +infinity of timestamp(6)
    (temporal.iso_of_ms, -9_223_372_036_832_400),
    (temporal.iso_of_ms, -9_223_372_036_832_400_000),  # -infinity of timestamp(3), in µs
    (temporal.iso_of_us, -9_222_425_057_709_551_617),  # 294276-12-31, overflown
    (temporal.iso_of_ms, 9_224_318_015_999_999),
    (temporal.iso_of_ns, 2**63 - 1),  # would be 2262-04-11
    (temporal.iso_of_ns, -(2**63)),  # would be 1677-09-21
    (temporal.iso_of_ms, 2**63 - 1),
    (temporal.iso_of_text, "infinity"),
    (temporal.iso_of_text, "-infinity"),
    (temporal.iso_of_text, "+294276-12-31T23:59:59Z"),
    (temporal.iso_of_text, "-0043-03-15T12:00:00Z"),
    (temporal.iso_of_text, "9999-12-31T23:59:59-05:00"),
    (temporal.iso_of_text, "+294247-01-10T04:00:25.2Z"),
    (temporal.iso_of_text, "-290308-12-21T19:59:27.6Z"),
    (temporal.iso_of_date_text, "+292278994-08-16Z"),
    (temporal.iso_of_date_text, "+292269055-12-02Z"),
    (temporal.iso_of_date_text, "-5877611-06-21Z"),
    (temporal.iso_of_date_text, "-0043-03-15Z"),
]


@pytest.mark.parametrize(("function", "raw"), SPECIAL)
def test_moments_outside_of_years_1_to_9999_are_none_and_counted(function: Any, raw: Any) -> None:
    """A date that nobody meant is worse than none."""
    assert convert(function, raw) == (None, [Loss.DATE_OUT_OF_RANGE])


def test_unreadable_text_is_none_and_counted() -> None:
    """A text that says no moment must not become one."""
    assert convert(temporal.iso_of_text, "yesterday") == (None, [Loss.UNREADABLE_TIME])


TIMES: list[tuple[Any, int, str]] = [
    (temporal.time_of_ms, 47_655_123, "13:14:15.123"),
    (temporal.time_of_us, 86_400_000_000, "24:00:00.000"),
    (temporal.time_of_us, -3_020_399_000_000, "-838:59:59.000"),
    (temporal.time_of_us, 90_000_500_000, "25:00:00.500"),
    (temporal.time_of_us, -1, "00:00:00.000"),
    (temporal.time_of_ns, 47_655_123_456_789, "13:14:15.123"),
    (temporal.duration_of_us, 37_091_106_789_000, "PT37091106.789S"),
    (temporal.duration_of_us, -1, "PT-0.000001S"),
    (temporal.duration_of_ns, 0, "PT0S"),
]


@pytest.mark.parametrize(("function", "raw", "expected"), TIMES)
def test_times_and_durations(function: Any, raw: int, expected: str) -> None:
    """24:00, MySQL's negative and long times, and durations keep their meaning."""
    assert convert(function, raw) == (expected, [])


def test_duration_as_double_may_be_infinite() -> None:
    """Oracle's intervals are documented as doubles."""
    assert convert(temporal.duration_of_us, 1.5e6) == ("PT1.5S", [])
    assert convert(temporal.duration_of_us, float("inf")) == (None, [Loss.NOT_FINITE])


def test_structured_moment_is_turned_to_utc() -> None:
    """Debezium 3.7's structured mode gives parts and an offset."""
    parts = {"year": 2024, "month": 3, "day": 1, "hour": 1, "minute": 2, "second": 3,
             "nanos": 4_000_000, "offsetSeconds": 7_200, "specialValue": None}  # fmt: skip
    assert convert(temporal.iso_of_parts, parts) == ("2024-02-29T23:02:03.004Z", [])


def test_structured_specials_are_none() -> None:
    """Infinity has no parts."""
    assert convert(temporal.iso_of_parts, {"specialValue": "INFINITY"})[0] is None
    assert convert(temporal.iso_of_parts, {"year": 0, "month": 1, "day": 1})[0] is None
    assert convert(temporal.time_of_parts, {"specialValue": "X"})[0] is None
    assert convert(temporal.zoned_time_of_parts, {"specialValue": "X"})[0] is None


INCOMPLETE = [{"year": 2024}, {"year": 2024, "month": 2}, {"year": 2024, "month": 0, "day": 0}]


@pytest.mark.parametrize("parts", INCOMPLETE)
def test_a_structured_date_that_lacks_a_part_is_none_and_counted(parts: dict[str, int]) -> None:
    """It was the first of the month, or of January: a day that nobody wrote."""
    assert convert(temporal.iso_of_parts, parts) == (None, [Loss.DATE_OUT_OF_RANGE])


def test_a_structured_time_without_an_hour_is_none_and_counted() -> None:
    """It was midnight."""
    assert convert(temporal.time_of_parts, {"nanos": None}) == (None, [Loss.UNREADABLE_TIME])


def test_structured_time_and_duration() -> None:
    """Parts that are absent count as zero; each part keeps its sign."""
    assert convert(temporal.time_of_parts, {"hour": 24})[0] == "24:00:00.000"
    assert convert(temporal.zoned_time_of_parts, {"hour": 24})[0] == "24:00:00.000Z"
    parts = {"years": 1, "months": -2, "days": 3, "seconds": -4, "nanos": None}
    assert convert(temporal.duration_of_parts, parts)[0] == "P1Y-2M3DT0H0M-4S"
