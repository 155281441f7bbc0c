"""Where the page shows what. Imports the standard library only."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def source_url(name: str) -> str:
    """Return the address of a source's items."""
    return f"/sources/{quote(name, safe='')}"


def item_url(source: str, document_id: str) -> str:
    """Return the address of one item and its history."""
    return f"{source_url(source)}/item?{urlencode({'id': document_id})}"
