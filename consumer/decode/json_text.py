"""Untrusted JSON text → values: strictly, exactly and within bounds. Imports the domain.

The standard library's parser keeps what others lose: numbers with a fraction become Decimals,
integers keep every digit. What it lets pass is refused here: a name twice in an object, NaN and
Infinity, half of a surrogate pair, deep nesting, more values than memory is meant for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple, NoReturn

from consumer.decode.poison import PoisonReason, poison
from consumer.domain.json_outline import outline

# Estimates for CPython 3.11 to 3.13, rounded up: a value with its slot and, in an object, its name.
_VALUE_BYTES: Final = 200
_CONTAINER_BYTES: Final = 400

_MAX_DIGITS: Final = 19_700  # of an unscaled number as well: `numeric.exact`

_ALL_BUT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_SURROGATES: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class JsonBounds(NamedTuple):
    """What one text may grow to: an estimate of memory without what strings hold, and nesting."""

    max_decoded_bytes: int
    max_depth: int


class _RefusedError(ValueError):
    """Something that the parser would let pass; the message holds no data."""


def parse(data: bytes, bounds: JsonBounds) -> Any:
    """Return the one value that `data` holds. Raises PoisonError, whatever the bytes are."""
    try:
        _check(data, bounds)
        value = _DECODER.decode(data.decode())
        if _SURROGATES.search(data) is not None:
            _check_texts([value])
    except _RefusedError as refused:
        why = str(refused)
    except (ValueError, ArithmeticError, RecursionError) as error:
        why = type(error).__name__  # its message may quote what it could not read
    else:
        return value
    message = f"JSON that cannot be read: {why}"
    raise poison(PoisonReason.UNDECODABLE, message)


def _check(data: bytes, bounds: JsonBounds) -> None:
    """Refuse what would grow too large or too deep, before anything is allocated for it.

    Counting commas and brackets is fast and never too low; only where that is too much, what
    stands in strings is left out of the count.
    """
    openings = data.count(b"[") + data.count(b"{")
    if openings <= bounds.max_depth and _grows_to(data, openings) <= bounds.max_decoded_bytes:
        return
    bare = outline(data)
    openings = bare.count(b"[") + bare.count(b"{")
    if _grows_to(bare, openings) > bounds.max_decoded_bytes:
        message = "more values than the bounds allow"
        raise _RefusedError(message)
    if openings > bounds.max_depth and _depth(bare) > bounds.max_depth:
        message = f"nested deeper than {bounds.max_depth}"
        raise _RefusedError(message)


def _grows_to(data: bytes, openings: int) -> int:
    return data.count(b",") * _VALUE_BYTES + openings * (_CONTAINER_BYTES + _VALUE_BYTES)


def _depth(bare: bytes) -> int:
    depth = deepest = 0
    for bracket in bare.translate(None, _ALL_BUT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _check_texts(values: Iterable[Any]) -> None:
    """Refuse text that has no encoding; only what was escaped can be such."""
    for value in values:
        match value:
            case str():
                value.encode()
            case dict():
                _check_texts(value)
                _check_texts(value.values())
            case list():
                _check_texts(value)
            case _:
                pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        message = "a name twice in one object"
        raise _RefusedError(message)
    return made


def fraction(text: str) -> Decimal:
    """Return a number exactly. Raises ValueError or ArithmeticError.

    `1e999999999` is none: whoever got it could not write it out.
    """
    number = Decimal(text)
    if len(text) > _MAX_DIGITS or abs(number.adjusted()) > _MAX_DIGITS:
        message = "a number that no database holds"
        raise _RefusedError(message)
    return number


def _constant(_name: str) -> NoReturn:
    message = "NaN or Infinity, which are no JSON"
    raise _RefusedError(message)


_DECODER: Final = json.JSONDecoder(
    parse_float=fraction, parse_constant=_constant, object_pairs_hook=_object
)
