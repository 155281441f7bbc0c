"""Each service in turn; the emulator is served once and emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.clock import ManualClock
from emulator.serving import RunningEmulator
from emulator.settings import Settings, SourceSpec
from tests.contract.coveo.services import (
    KEY,
    ORGANIZATION,
    SOURCE,
    START_SECONDS,
    EmulatorOnLoopback,
    FakeBySteps,
    FakeByTransport,
    HttpService,
    Service,
)


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[RunningEmulator, ManualClock]]:
    """One emulator for all of these tests."""
    clock = ManualClock(round(START_SECONDS * 1000))
    settings = Settings(
        organization=ORGANIZATION, sources=(SourceSpec(SOURCE),), api_keys=frozenset({KEY})
    )
    with RunningEmulator(settings, clock) as emulator:
        yield emulator, clock


@pytest.fixture
def emulator(running: tuple[RunningEmulator, ManualClock]) -> Iterator[EmulatorOnLoopback]:
    """Return the emulator, emptied."""
    running[0].world.reset()
    service = EmulatorOnLoopback(*running)
    yield service
    service.close()


@pytest.fixture(params=["steps", "transport", "emulator"])
def service(request: pytest.FixtureRequest, emulator: EmulatorOnLoopback) -> Service:
    """Return each service in turn."""
    services: dict[str, Service] = {
        "steps": FakeBySteps(),
        "transport": FakeByTransport(),
        "emulator": emulator,
    }
    return services[request.param]


@pytest.fixture(params=["transport", "emulator"])
def http(request: pytest.FixtureRequest, emulator: EmulatorOnLoopback) -> HttpService:
    """Return each service that is spoken to by HTTP."""
    services: dict[str, HttpService] = {"transport": FakeByTransport(), "emulator": emulator}
    return services[request.param]
