"""Duplicate keys are found, whatever the text looks like."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.jsontext import DuplicateKeys, JsonError, parse

# Pieces that make the fast check look twice: quotes, colons, backslashes, spaces.
STRINGS = st.text(alphabet='ab":\\ \n{}', max_size=5)
SPACES = st.sampled_from(("", " ", "\n"))


class Pairs(list[tuple[str, Any]]):
    """An object as written: keys in order, repeats included."""


VALUES = st.recursive(
    st.none() | st.integers(-9, 9) | STRINGS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(st.tuples(STRINGS, inner), max_size=3).map(Pairs)
    ),
    max_leaves=8,
)


def write(value: Any, space: str) -> str:
    """Write JSON by hand, as the library cannot repeat keys."""
    if isinstance(value, Pairs):
        inner = (f"{json.dumps(key)}{space}:{space}{write(one, space)}" for key, one in value)
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write(one, space) for one in value) + "]"
    return json.dumps(value)


def repeats(value: Any) -> bool:
    """Whether any object inside repeats a key, found by looking at all of them."""
    if isinstance(value, Pairs):
        keys = [key for key, _ in value]
        return len(set(keys)) != len(keys) or any(repeats(one) for _, one in value)
    return isinstance(value, list) and any(repeats(one) for one in value)


@given(st.lists(st.tuples(STRINGS, VALUES), max_size=4).map(Pairs), SPACES)
def test_an_object_is_marked_exactly_if_a_key_is_repeated_in_it(value: Pairs, space: str) -> None:
    """The fast way may be taken only when it cannot be wrong."""
    parsed = parse(write(value, space).encode())
    assert isinstance(parsed, DuplicateKeys) == repeats(value)


@given(st.lists(st.tuples(STRINGS, VALUES), max_size=4).map(Pairs), SPACES)
def test_values_are_those_of_the_standard_parser(value: Pairs, space: str) -> None:
    """Both ways read the same text to the same values."""
    text = write(value, space)
    assert parse(text.encode()) == json.loads(text)


@given(st.binary(max_size=40))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    """Never another error than the one callers expect."""
    with suppress(JsonError):
        parse(data)


@pytest.mark.parametrize(
    "text",
    [b"NaN", b"[Infinity]", b'{"a":1,}', b"\xef\xbb\xbf{}", b'"\\ud800"', b"01", b"'a'", b""],
)
def test_what_is_not_strict_json_is_refused(text: bytes) -> None:
    """Lenient parsers on both sides would hide a client's fault."""
    with pytest.raises(JsonError):
        parse(text)


def test_a_repeat_inside_does_not_count_as_the_outer_objects_own() -> None:
    """One bad entry of a batch must not spoil the file."""
    parsed = parse(b'{"addOrUpdate":[{"a":1,"a":2}]}')
    assert isinstance(parsed, DuplicateKeys)
    assert not parsed.own
