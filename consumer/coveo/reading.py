"""Untrusted JSON, read without a surprise: what is not there, or is of another type, is `None`.

Pure. Every function is total: any bytes and any value are read without an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import orjson

_Word = TypeVar("_Word", bound=StrEnum)
_T = TypeVar("_T")


def object_of(body: bytes) -> Mapping[str, object] | None:
    """Return the object that a body is, `None` if it is none."""
    return mapping_of(value_of(body))


def value_of(body: bytes) -> object:
    """Return the JSON value that a body is, `None` if it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def mapping_of(value: object) -> Mapping[str, object] | None:
    """Return the value if it is an object."""
    return value if isinstance(value, dict) else None


def text_of(value: object) -> str | None:
    """Return the value if it is a text that says something."""
    return value if isinstance(value, str) and value else None


def flag_of(value: object) -> bool | None:
    """Return the value if it is a boolean."""
    return value if isinstance(value, bool) else None


def integer_of(value: object) -> int | None:
    """Return the value if it is an integer, also one written as a text."""
    match value:
        case bool():
            return None
        case int():
            return value
        case str() if value.isascii() and value.removeprefix("-").isdigit() and len(value) < 20:
            return int(value)
        case _:
            return None


def moment_of(value: object) -> datetime | None:
    """Return the moment in UTC that an ISO 8601 text says; one without a zone is UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def word_of(value: object, known: type[_Word], other: _Word) -> _Word:
    """Return the value as a word of a closed set, `other` if it is none of them."""
    found = {word.value.upper(): word for word in known}
    return found.get(value.upper(), other) if isinstance(value, str) else other


def text_mapping_of(value: object) -> Mapping[str, str]:
    """Return an object's texts by key; numbers and booleans are written out."""
    pairs = (mapping_of(value) or {}).items()
    return {key: each if isinstance(each, str) else _written(each) for key, each in pairs}


def _written(value: object) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # nested deeper than it writes, though it did read it
        return ""


def listed(value: object, read: Callable[[Mapping[str, object]], _T | None]) -> tuple[_T, ...]:
    """Return what `read` makes of each object in a list; what it makes nothing of is left out."""
    if not isinstance(value, list):
        return ()
    found = (read(each) for each in value if isinstance(each, dict))
    return tuple(each for each in found if each is not None)
