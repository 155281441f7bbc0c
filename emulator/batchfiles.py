"""The outer form of every uploaded file: one JSON object of arrays. Imports: jsontext.

Key names and both capitalisations are those of docs.coveo.com/en/78 and its 2017 edition.
"""

from __future__ import annotations

from typing import Any

from emulator.jsontext import JsonError, lowered, parse


class BadBatchError(Exception):
    """The file as a whole is not a batch."""


def sections(content: bytes, names: tuple[str, ...]) -> list[list[Any]]:
    """Return the arrays of a file; an absent one is empty. Raises BadBatchError."""
    try:
        raw = parse(content)
    except JsonError as error:
        message = f"the file is not JSON: {error}"
        raise BadBatchError(message) from error
    fields = lowered(raw) if isinstance(raw, dict) else None
    if fields is None:
        message = "the file must be one JSON object without repeated keys"
        raise BadBatchError(message)
    return [_section(fields, name) for name in names]


def _section(fields: dict[str, Any], name: str) -> list[Any]:
    section = fields.get(name.lower())
    if section is None:
        return []
    if not isinstance(section, list):
        message = f"{name} must be an array"
        raise BadBatchError(message)
    return section
