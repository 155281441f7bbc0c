"""What official clients and ours send for the same thing: the differences, and the page's table.

The table is written down, so that it can be rendered without running anything; a test of this
folder runs the clients and compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from consumer.coveo.endpoints import ROUTES, Endpoint
from emulator.api import ROUTES as EMULATED
from tests.oracle.client import Client
from tests.oracle.recording import Seen

E, PYTHON, JAVASCRIPT = Endpoint, Client.PYTHON, Client.JAVASCRIPT
PAGE: Final = "docs/emulator.md"
_UPLOAD: Final = "/_s3/{organization}/{file_id}"
_BOTH: Final = frozenset({
    E.FILES, E.UPLOAD, E.ITEM, E.ITEM_DELETE, E.BATCH, E.IDENTITY, E.IDENTITY_DELETE,
    E.IDENTITY_MAPPING, E.IDENTITY_BATCH, E.IDENTITIES_OLDER,
})  # fmt: skip

RUN: Final[Mapping[Client, frozenset[Endpoint]]] = {
    PYTHON: _BOTH,
    JAVASCRIPT: _BOTH | {
        E.ITEMS_OLDER, E.STATUS, E.STREAM_OPEN, E.STREAM_CHUNK, E.STREAM_CLOSE, E.STREAM_UPDATE,
        E.LOGS, E.LOG_FACETS, E.PROVIDER_REFRESH, E.ENTITY_REFRESH, E.ENTITIES, E.ENTITY_MEMBERS,
        E.ENTITY_CHILDREN, E.ENTITY_PARENTS, E.SOURCE, E.LIMITS, E.PROVIDERS, E.FIELDS,
        E.FIELDS_CREATE, E.PRIVILEGE,
    },
}  # fmt: skip
"""Which of our client's endpoints each flow reaches."""


class Difference(NamedTuple):
    """Names of the query that only one side sends, and whether one side alone sends a body."""

    theirs: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    body: str = ""
    """`theirs` or `ours` if only that side has one."""


@dataclass(frozen=True, slots=True)
class Request:
    """The form of an endpoint's requests."""

    query: frozenset[str]
    body: bool


_TEMPLATES: Final = {
    endpoint: (
        route.method,
        re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(route.template or _UPLOAD))),
    )
    for endpoint, route in ROUTES.items()
}


def endpoint_of(seen: Seen) -> Endpoint | None:
    """Return the endpoint of ours with that method and path; None for a call that we never make."""
    for endpoint, (method, path) in _TEMPLATES.items():
        if seen.method == method and path.fullmatch(seen.path):
            return endpoint
    return None


def forms(requests: Iterable[Seen]) -> dict[Endpoint, Request]:
    """Return what was sent to each endpoint, all its requests taken together."""
    found: dict[Endpoint, Request] = {}
    for seen in requests:
        endpoint = endpoint_of(seen)
        if endpoint is not None:
            former = found.get(endpoint, Request(frozenset(), body=False))
            query = former.query | frozenset(seen.query)
            found[endpoint] = Request(query, former.body or bool(seen.body))
    return found


def difference(theirs: Request, ours: Request) -> Difference:
    """Compare two forms."""
    only = {(True, False): "theirs", (False, True): "ours"}
    body = only.get((theirs.body, ours.body), "")
    return Difference(theirs.query - ours.query, ours.query - theirs.query, body)


def emulated(endpoint: Endpoint) -> str:
    """Return the emulator's name of an endpoint, found by method and path."""
    route = ROUTES[endpoint]
    wanted = (route.method, _shape(_paths(route.template)))
    (name,) = {one.endpoint for one in EMULATED if (one.method, _shape(one.path)) == wanted}
    return str(name)


def _paths(template: str) -> str:
    return template.replace("{collection}", "sources") or _UPLOAD


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "{}", path)
