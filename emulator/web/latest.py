"""The newest operations, for the first page. Imports: markup, addresses."""

from __future__ import annotations

from typing import Any

from emulator.web import markup
from emulator.web.addresses import item_url
from emulator.web.markup import Markup, link, text

_SLOWEST_REFRESH_SECONDS = 3_600
_HEADS = ("Processed", "Operation", "Document id", "Result", "Reason")


def refresh_seconds(asked: str | None) -> int:
    """Return how often the page loads itself again: what was asked for in whole seconds, or 0."""
    if asked is None or not (asked.isascii() and asked.isdigit()) or len(asked) > 9:
        return 0
    return min(int(asked), _SLOWEST_REFRESH_SECONDS)


def latest_table(entries: list[dict[str, Any]]) -> Markup:
    """Return the table of these entries, with a way to each item."""
    rows = [
        [
            text(entry["processedAt"]),
            text(entry["operation"]),
            _item_link(entry["source"], entry["documentId"]),
            text(entry["result"]),
            text(entry["reason"]),
        ]
        for entry in entries
    ]
    return markup.table("Newest first; add ?refresh=2 to the address to watch", _HEADS, rows)


def _item_link(source: str | None, document_id: str | None) -> Markup:
    if source is None or document_id is None:
        return text(document_id)
    return link(document_id, item_url(source, document_id))
