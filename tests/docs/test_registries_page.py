"""The page about registries names tests that exist, and bounds that the code has."""

from __future__ import annotations

import re

import pytest

from consumer.decode.settings import DecodeSettings, Framing
from consumer.domain.schemas import IdSpace
from consumer.registry.client import MAX_ANSWER_BYTES, MAX_REFUSAL_BYTES
from consumer.registry.remote import MAX_DEPTH, MAX_REFERENCES
from tests.architecture.tree import ROOT
from tests.docs.pages import pages, section

PAGE = "docs/registries.md"
SETTINGS = DecodeSettings()


def test_the_tests_that_prove_it_are_there() -> None:
    """A claim without its proof is a promise."""
    named = re.findall(r"`(tests/[\w/]+\.py)`", pages()[PAGE])
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("a schema in an answer", f"{MAX_ANSWER_BYTES // 2**20} MiB"),
        ("an answer that is a refusal", f"{MAX_REFUSAL_BYTES // 2**10} KiB"),
        ("text of a schema", f"{SETTINGS.max_schema_bytes // 2**20} MiB"),
        ("schemas that one", f"{MAX_REFERENCES}; {MAX_DEPTH}"),
        ("types nested", f"{SETTINGS.max_depth};"),
        ("fields of", f"{SETTINGS.max_fields:,}"),
        ("characters of", f"{SETTINGS.max_name_characters:,}"),
        ("memory of", f"{SETTINGS.max_decoded_bytes // 2**20} MiB"),
    ],
)
def test_the_bounds_are_the_codes(what: str, value: str) -> None:
    """Somebody sizes by them."""
    lines = section(PAGE, "What is not trusted").splitlines()
    (line,) = [line for line in lines if line.startswith(f"| {what}")]
    assert f"| {value}" in line


def test_every_framing_and_every_id_space_is_told() -> None:
    """Both ways in which an id can be misread."""
    text = pages()[PAGE]
    assert [each for each in Framing if f"`{each}`" not in text and f": {each}`" not in text] == []
    assert [space for space in IdSpace if f"`{space}/" not in text] == []
