"""The first page: numbers, quota, sources, what came last. Imports: inspection, parts."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from emulator import inspection
from emulator.web import parts
from emulator.web.addresses import log_url, source_url
from emulator.web.markup import NOTHING, Markup, element, join, link, number, text
from emulator.web.pages.operations import operation_rows, operation_table
from emulator.web.pages.states import visibility_badge
from emulator.web.parts import Column, Tone
from emulator.web.view import Place, View

if TYPE_CHECKING:
    from emulator.sources import Source
    from emulator.web.view import Query
    from emulator.world import World

_LATEST = 15
_SLOWEST_REFRESH_SECONDS = 3_600
_USUAL_REFRESH_SECONDS = 2
_METERS = (
    ("Requests, five minutes", "requests_in_five_minutes", "requests_per_five_minutes"),
    ("Requests, today", "requests_today", "requests_per_day"),
    ("Items, today", "items_today", "items_per_day"),
)
_SOURCE_COLUMNS = (
    Column("Source", "id"),
    Column("Items", "number"),
    Column("Visibility", "word"),
    Column("Type", "word"),
    Column("Status", "word"),
    Column("Deleted ids", "number"),
    Column("Barrier", "number"),
)
_REASON_COLUMNS = (Column("Reason", "id"), Column("Operations", "number"))


def overview_page(world: World, query: Query) -> View:
    """Show how the organization stands."""
    counters = inspection.show_counters(world)
    refresh = min(query.number("refresh") or 0, _SLOWEST_REFRESH_SECONDS)
    head = join((element("h1", text("Overview")), _watch(refresh)))
    main = join(
        (
            element("div", head, class_="title"),
            _tiles(counters),
            parts.section("Sources", _sources(world)),
            parts.section("Quota", _meters(counters["quota"])),
            _failures(counters),
            parts.section("Latest operations", _latest(world)),
        )
    )
    return View("Overview", main, Place.OVERVIEW, refresh_seconds=refresh)


def _watch(refresh: int) -> Markup:
    if not refresh:
        words = f"Load again every {_USUAL_REFRESH_SECONDS} seconds"
        return element("p", link(words, f"/?refresh={_USUAL_REFRESH_SECONDS}"))
    word = "second" if refresh == 1 else "seconds"
    said = text(f"Loads again every {refresh} {word}. ")
    return element("p", join((said, link("Stop that", "/"))))


def _tiles(counters: dict[str, Any]) -> Markup:
    items = counters["items"]
    numbers = (
        ("items in the index", items["indexed"]),
        ("operations waiting", counters["pending"]),
        ("items upserted", items["upserted"]),
        ("items deleted", items["deleted"]),
        ("operations rejected", items["rejected"]),
        ("pushes that changed nothing", items["duplicates"]),
    )
    return parts.facts(((name, number(value)) for name, value in numbers), "tiles")


def _sources(world: World) -> Markup:
    with world.lock:
        rows = [_source_row(one) for one in world.sources.values()]
    caption = parts.counted(len(rows), "source", "sources")
    empty = "There is no source. Start with --source NAME, or create one by a platform call."
    return parts.table_or(empty, caption, _SOURCE_COLUMNS, rows)


def _source_row(source: Source) -> list[Markup]:
    named = link(source.title, source_url(source.name))
    if source.title != source.name:
        named = join((named, text(" "), parts.dim(source.name)))
    return [
        named,
        number(len(source.items)),
        visibility_badge(source.visibility),
        text(source.type.lower()),
        _status(source.status, enabled=source.push_enabled),
        number(len(source.tombstones)),
        text(None) if source.barrier is None else parts.code(source.barrier),
    ]


def _status(status: str, *, enabled: bool) -> Markup:
    if not enabled:
        return parts.badge("refuses pushes", Tone.BAD)
    return parts.badge(status.lower(), Tone.CALM if status == "IDLE" else Tone.WARN)


def _meters(quota: dict[str, int | None]) -> Markup:
    shown = (parts.meter(name, quota[used] or 0, quota[most]) for name, used, most in _METERS)
    return element("div", join(shown), class_="meters")


def _failures(counters: dict[str, Any]) -> Markup:
    by_reason: dict[str, int] = counters["rejectedByReason"]
    if not by_reason and not counters["violationCount"]:
        return NOTHING
    rows = [
        [link(reason, log_url(reason=reason)), number(count)] for reason, count in by_reason.items()
    ]
    uses = counters["violationCount"]
    told = parts.note(f"{uses} uses of what Coveo leaves undefined", Tone.WARN) if uses else NOTHING
    listed = parts.table("By reason, since the start", _REASON_COLUMNS, rows) if rows else NOTHING
    return parts.section("Rejected", told, element("div", listed, class_="narrow"))


def _latest(world: World) -> Markup:
    with world.lock:
        newest = list(islice(reversed(world.journal.log), _LATEST))
    empty = "Nothing was pushed yet. Point a client at this address and push an item."
    caption = f"The last {len(newest)}, newest first"
    shown = operation_table(empty, caption, operation_rows(newest))
    return join((shown, parts.links("More", (link("All operations", "/log"),))))
