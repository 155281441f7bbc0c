"""The spellings of identity types."""

from __future__ import annotations

import pytest

from emulator.kinds import KINDS, kind_named, platform_type


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_known_in_either_spelling_and_any_case(kind: str) -> None:
    """Item permissions and identity bodies spell it differently, and clients mix them."""
    spellings = {kind, platform_type(kind), kind.lower(), platform_type(kind).upper()}
    assert {kind_named(one) for one in spellings} == {kind}


@pytest.mark.parametrize("text", ["", "robot", "VIRTUAL GROUP"])
def test_anything_else_is_no_kind(text: str) -> None:
    """A misspelt type must not become UNKNOWN, which is a type of its own."""
    assert kind_named(text) is None
