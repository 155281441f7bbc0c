"""The page at `/`: which address shows or does what. Imports: starlette, the pages.

Everything is rendered here, and needs neither a script nor anything from elsewhere. The pages
themselves know no HTTP.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from emulator.web import actions
from emulator.web.layout import Frame, document
from emulator.web.markup import element, join, link, text
from emulator.web.pages.controls import controls_page
from emulator.web.pages.identities import identities_page
from emulator.web.pages.identity import identity_page
from emulator.web.pages.item import item_page
from emulator.web.pages.items import items_page
from emulator.web.pages.operations import log_page
from emulator.web.pages.overview import overview_page
from emulator.web.pages.requests import requests_page
from emulator.web.pages.search import search_page
from emulator.web.view import Query, View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from emulator.sources import Source
    from emulator.world import World

    Show = Callable[[World, Query], View | None]
    Act = Callable[[World, Mapping[str, str]], str]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Ids may be telling; an Origin is still sent with forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_MAX_FORM_BYTES = 100_000


class Page:
    """All pages and their forms."""

    def __init__(self, world: World) -> None:
        """Show and steer this world."""
        self._world = world

    def routes(self) -> list[Route]:
        """All routes, with their full paths."""
        return [
            self._shown("/", overview_page),
            self._shown("/search", search_page),
            self._shown("/identities", identities_page),
            self._shown("/identity", identity_page),
            self._shown("/log", log_page),
            self._shown("/requests", requests_page),
            self._shown("/controls", controls_page),
            Route("/sources/{source}", self._of_source(items_page), methods=["GET"]),
            Route("/sources/{source}/item", self._of_source(item_page), methods=["GET"]),
            self._done("/controls/clock", actions.move_clock),
            self._done("/controls/refresh", actions.refresh_cache),
            self._done("/controls/faults", actions.add_fault),
            self._done("/controls/faults/clear", actions.clear_faults),
            self._done("/controls/reset", actions.start_again),
            _asset("/app.css", "text/css"),
            _asset("/icon.svg", "image/svg+xml"),
        ]

    def _shown(self, path: str, show: Show) -> Route:
        # A plain function, so that it runs in a thread and the lock never stops the event loop.
        def endpoint(request: Request) -> Response:
            return self._html(show(self._world, _query(request)))

        return Route(path, endpoint, methods=["GET"])

    def _of_source(
        self, show: Callable[[World, Source, Query], View | None]
    ) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            with self._world.lock:
                source = self._world.sources.get(request.path_params["source"])
            if source is None:
                return self._html(_missing("There is no such source."))
            return self._html(show(self._world, source, _query(request)))

        return endpoint

    def _done(self, path: str, act: Act) -> Route:
        async def endpoint(request: Request) -> Response:
            sent = await _form(request)
            if isinstance(sent, str):
                return self._html(_missing(sent, 403))
            return await run_in_threadpool(self._do, act, sent)

        return Route(path, endpoint, methods=["POST"])

    def _do(self, act: Act, sent: Mapping[str, str]) -> Response:
        try:
            address = act(self._world, sent)
        except actions.RefusedActionError as error:
            return self._html(controls_page(self._world, Query(), str(error)))
        # 303, so that loading the next page again repeats nothing.
        return Response(status_code=303, headers={**_HEADERS, "Location": address})

    def _html(self, view: View | None) -> Response:
        view = view or _missing("Nothing is known about this.")
        frame = Frame(self._world.settings.organization, self._world.clock.now_ms())
        return Response(document(frame, view), view.status, _HEADERS, media_type="text/html")


def _query(request: Request) -> Query:
    return Query(dict(request.query_params))


async def _form(request: Request) -> dict[str, str] | str:
    """Read a form, or say why it is not taken."""
    origin = request.headers.get("origin")
    # A page from elsewhere could send forms here without anybody seeing it.
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return "This form was sent from another page."
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            return "This form is too large."
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _missing(message: str, status: int = 404) -> View:
    way = element("p", link("Overview", "/"))
    return View(message, join((element("h1", text(message)), way)), status=status)


def _asset(path: str, media_type: str) -> Route:
    content = files("emulator.web").joinpath("static", path.lstrip("/")).read_bytes()
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}

    def endpoint(_: Request) -> Response:
        return Response(content, headers=headers, media_type=media_type)

    return Route(path, endpoint, methods=["GET"])
