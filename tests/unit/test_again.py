"""Which failed tests get a second try."""

from __future__ import annotations

import pytest

from tests.again import BESIDE_REAL_CLOCKS, MOST, PROMISES, ROOT, may_run_again

LATE = "tests/stack/test_ddl.py::test_x[postgres]"


def test_a_test_beside_real_parts_may_run_again() -> None:
    """It may have been late only."""
    assert may_run_again([LATE, "tests/browser/test_keyboard.py::test_y"])


@pytest.mark.parametrize(
    "other",
    ["tests/unit/test_z.py::test_z", "tests/simulation/test_z.py::test_z"]
    + [f"{each}::test_z" for each in PROMISES],
)
def test_a_promise_or_a_test_that_is_the_same_each_time_may_not(other: str) -> None:
    """And nothing beside it."""
    assert not may_run_again([LATE, other])


def test_many_failures_are_no_accident() -> None:
    """However late they were."""
    each = [f"{LATE}-{number}" for number in range(MOST + 1)]
    assert may_run_again(each[:MOST])
    assert not may_run_again(each)


def test_the_places_named_exist() -> None:
    """A file that moved would get, or lose, its second try unseen."""
    assert all((ROOT / each).exists() for each in (*BESIDE_REAL_CLOCKS, *PROMISES))
