"""The page at `/`: sources, their items, and one item with its history.

It is rendered here and needs no script and no asset. Imports: starlette, inspection, markup.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
from starlette.responses import Response
from starlette.routing import Route

from emulator import inspection
from emulator.web import markup
from emulator.web.addresses import item_url, source_url
from emulator.web.latest import latest_table, refresh_seconds
from emulator.web.markup import Markup, element, join, link, text

if TYPE_CHECKING:
    from starlette.requests import Request

    from emulator.sources import Source
    from emulator.world import World

_PAGE_SIZE = 50
_LATEST = 15
_PREVIEW_CHARACTERS = 4_000
_CONTENT_KEYS = frozenset({"data", "compressedbinarydata"})
_STYLE_HASH = base64.b64encode(hashlib.sha256(markup.STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


class Page:
    """Three views, all plain GETs."""

    def __init__(self, world: World) -> None:
        """Show this world."""
        self._world = world

    def routes(self) -> list[Route]:
        """All routes, with their full paths."""
        return [
            Route("/", self._home, methods=["GET"]),
            Route("/sources/{source}", self._items, methods=["GET"]),
            Route("/sources/{source}/item", self._item, methods=["GET"]),
        ]

    def _home(self, request: Request) -> Response:
        counters = inspection.show_counters(self._world)
        rows = [_source_row(one) for one in inspection.list_sources(self._world)]
        heads = ("Source", "Items", "Visibility", "Status", "Deleted ids", "Barrier")
        name = self._world.settings.organization
        main = join(
            (
                element("h1", text(f"Push API emulator: {name}")),
                markup.table("Sources", heads, rows),
                element("h2", text("Latest operations")),
                latest_table(inspection.latest_operations(self._world, _LATEST)),
                element("h2", text("Counters")),
                markup.table("Items", ("What", "Count"), _counter_rows(counters)),
                _links(),
            )
        )
        refresh = refresh_seconds(request.query_params.get("refresh"))
        return _html("Push API emulator", main, refresh_seconds=refresh)

    def _items(self, request: Request) -> Response:
        source = self._source(request)
        if source is None:
            return _missing("There is no such source.")
        wanted = request.query_params.get("q", "")
        page = max(1, _positive(request.query_params.get("page")))
        selection = inspection.Selection(
            text=wanted, offset=(page - 1) * _PAGE_SIZE, limit=_PAGE_SIZE
        )
        found = inspection.list_items(self._world, source, selection)
        return _html(f"Items of {source.name}", _items_view(source, wanted, page, found))

    def _item(self, request: Request) -> Response:
        source = self._source(request)
        document_id = request.query_params.get("id", "")
        found = None
        if source is not None:
            found = inspection.show_document(self._world, source, document_id)
        if source is None or found is None:
            return _missing("Nothing is known about this item.")
        return _html(document_id, _item_view(source, found))

    def _source(self, request: Request) -> Source | None:
        with self._world.lock:
            return self._world.sources.get(request.path_params["source"])


def _source_row(source: dict[str, Any]) -> list[Markup]:
    return [
        link(source["name"], source_url(source["name"])),
        markup.number(source["items"]),
        text(source["visibility"]),
        text(source["status"]),
        markup.number(source["tombstones"]),
        text(source["barrier"]),
    ]


def _counter_rows(counters: dict[str, Any]) -> list[list[Markup]]:
    numbers = {
        **counters["items"],
        "violations": counters["violationCount"],
        "pending": counters["pending"],
    }
    return [[text(name), markup.number(value)] for name, value in numbers.items()]


def _links() -> Markup:
    calls = ("counters", "requests", "log", "sources", "faults")
    return element("nav", join(link(name, f"/__admin/{name}") for name in calls))


def _items_view(source: Source, wanted: str, page: int, found: dict[str, Any]) -> Markup:
    total = found["total"]
    pages = max(1, -(-total // _PAGE_SIZE))
    rows = [
        [
            link(item["documentId"], item_url(source.name, item["documentId"])),
            text(item["title"]),
            text(item["indexedAt"]),
            text(item["orderingId"]),
        ]
        for item in found["items"]
    ]
    caption = f"{total} items, page {page} of {pages}"
    heads = ("Document id", "Title", "Indexed", "Ordering id")
    return join(
        (
            element("nav", link("All sources", "/")),
            element("h1", text(f"Items of {source.name}")),
            _filter(wanted),
            markup.table(caption, heads, rows),
            _paging(source.name, wanted, page, pages),
        )
    )


def _filter(wanted: str) -> Markup:
    label = element("label", text("Id or title contains"), for_="q")
    field = Markup(f'<input type="search" id="q" name="q" value="{text(wanted)}">')
    return element("form", join((label, field, element("button", text("Filter")))), role="search")


def _paging(source: str, wanted: str, page: int, pages: int) -> Markup:
    def to(label: str, number: int, rel: str) -> Markup:
        query = urlencode({"q": wanted, "page": number})
        return link(label, f"{source_url(source)}?{query}", rel=rel)

    parts = []
    if page > 1:
        parts += [to("First", 1, "first"), to("Previous", page - 1, "prev")]
    if page < pages:
        parts += [to("Next", page + 1, "next"), to("Last", pages, "last")]
    return element("nav", join(parts), **{"aria-label": "Pages"})


def _item_view(source: Source, found: dict[str, Any]) -> Markup:
    item = found["item"]
    parts = [
        element(
            "nav", join((link("All sources", "/"), link(source.name, source_url(source.name))))
        ),
        element("h1", text(found["documentId"])),
    ]
    if item is None:
        parts.append(element("p", text("This item is not in the index."), class_="bad"))
    else:
        parts += _indexed(item)
    parts += [element("h2", text("History")), _history(found["history"])]
    return join(parts)


def _indexed(item: dict[str, Any]) -> list[Markup]:
    body = item["body"]
    facts = ("title", "orderingId", "receivedAt", "indexedAt", "request", "compressionType")
    rows = [[text(name), text(item[name])] for name in facts]
    fields = [
        [text(name), text(_plain(value))]
        for name, value in body.items()
        if name.lower() not in _CONTENT_KEYS and name.lower() != "permissions"
    ]
    return [
        markup.table("Item", ("What", "Value"), rows),
        element("h2", text("Fields")),
        markup.table("Fields as sent", ("Field", "Value"), fields),
        element("h2", text("Permissions")),
        _permissions(item["permissions"]),
        element("h2", text("Body")),
        *(_preview(name, value) for name, value in body.items() if name.lower() in _CONTENT_KEYS),
    ]


def _preview(name: str, value: object) -> Markup:
    whole = str(value)
    shown = whole[:_PREVIEW_CHARACTERS]
    note = f"{name}, {len(whole)} characters"
    if len(shown) < len(whole):
        note += f", the first {len(shown)} of them"
    return join((element("p", text(note), class_="dim"), element("pre", text(shown), tabindex="0")))


def _permissions(levels: list[dict[str, Any]] | None) -> Markup:
    if levels is None:
        return element("p", text("None were sent."))
    rows = [
        [
            text(level["name"] or f"level {position}"),
            text("yes" if one["allowAnonymous"] else "no"),
            _identities(one["allowedPermissions"]),
            _identities(one["deniedPermissions"]),
        ]
        for position, level in enumerate(levels, 1)
        for one in level["permissionSets"]
    ]
    return markup.table("Permission sets", ("Level", "Anonymous", "Allowed", "Denied"), rows)


def _identities(identities: list[dict[str, Any]]) -> Markup:
    lines = [f"{one['identity']} ({one['identityType']})" for one in identities]
    return text(", ".join(lines) or None)


def _history(entries: list[dict[str, Any]]) -> Markup:
    heads = ("Received", "Operation", "Result", "Reason", "Ordering id", "Request")
    rows = [
        [
            text(entry["receivedAt"]),
            text(entry["operation"]),
            element(
                "span",
                text(entry["result"]),
                class_="good" if entry["result"] == "COMPLETED" else "bad",
            ),
            text(_why(entry)),
            text(entry["orderingId"]),
            text(entry["request"]),
        ]
        for entry in reversed(entries)
    ]
    return markup.table("Operations on this id, newest first", heads, rows)


def _why(entry: dict[str, Any]) -> str | None:
    parts = [part for part in (entry["reason"], entry["detail"]) if part]
    return ": ".join(parts) or None


def _plain(value: object) -> object:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _positive(value: str | None) -> int:
    ok = value is not None and value.isascii() and value.isdigit() and len(value) < 10
    return int(value) if ok and value is not None else 1


def _missing(message: str) -> Response:
    main = join((element("nav", link("All sources", "/")), element("h1", text(message))))
    return _html("Not found", main, 404)


def _html(title: str, main: Markup, status: int = 200, *, refresh_seconds: int = 0) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
    body = markup.document(title, main, refresh_seconds)
    return Response(body, status, headers, media_type="text/html")
