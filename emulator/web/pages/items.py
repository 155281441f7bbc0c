"""The items of a source, page by page. Imports: inspection, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import inspection
from emulator.web import forms, parts
from emulator.web.addresses import item_url, log_url, source_url
from emulator.web.markup import Markup, element, join, link, number, text
from emulator.web.pages.states import visibility_badge
from emulator.web.paging import pager
from emulator.web.parts import Column
from emulator.web.view import Place, View

if TYPE_CHECKING:
    from emulator.sources import Source
    from emulator.web.view import Query
    from emulator.world import World

_PAGE = 50
_COLUMNS = (
    Column("Document id", "id"),
    Column("Title", "wide"),
    Column("Indexed", "when"),
    Column("Ordering id", "number"),
    Column("Bytes", "number"),
)


def items_page(world: World, source: Source, query: Query) -> View:
    """Show a page of a source's items, all or those with a text in id or title."""
    wanted, page = query.text("q"), query.page()
    selection = inspection.Selection(text=wanted, offset=(page - 1) * _PAGE, limit=_PAGE)
    found = inspection.list_items(world, source, selection)
    pages = max(1, -(-found["total"] // _PAGE))
    caption = f"{parts.counted(found['total'], 'item', 'items')}, page {page} of {pages}"
    empty = (
        f"No item has '{wanted}' in its id or title." if wanted else "This source has no items yet."
    )
    main = join(
        (
            parts.crumbs(("Overview", "/")),
            element("h1", text(f"Items of {source.title}")),
            _about(source),
            forms.search_form(
                forms.entry("q", "Id or title contains", wanted, kind="search"),
                button="Filter",
                label="Filter the items",
            ),
            parts.table_or(empty, caption, _COLUMNS, _rows(source, found["items"])),
            pager(query, source_url(source.name), pages),
        )
    )
    return View(f"Items of {source.title}", main, Place.OVERVIEW)


def _about(source: Source) -> Markup:
    providers = ", ".join(source.providers) or "none, so e-mail identities are meant"
    inner = join(
        (
            *(() if source.title == source.name else (parts.code(source.name), text(" "))),
            visibility_badge(source.visibility),
            text(f" Security providers: {providers}. "),
            link("Operations of this source", log_url(source=source.name)),
        )
    )
    return element("p", inner, class_="lead")


def _rows(source: Source, items: list[dict[str, Any]]) -> list[list[Markup]]:
    return [
        [
            link(item["documentId"], item_url(source.name, item["documentId"])),
            text(item["title"]),
            text(item["indexedAt"]),
            text(item["orderingId"]),
            number(item["bytes"]),
        ]
        for item in items
    ]
