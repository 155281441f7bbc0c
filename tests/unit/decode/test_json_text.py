"""Untrusted JSON: strict, exact, bounded (reference `debezium.md` §3.6)."""

from __future__ import annotations

import time
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest

from consumer.decode import json_text
from consumer.decode.json_text import JsonBounds
from consumer.domain.errors import PoisonError

BOUNDS = JsonBounds(1_000_000, 20)


def parsed(data: bytes) -> Any:
    """Return what a text holds."""
    return json_text.parse(data, BOUNDS)


EXACT = {
    b"1.50": Decimal("1.50"),
    b"0.1": Decimal("0.1"),
    b"-0.0": Decimal("-0.0"),
    b"99999999999999999999999999999999999999.01": Decimal(
        "99999999999999999999999999999999999999.01"
    ),
    b"1E+3": Decimal("1E+3"),
    b"18446744073709551616": 18446744073709551616,
    b'"\\ud83d\\ude00"': "😀",
    b'"\\\\ud800"': "\\ud800",
    b'{"a":[{}]}': {"a": [{}]},
    b" null\n": None,
}


@pytest.mark.parametrize(("data", "value"), EXACT.items(), ids=map(repr, EXACT))
def test_every_digit_and_character_is_kept(data: bytes, value: Any) -> None:
    """A double holds neither 0.1 nor 38 digits; prices and ids must not change."""
    assert repr(parsed(data)) == repr(value)


REFUSED = {
    "a name twice": b'{"a":1,"a":2}',
    "a name twice, escaped": b'{"a":1,"\\u0061":2}',
    "not a number": b"NaN",
    "infinity": b'{"a":-Infinity}',
    "a number that could not be written out": b"1e999999999",
    "an exponent beyond all": b"1e99999999999999999999",
    "a zero with such an exponent": b"0e-999999999",
    "an integer of too many digits": b"9" * 20_000,
    "a fraction of too many digits": b"0." + b"9" * 20_000,
    "half of a pair": b'"\\ud800"',
    "half of a pair in a name": b'{"\\uDC00":1}',
    "half of a pair, written out": b'"\xed\xa0\x80"',
    "no UTF-8": b'"\xff"',
    "UTF-16": '{"a":1}'.encode("utf-16-le"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a control character": b'"a\x01"',
    "something behind it": b"{} x",
    "nothing": b"",
    "an end too early": b'{"a":',
    "nested too deep": b"[" * 21 + b"]" * 21,
    "nested too deep by far": b'{"a":' * 100_000,
    "too many values": b"[" + b"1," * 10_000 + b"1]",
    "too many objects": b"[" + b"{}," * 2_000 + b"{}]",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_no_json_or_could_grow_is_a_typed_error_at_once(data: bytes) -> None:
    """Whatever somebody writes into the topic, and without a word of it in the message."""
    began = time.process_time()
    with pytest.raises(PoisonError, match="JSON that cannot be read") as caught:
        parsed(data)
    assert caught.value.reason == "undecodable"
    assert len(str(caught.value)) < 100
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "content", [b",[{" * 300_000, b'\\"' * 300_000, b"[" * 5_000, b'\\",' * 300_000]
)
def test_long_texts_do_not_count_as_values(content: bytes) -> None:
    """An article may be full of commas and brackets."""
    assert len(parsed(b'{"a":"' + content + b'"}')["a"]) > 1_000


@pytest.mark.parametrize("filler", [b'"",', b'"ab",', b'{"":0},', b'"a":0,', b"[],"])
def test_what_grows_is_refused_without_growing(filler: bytes) -> None:
    """Sixteen megabytes of short texts took five hundred to be counted: the bound itself killed."""
    data = b'{"x":[' + filler * (4_000_000 // len(filler)) + b"0]}"
    tracemalloc.start()
    try:
        with pytest.raises(PoisonError, match="more values than the bounds allow"):
            parsed(data)
        assert tracemalloc.get_traced_memory()[1] < 24 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_unfinished_text_is_refused_in_linear_time() -> None:
    """Looking for its end from every quote in it would take hours."""
    began = time.process_time()
    with pytest.raises(PoisonError):
        parsed(b'[[[[[[[[[[[[[[[[[[[[["' + b'\\"' * 2_000_000)
    assert time.process_time() - began < 2


def test_nesting_up_to_the_bound_is_read() -> None:
    """Beside brackets in texts, which are none."""
    assert parsed(b'["[[[[[[[[[[[[[[[[[[[[[[",' + b"[" * 19 + b"]" * 20)[1] != []
