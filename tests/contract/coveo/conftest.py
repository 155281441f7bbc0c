"""Each service in turn; the emulator is made once for each way to it, and emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from emulator.app import create_app
from emulator.clock import ManualClock
from emulator.serving import RunningEmulator
from emulator.world import World
from tests.contract.coveo.emulated import SETTINGS
from tests.contract.coveo.in_process import InProcessTransport
from tests.contract.coveo.services import (
    START_SECONDS,
    Emulator,
    FakeBySteps,
    FakeByTransport,
    HttpService,
    Service,
    Way,
)

START_MS = round(START_SECONDS * 1000)


@pytest.fixture(scope="session")
def loopback() -> Iterator[Emulator]:
    """An emulator behind a real socket."""
    clock = ManualClock(START_MS)
    with RunningEmulator(SETTINGS, clock) as running:
        emulator = Emulator(running.world, clock, Way(running.base_url, lambda: None))
        yield emulator


@pytest.fixture(scope="session")
def in_process() -> Emulator:
    """An emulator in this process."""
    clock = ManualClock(START_MS)
    world = World(SETTINGS, clock)
    app = create_app(world)
    return Emulator(world, clock, Way("http://emulator.test", lambda: InProcessTransport(app)))


@pytest.fixture
def emulators(loopback: Emulator, in_process: Emulator) -> Iterator[Mapping[str, Emulator]]:
    """Return both, emptied."""
    both = {"loopback": loopback, "in_process": in_process}
    for each in both.values():
        each.world.reset()
    yield both
    for each in both.values():
        each.close()


@pytest.fixture(params=["loopback", "in_process"])
def emulator(request: pytest.FixtureRequest, emulators: Mapping[str, Emulator]) -> Emulator:
    """Return the emulator, by each way in turn."""
    return emulators[request.param]


@pytest.fixture(params=["steps", "transport", "loopback", "in_process"])
def service(request: pytest.FixtureRequest, emulators: Mapping[str, Emulator]) -> Service:
    """Return each service in turn."""
    fakes: dict[str, Service] = {"steps": FakeBySteps(), "transport": FakeByTransport()}
    return {**fakes, **emulators}[request.param]


@pytest.fixture(params=["transport", "loopback", "in_process"])
def http(request: pytest.FixtureRequest, emulators: Mapping[str, Emulator]) -> HttpService:
    """Return each service that is spoken to by HTTP."""
    fakes: dict[str, HttpService] = {"transport": FakeByTransport()}
    return {**fakes, **emulators}[request.param]
