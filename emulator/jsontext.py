"""JSON text to values, without losing sight of duplicate keys. Imports: stdlib, orjson.

orjson is fast but keeps the last of two equal keys and says nothing, while the Push API refuses
them (docs.coveo.com/en/78). The slow, exact parser runs only if the text could hide such a pair:

* Unless white space stands between a key and its colon, every key of the text shows up as `":`.
* So the number of `":` in the text is at least the number of keys written, and that is at least
  the number of keys parsed, with equality only if no key was written twice.
* Text inside strings may contain `":` too. Then the numbers differ, and the exact parser decides.

Keys that differ only in case are found afterwards, object by object, in `lowered`.
"""

from __future__ import annotations

import json
import re
from typing import Any, Never

import orjson

_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')
_MAX_DEPTH = 64


class JsonError(Exception):
    """The text is not JSON; the message says where it breaks."""


class DuplicateKeys(dict[str, Any]):
    """An object written with a key twice, in itself (`own`) or somewhere inside.

    It holds the last value of each.
    """

    own: bool = True


def parse(text: bytes) -> Any:
    """Parse UTF-8 JSON. An object with a repeated key, or around one, is a `DuplicateKeys`.

    Raises JsonError for anything that is not strict JSON, also for NaN and broken UTF-8.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise JsonError(str(error)) from error
    if _SPACED_KEY.search(text) is None and text.count(b'":') == count_keys(value):
        return value
    return _parse_exactly(text)


def count_keys(value: Any, depth: int = 0) -> int:
    """How many keys all objects in the value have; stops counting below a depth of 64."""
    if depth > _MAX_DEPTH:
        return 0
    total = 0
    if isinstance(value, dict):
        total = len(value)
        value = value.values()
    elif not isinstance(value, list):
        return 0
    for inner in value:
        if isinstance(inner, (dict, list)):
            total += count_keys(inner, depth + 1)
    return total


def lowered(value: dict[str, Any]) -> dict[str, Any] | None:
    """Return the object with lower-case keys, since case does not count in keys (docs/78).

    None if two of its keys are the same then.
    """
    result = {key.lower(): inner for key, inner in value.items()}
    repeated = isinstance(value, DuplicateKeys) and value.own
    return None if repeated or len(result) != len(value) else result


def _parse_exactly(text: bytes) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_pairs, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise JsonError(str(error)) from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    own = len(result) != len(pairs)
    if not own and not any(_has_duplicates(value) for value in result.values()):
        return result
    marked = DuplicateKeys(result)
    marked.own = own
    return marked


def _has_duplicates(value: object) -> bool:
    # Inner objects are built before outer ones, so their mark is already there.
    if isinstance(value, list):
        return any(map(_has_duplicates, value))
    return isinstance(value, DuplicateKeys)


def _no_constant(name: str) -> Never:
    message = f"{name} is not JSON"
    raise ValueError(message)
