"""The log of requests. Imports: insight, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.calls import Endpoint
from emulator.insight import logs
from emulator.web import forms, parts
from emulator.web.markup import Markup, element, join, number, text
from emulator.web.moments import moment
from emulator.web.pages.states import status_badge
from emulator.web.paging import newest_and_older
from emulator.web.parts import Column, Tone
from emulator.web.view import Place, View

if TYPE_CHECKING:
    from emulator.requestlog import RequestRecord
    from emulator.web.view import Query
    from emulator.world import World

_PAGE = 50
_STATUSES = ("2xx", "4xx", "5xx", "none")
_COLUMNS = (
    Column("Number", "number"),
    Column("At", "when"),
    Column("Endpoint", "word"),
    Column("Status", "word"),
    Column("Method and path", "id"),
    Column("Bytes", "number"),
    Column("ms", "number"),
    Column("Fault", "word"),
)


def requests_page(world: World, query: Query) -> View:
    """Show the newest requests that are asked for."""
    wanted = logs.WantedRequests(
        query.asked("endpoint"), query.asked("status"), query.text("path").casefold()
    )
    part = logs.requests(world, wanted, logs.Span(query.number("before"), _PAGE))
    caption = parts.matches(part.matching, part.older, "requests")
    empty = "No request matches. Point a client at this address, or ask for less."
    main = join(
        (
            element("h1", text("Requests")),
            element(
                "p",
                text(
                    "What clients sent, newest first. Neither keys nor signatures are kept; "
                    "looking at these pages is not logged."
                ),
                class_="lead",
            ),
            _filters(query),
            parts.table_or(empty, caption, _COLUMNS, [_row(one) for one in part.entries]),
            newest_and_older(query, "/requests", part.older_than),
        )
    )
    return View("Requests", main, Place.REQUESTS)


def _row(one: RequestRecord) -> list[Markup]:
    return [
        number(one.number),
        moment(one.at_ms),
        text(one.endpoint),
        status_badge(one.status),
        join((element("strong", text(one.method)), text(f" {one.path}"))),
        number(one.size),
        text(None if one.milliseconds is None else f"{one.milliseconds:.1f}"),
        text(None) if one.fault is None else parts.badge(one.fault, Tone.WARN),
    ]


def _filters(query: Query) -> Markup:
    asked = query.text("status")
    statuses = [*_STATUSES, asked] if asked and asked not in _STATUSES else _STATUSES
    return forms.search_form(
        forms.choice("endpoint", "Endpoint", forms.any_or(Endpoint), query.text("endpoint")),
        forms.choice("status", "Status", forms.any_or(statuses), asked),
        forms.entry("path", "Path contains", query.text("path"), kind="search"),
        button="Filter",
        label="Filter the requests",
    )
