"""Columns that a mapping names and records do not have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from consumer.decode.rows import require_names
from consumer.domain.errors import ConfigError


class Counted(dict[str, int]):
    """Names that count how many of them are looked at one by one."""

    looked_at = 0

    def __iter__(self) -> Iterator[str]:
        """Count each."""
        for name in super().__iter__():
            self.looked_at += 1
            yield name


def test_a_missing_column_is_compared_with_few_of_many_names() -> None:
    """A record of 4 MB with 300,000 names took 86 s, and again whenever its partition was tried."""
    known = Counted((f"nmae{number}", 1) for number in range(5_000))
    with pytest.raises(ConfigError, match="no column 'name'"):
        require_names(known, ["name"], "a record")
    assert known.looked_at <= 1_000


def test_a_missing_column_is_compared_with_those_of_a_usual_table() -> None:
    """The hint is worth its time there."""
    with pytest.raises(ConfigError, match=r"no column 'nam' \(did you mean 'name'\?\)"):
        require_names([*map(str, range(100)), "name"], ["nam"], "a record")
