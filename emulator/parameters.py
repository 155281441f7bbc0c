"""Query parameters to typed values; what is wrong is a 412. Imports: errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.errors import invalid_parameter, missing_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_INT64 = range(-(2**63), 2**63)


def required(query: Mapping[str, str], name: str) -> str:
    """Return a parameter that must be there and not be empty."""
    value = query.get(name)
    if not value:
        raise missing_parameter(name)
    return value


def integer(query: Mapping[str, str], name: str) -> int:
    """Return a parameter that must be an int64."""
    text = required(query, name)
    if _INTEGER.fullmatch(text) is None or int(text) not in _INT64:
        raise invalid_parameter(name, f"'{text[:40]}' is not a 64-bit integer.")
    return int(text)


def optional_integer(query: Mapping[str, str], name: str) -> int | None:
    """Return a parameter that is an int64 if it is there."""
    return integer(query, name) if name in query else None


def boolean(query: Mapping[str, str], name: str) -> bool:
    """Return a parameter that is `true` or `false`, the latter if absent."""
    text = query.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise invalid_parameter(name, f"'{text[:40]}' is neither true nor false.")
    return text == "true"
