"""One served emulator for all tests of the HTTP side; each test finds it empty."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from emulator.clock import ManualClock
from emulator.serving import RunningEmulator
from tests.emulator.driver import START_MS, Driver, settings


@pytest.fixture(scope="session")
def served() -> Iterator[RunningEmulator]:
    """A server with a clock that stands still."""
    with RunningEmulator(settings(), ManualClock(START_MS)) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: RunningEmulator) -> RunningEmulator:
    """The server, emptied."""
    served.world.reset()
    return served


@pytest.fixture(scope="session")
def connected(served: RunningEmulator) -> Iterator[httpx.Client]:
    """A client of the server with a token; building one takes longer than most tests."""
    headers = {"Authorization": "Bearer some-key"}
    with httpx.Client(base_url=served.base_url, headers=headers, timeout=5) as client:
        yield client


@pytest.fixture
def client(emulator: RunningEmulator, connected: httpx.Client) -> httpx.Client:
    """A client of the emptied server."""
    assert emulator.base_url == str(connected.base_url).rstrip("/")
    return connected


@pytest.fixture
def driver() -> Driver:
    """A fresh world with default settings, driven without HTTP."""
    return Driver.of()
