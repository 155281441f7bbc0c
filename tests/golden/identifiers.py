"""What a column's text in the database is as a part of a document id: one form per type.

Nothing of a value is lost here: two keys that differ are two ids. As in `rules.py`, nothing of the
program is used.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from tests.golden import rules

_UNRESERVED: Final = "-._~"


def identifier(kind: str, text: str) -> str:  # noqa: PLR0911 - one case per kind
    """Return what a document id holds of a column, before it is encoded."""
    base = kind.partition("(")[0]
    match base:
        case "numeric" | "decimal":
            return f"{Decimal(text).normalize():f}"
        case "bytea":
            return text.removeprefix("\\x")
        case "date":
            return f"{text}T00:00:00.000Z"
        case "timestamp without time zone" | "timestamp with time zone" | "datetime" | "timestamp":
            return _moment_text(text)
        case "time without time zone" | "time":
            return _fraction(text)
        case _ if base.endswith(("binary", "blob")):
            return text.lower()
        case _:
            return str(rules.field(kind, text, None, {})) if base != "boolean" else text


def encoded(text: str) -> str:
    """Return a text as a part of a document id."""
    return quote(text, safe=_UNRESERVED)


def day(days: int) -> str:
    """Return a day as `identifier` writes it, from the number of days since 1970."""
    return f"{(datetime(1970, 1, 1) + timedelta(days=days)).date()}T00:00:00.000Z"  # noqa: DTZ001 - no zone is meant


def moment(micros: int) -> str:
    """Return a moment as `identifier` writes it, from microseconds since 1970."""
    return _moment_text(str(datetime(1970, 1, 1) + timedelta(microseconds=micros)))  # noqa: DTZ001 - as above


def time_of_day(micros: int) -> str:
    """Return a time of day as `identifier` writes it, from microseconds since midnight."""
    minutes, rest = divmod(micros, 60_000_000)
    text = f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1_000_000:02}.{rest % 1_000_000:06}"
    return _fraction(text)


def decimal(unscaled: bytes, scale: int) -> str:
    """Return a decimal as `identifier` writes it."""
    number = Decimal(int.from_bytes(unscaled, "big", signed=True)).scaleb(-scale)
    return f"{number.normalize():f}"


def _moment_text(text: str) -> str:
    whole, _, rest = text.replace(" ", "T").partition(".")
    digits = re.match(r"\d*", rest)
    return _fraction(f"{whole.removesuffix('+00')}.{digits.group() if digits else ''}") + "Z"


def _fraction(text: str) -> str:
    whole, _, digits = text.partition(".")
    return f"{whole}.{digits.rstrip('0').ljust(3, '0')}"
