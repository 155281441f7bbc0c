"""Each client's flow, run once; a machine that cannot run it skips, but not in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.oracle.client import Client
from tests.oracle.flows import Run, run_of
from tests.oracle.install import NotHereError, must_run


def _runs(client: Client) -> Iterator[Run]:
    try:
        with run_of(client) as run:
            yield run
    except NotHereError as problem:
        _absent(client, problem)


def _absent(client: Client, problem: NotHereError) -> None:
    text = f"the {client} client cannot run here, missing: {problem}"
    (pytest.fail if must_run(os.environ) else pytest.skip)(text)


@pytest.fixture(scope="session")
def python() -> Iterator[Run]:
    """Give what the Python client did."""
    yield from _runs(Client.PYTHON)


@pytest.fixture(scope="session")
def javascript() -> Iterator[Run]:
    """Give what the JavaScript clients did."""
    yield from _runs(Client.JAVASCRIPT)


@pytest.fixture(params=Client)
def run(request: pytest.FixtureRequest) -> Run:
    """Give what each client did, in turn."""
    found = request.getfixturevalue(str(request.param))
    assert isinstance(found, Run)
    return found
