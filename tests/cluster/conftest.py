"""One mock cluster for all tests of a process."""

from __future__ import annotations

import pytest

from tests.cluster.mock_cluster import MockCluster


@pytest.fixture(scope="session")
def cluster() -> MockCluster:
    """Give the cluster; it ends with its producer."""
    return MockCluster()
