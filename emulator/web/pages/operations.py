"""The browser of the operation and identity logs. Imports: insight, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.identitybodies import IdentityAction
from emulator.insight import logs
from emulator.operations import Kind, Result
from emulator.web import forms, parts
from emulator.web.addresses import identity_url, item_url, provider_url, source_url
from emulator.web.markup import Markup, element, join, link, number, text
from emulator.web.moments import moment, seconds_between
from emulator.web.pages.states import result_badge
from emulator.web.paging import newest_and_older
from emulator.web.parts import Column
from emulator.web.view import Place, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.identitylog import IdentityLogEntry
    from emulator.journal import LogEntry
    from emulator.web.view import Query
    from emulator.world import World

_IDENTITIES = "identities"
_PAGE = 50
_COLUMNS = (
    Column("Processed", "when"),
    Column("Operation", "word"),
    Column("Result", "word"),
    Column("On", "id"),
    Column("In", "word"),
    Column("Reason", "wide"),
    Column("Took", "number"),
    Column("Request", "number"),
)


def log_page(world: World, query: Query) -> View:
    """Show the newest operations that are asked for, on items or on identities."""
    on_identities = query.text("of") == _IDENTITIES
    wanted = logs.Wanted(
        query.asked("source"),
        query.asked("operation"),
        query.asked("result"),
        query.asked("reason"),
        query.text("id").casefold(),
    )
    span = logs.Span(query.number("before"), _PAGE)
    if on_identities:
        part = logs.identity_operations(world, wanted, span)
        shown = _listing(query, part, [_identity_row(world, one) for one in part.entries])
    else:
        found = logs.operations(world, wanted, span)
        shown = _listing(query, found, operation_rows(found.entries))
    main = join(
        (
            element("h1", text("Operations")),
            _lead(),
            _tabs(on_identities=on_identities),
            _filters(world, query, on_identities=on_identities),
            shown,
        )
    )
    return View("Operations", main, Place.OPERATIONS)


def operation_rows(entries: Sequence[LogEntry]) -> list[list[Markup]]:
    """Build the rows of operations on items."""
    return [
        [
            moment(one.processed_ms),
            text(one.kind),
            result_badge(one.result),
            _item(one.source, one.document_id),
            link(one.source, source_url(one.source)),
            why(one.reason, one.detail),
            seconds_between(one.received_ms, one.processed_ms),
            number(one.request),
        ]
        for one in entries
    ]


def operation_table(empty: str, caption: str, rows: Sequence[Sequence[Markup]]) -> Markup:
    """Build a table of such rows."""
    return parts.table_or(empty, caption, _COLUMNS, rows)


def why(reason: str | None, detail: str | None) -> Markup:
    """Show why an operation failed."""
    if reason is None:
        return text(detail)
    word = element("strong", text(reason))
    return word if detail is None else join((word, text(f": {detail}")))


def _identity_row(world: World, one: IdentityLogEntry) -> list[Markup]:
    named = text(one.name)
    if one.name is not None and one.kind is not None:
        key = world.directory.key(one.provider, one.kind, one.name)
        named = link(one.name, identity_url(key))
    return [
        moment(one.processed_ms),
        text(one.action),
        result_badge(one.result),
        named,
        link(one.provider, provider_url(one.provider)),
        why(one.reason, one.detail),
        seconds_between(one.received_ms, one.processed_ms),
        number(one.request),
    ]


def _item(source: str, document_id: str | None) -> Markup:
    if document_id is None:
        return text(None)
    return link(document_id, item_url(source, document_id))


def _lead() -> Markup:
    return element(
        "p",
        text(
            "A 202 says that an operation was taken. What became of it is said here, newest first."
        ),
        class_="lead",
    )


def _tabs(*, on_identities: bool) -> Markup:
    items = link("On items", "/log", aria_current=None if on_identities else "page")
    identities = link(
        "On identities",
        f"/log?of={_IDENTITIES}",
        aria_current="page" if on_identities else None,
    )
    return parts.links("Which log", (items, identities), "tabs")


def _filters(world: World, query: Query, *, on_identities: bool) -> Markup:
    with world.lock:
        targets = [*world.directory.providers] if on_identities else [*world.sources]
    kinds = [*IdentityAction] if on_identities else [*Kind]
    results = [("FAILED", "all failures"), *((one, one) for one in Result)]
    return forms.search_form(
        *((forms.hidden("of", _IDENTITIES),) if on_identities else ()),
        forms.choice(
            "source",
            "Provider" if on_identities else "Source",
            forms.any_or(targets),
            query.text("source"),
        ),
        forms.choice("operation", "Operation", forms.any_or(kinds), query.text("operation")),
        forms.choice("result", "Result", [("", "any"), *results], query.text("result")),
        forms.choice("reason", "Reason", forms.any_or(logs.reasons(world)), query.text("reason")),
        forms.entry("id", "Id contains", query.text("id"), kind="search"),
        button="Filter",
        label="Filter the log",
    )


def _listing(
    query: Query,
    part: logs.Part[LogEntry] | logs.Part[IdentityLogEntry],
    rows: Sequence[Sequence[Markup]],
) -> Markup:
    caption = parts.matches(part.matching, part.older, "operations")
    empty = "No operation matches. Push something, or ask for less."
    ways = newest_and_older(query, "/log", part.older_than)
    return join((operation_table(empty, caption, rows), ways))
