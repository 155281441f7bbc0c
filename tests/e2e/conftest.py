"""One broker, registry and emulator for all tests of a process; each test has its own stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.broker import Broker
from tests.e2e.index import Index
from tests.e2e.registry import Registry
from tests.e2e.stage import Stage


@pytest.fixture(scope="session")
def broker() -> Broker:
    """Give the broker; it ends with this process."""
    return Broker()


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Give the registry."""
    return Registry()


@pytest.fixture(scope="session")
def index() -> Index:
    """Give the emulator."""
    return Index()


@pytest.fixture
def stage(tmp_path: Path, broker: Broker, registry: Registry, index: Index) -> Iterator[Stage]:
    """Give a stage; afterwards nothing secret may stand in any log, whatever happened."""
    stage = Stage(tmp_path, broker, registry, index)
    yield stage
    stage.close()
    assert stage.secrets_in_logs() == []
