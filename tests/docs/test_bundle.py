"""What a support bundle holds is what the documents and its own README say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consumer.cli.support_bundle import ABOUT, collected
from consumer.http.deadline import Deadline
from consumer.observe.recent import MOST
from consumer.support.tail import MAX_BYTES
from tests.docs.pages import first_column, section


@pytest.fixture
def parts(tmp_path: Path) -> list[str]:
    """Return the names of a bundle's files, made of a configuration that cannot be used."""
    config = tmp_path / "c.yaml"
    config.write_text("{}")
    return list(collected(config, None, 1, Deadline.after(1)))


def test_every_file_of_a_bundle_is_explained(parts: list[str]) -> None:
    """Both ways; whoever sends one wants to know what leaves the house."""
    documented = section("docs/commands.md", "`support-bundle`").partition("### What")[2]
    assert first_column(documented) == parts
    named = re.findall(r"^([a-z]+\.[a-z]+) ", ABOUT, re.MULTILINE)
    assert named == [part for part in parts if part != "README.txt"]


def test_the_bounds_are_those_of_the_code() -> None:
    """As they are written on the page."""
    text = section("docs/commands.md", "`support-bundle`")
    assert f"last {MOST} calls" in text
    assert f"at most {MAX_BYTES // 1_000_000} MB" in text
