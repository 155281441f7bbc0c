"""The page about the real stack names every file that needs it."""

from __future__ import annotations

from tests.architecture.tree import ROOT
from tests.docs.pages import first_column, section

PAGE = "tests/stack/README.md"
OWN = {"test_harness.py"}
"""What is about the stack itself, and no scenario."""


def test_every_scenario_is_listed() -> None:
    """Who asks what was tried on the real thing reads this list."""
    files = {
        path.name
        for path in (ROOT / "tests/stack").glob("test_*.py")
        if "pytestmark = pytest.mark.stack\n" in path.read_text("utf-8")
    }
    assert set(first_column(section(PAGE, "Scenarios"))) == files - OWN
