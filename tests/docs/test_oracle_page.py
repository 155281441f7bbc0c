"""The page's table of what official clients were run says what the tests check."""

from __future__ import annotations

from tests.docs.pages import section
from tests.oracle.differences import table


def test_the_table_of_clients_is_what_is_run() -> None:
    """Paste what this prints when it fails; `make test-oracle` compares it with real requests."""
    assert table() in section("docs/emulator.md", "Official clients")
