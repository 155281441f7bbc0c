"""Index fields: which there are, and what becomes of a value (docs.coveo.com/en/162).

Imports: stdlib only. A value that does not fit its field's type is converted or left out; the item
itself is not refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TYPES = ("LONG", "LONG_64", "DOUBLE", "DATE", "STRING", "VECTOR")
NAME = re.compile(r"[a-z][a-z0-9_]*")
_SYSTEM = {
    "author": "STRING",
    "clickableuri": "STRING",
    "collection": "STRING",
    "date": "DATE",
    "filetype": "STRING",
    "indexeddate": "DATE",
    "language": "STRING",
    "orderingid": "LONG_64",
    "permanentid": "STRING",
    "size": "LONG",
    "source": "STRING",
    "sourcetype": "STRING",
    "title": "STRING",
    "uri": "STRING",
}
# docs/162 lists more; these are the ones that clients were seen to send.
_DATE_FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y-%m-%d",
    "%a, %d %b %Y %H:%M:%S %z",
    "%A, %d-%b-%y %H:%M:%S %Z",
    "%a %b %d %H:%M:%S %Y",
    "%b %d %Y %I:%M%p",
)
_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)


class UnfitValueError(Exception):
    """The value cannot be kept in a field of that type."""


@dataclass(slots=True)
class FieldCatalogue:
    """The fields of an organization by name; `created` are those that somebody made."""

    created: dict[str, dict[str, Any]] = field(default_factory=dict)

    def type_of(self, name: str) -> str | None:
        """Return a field's type, None if there is no such field."""
        made = self.created.get(name)
        return _SYSTEM.get(name) if made is None else str(made["type"])

    def put(self, model: dict[str, Any]) -> None:
        """Create a field, or change it."""
        self.created[str(model["name"])] = model

    def models(self) -> list[dict[str, Any]]:
        """List all fields in order of name."""
        system = [{"name": n, "type": t, "system": True} for n, t in _SYSTEM.items()]
        return sorted([*system, *self.created.values()], key=lambda one: str(one["name"]))


def fitted(value: Any, kind: str) -> Any:
    """Return a value as a field of that type keeps it; raises UnfitValueError."""
    try:
        match kind:
            case "LONG":
                return _whole(value, _INT32)
            case "LONG_64":
                return _whole(value, _INT64)
            case "DOUBLE":
                return float(value)
            case "DATE":
                return epoch_ms(value)
            case _:
                return value
    except (TypeError, ValueError, OverflowError) as error:
        raise UnfitValueError(str(error)) from error


def epoch_ms(value: Any) -> int:
    """Read a date in one of the documented patterns, or a number of milliseconds."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value)
    text = str(value).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _by_pattern(text)
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(zoned.timestamp() * 1000)


def _by_pattern(text: str) -> datetime:
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller adds the zone
        except ValueError:
            continue
    message = f"'{text}' is no date"
    raise ValueError(message)


def _whole(value: Any, bounds: range) -> int:
    number = int(value)
    if number not in bounds:
        message = f"{number} has too many bits"
        raise ValueError(message)
    return number
