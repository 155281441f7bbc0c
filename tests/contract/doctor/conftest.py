"""One emulated organization for all tests; each begins with it in good order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.serving import RunningEmulator
from emulator.settings import PRODUCTION, Settings
from tests.contract.doctor.office import KEY, ORGANIZATION, READ_ONLY_KEY, Office


@pytest.fixture(scope="session")
def running() -> Iterator[RunningEmulator]:
    """Serve an organization with the quota of a production one."""
    settings = Settings(
        organization=ORGANIZATION,
        api_keys=frozenset({KEY}),
        read_only_keys=frozenset({READ_ONLY_KEY}),
        quota=PRODUCTION,
    )
    with RunningEmulator(settings) as emulator:
        yield emulator


@pytest.fixture
def office(
    running: RunningEmulator,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    """Give commands to type, a configuration for them, and the organization behind them."""
    monkeypatch.setenv("COLUMNS", "200")
    running.world.reset()
    return Office(running, tmp_path, capsys)
