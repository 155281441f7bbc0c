"""One mock cluster for all tests of a process, and a bound for each of them."""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from typing import Final

import pytest

from tests.cluster.mock_cluster import MockCluster

HANGING_SECONDS: Final = 180.0
"""Ten times what the slowest test needs on a busy machine."""


@pytest.fixture(scope="session")
def cluster() -> MockCluster:
    """Give the cluster; it ends with its producer."""
    return MockCluster()


@pytest.fixture(autouse=True)
def ended_if_it_hangs() -> Iterator[None]:
    """End the process with a trace: nothing of Python can, as the client keeps the interpreter.

    Seen with 2.16.1, in one of about a hundred closes of a cooperative member: giving partitions
    back from within the close waits for an answer that never comes. The program has its watchdog.
    """
    faulthandler.dump_traceback_later(HANGING_SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
