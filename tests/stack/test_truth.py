"""The harness compares what it claims to compare. Needs no stack."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from tests.stack.databases import MariaDb, Postgres
from tests.stack.stack import Endpoints
from tests.stack.truth import (
    described,
    differences,
    id_part,
    moment,
    moment_of_text,
    number,
    time_of_text,
)

ITEM = {"documentId": "a", "title": "one", "views": 1}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, "missing: a"),
        ({"a": ITEM, "b": ITEM}, "should not be there: b"),
        ({"a": {**ITEM, "views": 2}}, "a: views is 2, the database says 1"),
        ({"a": {**ITEM, "views": True}}, "a: views is True, the database says 1"),
        ({"a": {**ITEM, "more": None}}, "a: more is None, the database says absent"),
        ({"a": {"documentId": "a", "title": "one"}}, "a: views is absent, the database says 1"),
    ],
)
def test_every_kind_of_difference_is_seen_and_said(
    found: dict[str, dict[str, object]], said: str
) -> None:
    """An assertion that overlooks a field proves nothing about it."""
    assert differences({"a": ITEM}, found) == [said]


def test_equal_is_equal() -> None:
    """JSON does not tell 1 from 1.0."""
    assert differences({"a": ITEM}, {"a": {**ITEM, "views": 1.0}}) == []


def test_many_differences_are_counted_and_only_the_first_are_shown() -> None:
    """A thousand lines hide the one that explains them."""
    lines = [f"missing: {number}" for number in range(1_000)]
    text = described({"articles": lines}).splitlines()
    assert (len(text), text[0], text[-1]) == (12, "articles: 1000 differences", "  … and 990 more")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (Decimal("12.50"), 12.5),
        (Decimal("7.00"), 7),
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (Decimal("0.1000000000000000055511151231257827"), "0.1000000000000000055511151231257827"),
    ],
)
def test_a_number_is_text_where_a_double_would_change_it(value: Decimal, wanted: object) -> None:
    """docs/mapping.md, Fields."""
    assert number(value) == wanted


def test_a_moment_is_utc_with_milliseconds_cut_off() -> None:
    """docs/mapping.md, Fields."""
    here = datetime(2024, 2, 29, 13, 14, 15, 999_999, timezone(timedelta(hours=2)))
    assert moment(here) == "2024-02-29T11:14:15.999Z"
    assert moment(datetime(2024, 2, 29, 13, tzinfo=UTC)) == "2024-02-29T13:00:00.000Z"
    assert moment(date(2024, 2, 29)) == "2024-02-29T00:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (None, None),
        ("infinity", None),
        ("-infinity", None),
        ("0044-03-15 BC", None),
        ("0044-03-15 12:00:00+00 BC", None),
        ("10000-01-01", None),
        ("0001-01-01", "0001-01-01T00:00:00.000Z"),
        ("2024-02-29 13:14:15+00", "2024-02-29T13:14:15.000Z"),
        ("9999-12-31 23:59:59.9999", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_moments_that_python_does_not_know_are_read_as_text(
    text: str | None, wanted: str | None
) -> None:
    """docs/types.md: what is not within the years 1 to 9999 is null."""
    assert moment_of_text(text) == wanted


def test_years_have_four_digits() -> None:
    """`strftime` writes the year 7 as 7."""
    assert moment(datetime(7, 1, 1, tzinfo=UTC)) == "0007-01-01T00:00:00.000Z"


def test_a_time_has_milliseconds_and_may_exceed_a_day() -> None:
    """docs/types.md: 24:00 and MySQL's spans as they are."""
    assert time_of_text("24:00:00") == "24:00:00.000"
    assert time_of_text("-838:59:59.999999") == "-838:59:59.999"
    assert time_of_text(None) is None


def test_an_id_encodes_all_but_the_unreserved() -> None:
    """docs/mapping.md, Document ids."""
    assert id_part("a-b._~/ü %") == "a-b._~%2F%C3%BC%20%25"


def test_a_snapshot_under_way_has_no_position() -> None:
    """Its log position is the database's, though most rows are still to come."""
    postgres, mariadb = (kind(Endpoints({"mariadb": 1, "postgres": 2}), "x")
                         for kind in (Postgres, MariaDb))  # fmt: skip
    assert postgres.position_of({}) is None
    assert postgres.position_of({"lsn": 5, "snapshot": "INITIAL"}) is None
    assert postgres.position_of({"lsn": 5, "snapshot": "INITIAL", "snapshot_completed": True})
    assert postgres.position_of({"lsn": 5}) == ("", 5)
    assert mariadb.position_of({"file": "b.1", "pos": 7}) == ("b.1", 7)
