"""The frame around every page: head, navigation, foot. Imports: markup, moments, view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.web.markup import NOTHING, Markup, element, join, link, text, void
from emulator.web.moments import moment
from emulator.web.view import Place

if TYPE_CHECKING:
    from emulator.web.view import View

_ADDRESSES = {
    Place.OVERVIEW: "/",
    Place.SEARCH: "/search",
    Place.IDENTITIES: "/identities",
    Place.OPERATIONS: "/log",
    Place.REQUESTS: "/requests",
    Place.CONTROLS: "/controls",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on every page: whose emulator this is, and its time."""

    organization: str
    now_ms: int


def document(frame: Frame, view: View) -> bytes:
    """Build a whole page."""
    title = f"{view.title} · Push API emulator"
    head = join(
        (
            void("meta", charset="utf-8"),
            void("meta", name="viewport", content="width=device-width, initial-scale=1"),
            void("meta", name="color-scheme", content="light dark"),
            _refresh(view.refresh_seconds),
            element("title", text(title)),
            void("link", rel="stylesheet", href="/app.css"),
            void("link", rel="icon", href="/icon.svg", type="image/svg+xml"),
        )
    )
    body = join(
        (
            link("Skip to content", "#main", class_="skip"),
            _head(frame, view.place),
            element("main", view.main, id="main", tabindex="-1"),
            _foot(),
        )
    )
    html = element("html", join((element("head", head), element("body", body))), lang="en")
    return f"<!doctype html>{html}".encode()


def _refresh(seconds: int) -> Markup:
    if not seconds:
        return NOTHING
    return void("meta", http_equiv="refresh", content=str(seconds))


def _head(frame: Frame, place: Place) -> Markup:
    entries = join(
        element("li", link(one, address, aria_current="page" if one is place else None))
        for one, address in _ADDRESSES.items()
    )
    name = join(
        (element("span", text("Push API emulator")), element("b", text(frame.organization)))
    )
    inner = join(
        (
            element("a", name, href="/", class_="brand"),
            element("nav", element("ul", entries), aria_label="Main"),
            element(
                "p", join((text("Clock "), moment(frame.now_ms), text(" UTC"))), class_="clock"
            ),
        )
    )
    return element("header", element("div", inner, class_="bar"), class_="top")


def _foot() -> Markup:
    calls = ("sources", "counters", "requests", "log", "faults", "clock")
    inner = join(
        (
            text("A local stand-in, not Coveo's software. The same as JSON: "),
            join(join((link(name, f"/__admin/{name}"), text(" "))) for name in calls),
        )
    )
    return element("footer", element("p", inner))
