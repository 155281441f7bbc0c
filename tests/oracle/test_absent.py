"""What the table says a client has no call for is nowhere in the client."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.oracle.client import Client
from tests.oracle.comparison import RUN, E
from tests.oracle.install import NotHereError, javascript_client, python_client

pytestmark = pytest.mark.oracle

_LOOKING: Final = "session.get"
"""The Python client reads nothing: no call of its session is a GET."""

TRACES: Final = {
    Client.PYTHON: {
        E.ITEMS_OLDER: "documents/olderthan", E.STATUS: "/status", E.STREAM_OPEN: "/stream",
        E.STREAM_CHUNK: "/stream", E.STREAM_CLOSE: "/stream", E.STREAM_UPDATE: "/stream",
        E.STREAM_MERGE: "/stream", E.STREAM_OLDER: "/stream", E.LOGS: "/logs",
        E.LOG_FACETS: "/logs", E.PROVIDER_REFRESH: "securitycache",
        E.ENTITY_REFRESH: "securitycache", E.ENTITIES: _LOOKING, E.ENTITY_MEMBERS: _LOOKING,
        E.ENTITY_CHILDREN: "securitycache", E.ENTITY_PARENTS: "securitycache", E.SOURCE: _LOOKING,
        E.LIMITS: _LOOKING, E.PROVIDERS: _LOOKING, E.FIELDS: _LOOKING,
        E.FIELDS_CREATE: "/fields", E.PRIVILEGE: "privilege",
    },
    Client.JAVASCRIPT: {E.STREAM_MERGE: "/merge", E.STREAM_OLDER: "/deleteolderthan"},
}  # fmt: skip
"""A word of its source that a client with such a call could not do without."""


def sources(client: Client) -> list[Path]:
    """Return the client's own files. Skips where it cannot be fetched."""
    try:
        if client is Client.PYTHON:
            folder = python_client().parent.parent
            return [*folder.glob("lib/*/site-packages/push_api_clientpy/*.py")]
        return [*javascript_client()[1].glob("node_modules/@coveo/*/dist/**/*.js")]
    except NotHereError as problem:
        pytest.skip(f"the {client} client is not here: {problem}")


@pytest.mark.parametrize("client", Client)
def test_an_endpoint_without_a_run_has_no_trace_in_the_client(client: Client) -> None:
    """A call that exists and is not run would be a gap of the table."""
    assert TRACES[client].keys() == set(E) - RUN[client]
    said = "\n".join(path.read_text() for path in sources(client)).lower()
    assert [word for word in set(TRACES[client].values()) if word in said] == []
    assert "/permissions/olderthan" in said
