"""Sends one ask within its deadline and returns what came of it. The only user of httpx here.

Knows hosts, the key and the bounds of answers; what an answer means is decided elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never
from urllib.parse import quote, urlencode

import httpx

from consumer import __version__
from consumer.coveo.auth import BearerAuth
from consumer.coveo.endpoints import ROUTES, Endpoint, Host, Route, path_of
from consumer.coveo.errors import failure_kind
from consumer.coveo.exchange import Asked, Failure, FailureKind, FileContainer, Reply, Response
from consumer.domain.errors import ConfigError
from consumer.http.answers import FAILURES, describe, open_client, read_bounded
from consumer.http.deadline import Deadline

Told = Callable[[Endpoint, Reply], None]
"""Learns of every call and what came of it; any thread."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One call to make: names in its path, its query, its body."""

    endpoint: Endpoint
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Not shown: it may have a document id."""
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Whom to call: base URLs without a path of the API, and the organization's id."""

    organization: str
    push_url: str
    platform_url: str


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of this machine: one for durations, one, in epoch seconds, for logs only."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class _Request:
    """What goes out, before it is a request; building that is part of what may fail."""

    route: Route
    url: str = field(repr=False)
    """Not shown: that of an upload is signed."""
    asked: Asked
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    auth: httpx.Auth | None


class Caller:
    """Calls Coveo from any number of threads over one pool of connections.

    Raises nothing for what the network or the service does.
    """

    def __init__(
        self,
        addresses: Addresses,
        secret: Callable[[], str],
        transport: httpx.BaseTransport,
        told: Told | None = None,
        clocks: Clocks | None = None,
    ) -> None:
        """Open nothing yet; `secret` is asked for the API key at every call, but for uploads."""
        self._addresses: Final = addresses
        self._auth: Final = BearerAuth(secret)
        self._http: Final = open_client(transport)
        self._told: Final = told
        self._clocks: Final = clocks or Clocks()

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def ask(self, ask: Ask, deadline: Deadline) -> Reply:
        """Make a call and tell of it."""
        return self._tell(ask.endpoint, self.exchange(ask, deadline))

    def put(self, container: FileContainer, body: bytes, deadline: Deadline) -> Reply:
        """Upload and tell of it."""
        return self._tell(Endpoint.UPLOAD, self.upload(container, body, deadline))

    def exchange(self, ask: Ask, deadline: Deadline) -> Reply:
        """Make a call that its caller tells of: a step of an attempt."""
        route = ROUTES[ask.endpoint]
        names = {"organization": self._addresses.organization, **ask.names}
        path = path_of(ask.endpoint, names)
        asked = self._asked(route, path or route.template, ask.body, ask.query)
        if path is None:
            message = "a name in the path is empty or stands for a folder"
            return Failure(FailureKind.UNSENDABLE, message, 0.0, asked)
        # A space as %20, a plus as %2B: readers of forms and readers of URIs then agree.
        query = urlencode(ask.query, safe="", quote_via=quote)
        url = f"{self._base(route.host)}{path}{'?' if query else ''}{query}"
        return self._send(_Request(route, url, asked, _HEADERS, ask.body, self._auth), deadline)

    def upload(self, container: FileContainer, body: bytes, deadline: Deadline) -> Reply:
        """Put a body into its container with exactly the required headers, and no key.

        The headers are part of the signature, and a storage answers 400 to two ways of signing.
        """
        route = ROUTES[Endpoint.UPLOAD]
        asked = self._asked(route, "", body, {"fileId": container.file_id})
        headers = container.required_headers
        return self._send(
            _Request(route, container.upload_uri, asked, headers, body, None), deadline
        )

    def _tell(self, endpoint: Endpoint, reply: Reply) -> Reply:
        if self._told is not None:
            self._told(endpoint, reply)
        return reply

    def _base(self, host: Host) -> str:
        match host:
            case Host.PUSH | Host.STORAGE:
                return self._addresses.push_url.rstrip("/")
            case Host.PLATFORM:
                return self._addresses.platform_url.rstrip("/")
            case _:
                assert_never(host)

    def _asked(self, route: Route, path: str, body: bytes, query: Mapping[str, str]) -> Asked:
        at_ms = round(self._clocks.wall() * 1000)
        ordering_id = query.get("orderingId")
        return Asked(
            route.method,
            path,
            at_ms,
            len(body),
            query.get("fileId"),
            int(ordering_id) if ordering_id else None,
        )

    def _send(self, request: _Request, deadline: Deadline) -> Reply:
        started, asked = self._clocks.monotonic(), request.asked
        if deadline.remaining_seconds() <= 0:
            return Failure(FailureKind.EXPIRED, "the deadline had passed", 0.0, asked)
        try:
            status, headers, body = self._exchanged(request, deadline)
        except ConfigError as error:
            seconds = self._clocks.monotonic() - started
            return Failure(FailureKind.CREDENTIALS, str(error), seconds, asked)
        except FAILURES as error:
            seconds = self._clocks.monotonic() - started
            return Failure(failure_kind(error), describe(error), seconds, asked)
        return Response(status, headers, body, self._clocks.monotonic() - started, asked)

    def _exchanged(
        self, request: _Request, deadline: Deadline
    ) -> tuple[int, Mapping[str, str], bytes]:
        made = _made(request, deadline)
        response = self._http.send(made, auth=request.auth, stream=True, follow_redirects=False)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = read_bounded(response, request.route.max_response_bytes)
            return response.status_code, headers, body
        finally:
            response.close()


_NO_HOST: Final = "no host can have this name"
_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # a bounded answer must not unfold beyond its bound
    "Content-Type": "application/json",
    "User-Agent": f"coveo-cdc/{__version__}",
}


def _made(request: _Request, deadline: Deadline) -> httpx.Request:
    """Build it by hand: httpx.Client.request would add headers and cookies of its own.

    Raises InvalidURL, also for a host that the library would stumble over when it sends.
    """
    url = httpx.URL(request.url)
    try:
        _ = url.host
    except UnicodeError:
        raise httpx.InvalidURL(_NO_HOST) from None
    return httpx.Request(
        request.route.method,
        url,
        headers=dict(request.headers),
        content=request.body,
        extensions={"deadline": deadline},
    )
