"""Where official clients and ours differ, by name; and the page's table, rendered from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from consumer.coveo.endpoints import ROUTES, Endpoint
from tests.oracle.client import Client
from tests.oracle.comparison import RUN, Difference, E, emulated

_STYLE: Final = frozenset({"useVirtualHostedStyleUrl"})
_COMPRESSION: Final = Difference(ours=frozenset({"compressionType"}))
_ORDERING: Final = frozenset({"orderingId"})
_PAGING: Final = Difference(ours=frozenset({"page", "perPage"}))
_EMPTY_OBJECT: Final = Difference(body="theirs")

DIFFERENCES: Final[Mapping[Client, Mapping[Endpoint, Difference]]] = {
    Client.PYTHON: {
        E.FILES: Difference(ours=_STYLE),
        E.ITEM: _COMPRESSION,
        E.IDENTITY_BATCH: Difference(theirs=_ORDERING),
    },
    Client.JAVASCRIPT: {
        E.FILES: Difference(ours=_STYLE, body="theirs"),
        E.ITEM: _COMPRESSION,
        E.ITEMS_OLDER: Difference(ours=frozenset({"queueDelay"})),
        E.IDENTITY_BATCH: Difference(theirs=_ORDERING, body="theirs"),
        E.ENTITIES: _PAGING,
        E.ENTITY_MEMBERS: _PAGING,
        E.BATCH: _EMPTY_OBJECT,
        E.STATUS: _EMPTY_OBJECT,
        E.STREAM_OPEN: _EMPTY_OBJECT,
        E.STREAM_CHUNK: _EMPTY_OBJECT,
        E.STREAM_CLOSE: _EMPTY_OBJECT,
        E.STREAM_UPDATE: _EMPTY_OBJECT,
        E.PROVIDER_REFRESH: _EMPTY_OBJECT,
    },
}
"""Endpoints that are not named here are called with the same method, path and query names."""


def table() -> str:
    """Return the page's table: every endpoint, and what was run of it by whom."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    yield "| endpoint | our client | emulator | Python client | JavaScript clients |"
    yield "| --- | --- | --- | --- | --- |"
    for endpoint in Endpoint:
        cells = [_cell(client, endpoint) for client in Client]
        method = ROUTES[endpoint].method
        yield f"| `{endpoint}` ({method}) | run | `{emulated(endpoint)}` | {' | '.join(cells)} |"
    yield "| creating a source (POST) | | `create_source` | run | run |"


def _cell(client: Client, endpoint: Endpoint) -> str:
    if endpoint not in RUN[client]:
        return "no call"
    found = DIFFERENCES[client].get(endpoint)
    return f"run; {_said(found)}" if found else "run"


def _said(found: Difference) -> str:
    parts = [f"with `{name}`" for name in sorted(found.theirs)]
    parts += [f"without `{name}`" for name in sorted(found.ours)]
    if found.body:
        parts.append("with a body of `{}`")
    return ", ".join(parts)
