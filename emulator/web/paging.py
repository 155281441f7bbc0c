"""Ways to the other parts of a long list. Imports: parts, view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.web.markup import Markup, link
from emulator.web.parts import links

if TYPE_CHECKING:
    from emulator.web.view import Query


def pager(query: Query, path: str, pages: int) -> Markup:
    """Link the pages of a list whose length is known; the query says which one is shown."""

    def to(label: str, target: int, rel: str) -> Markup:
        return link(label, query.address(path, page=target), rel=rel)

    ways, page = [], query.page()
    if page > 1:
        ways += [to("First", 1, "first"), to("Previous", min(page - 1, pages), "prev")]
    if page < pages:
        ways += [to("Next", page + 1, "next"), to("Last", pages, "last")]
    return links("Pages", ways)


def newest_and_older(query: Query, path: str, older_than: int | None) -> Markup:
    """Link the parts of a log: its newest entries, and those older than a number if there are."""
    ways = []
    if query.number("before") is not None:
        ways.append(link("Newest", query.address(path, before=None), rel="first"))
    if older_than is not None:
        ways.append(link("Older", query.address(path, before=older_than), rel="next"))
    return links("Pages", ways)
