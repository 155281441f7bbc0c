"""The service's clock, and what may be purged by it."""

from __future__ import annotations

import pytest

from consumer.coveo.purge import purge_boundary
from consumer.coveo.service_time import ServiceTime, service_time

DATE = "Tue, 24 Nov 2026 12:00:00 GMT"
MILLISECONDS = 1_795_521_600_000


def test_the_service_s_time_is_its_date_header() -> None:
    """It counts whole seconds, whatever our own clock says."""
    assert service_time({"date": DATE}) == MILLISECONDS


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"date": ""},
        {"date": "soon"},
        {"date": "Tue, 24 Nov 2106 12:00:00 GMT"},
        {"date": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"date": DATE, "age": "3600"},
    ],
)
def test_a_time_that_no_clock_has_is_none(headers: dict[str, str]) -> None:
    """A barrier years ahead locks the source for years, and nothing takes it back (docs/147)."""
    assert service_time(headers) is None


@pytest.mark.parametrize(
    ("margin_seconds", "before"), [(60.0, 60_000), (0.0, 2_000), (-5.0, 2_000), (2.5, 2_500)]
)
def test_a_boundary_lies_before_the_service_s_time(margin_seconds: float, before: int) -> None:
    """Never at it: what was pushed within that second would go, too."""
    asked = ServiceTime(MILLISECONDS)
    assert purge_boundary(asked, margin_seconds) == MILLISECONDS - before


def test_a_boundary_is_never_below_zero() -> None:
    """The service takes no other."""
    assert purge_boundary(ServiceTime(1_000), 60.0) == 0
