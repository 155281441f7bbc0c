"""Waiting for what the thread of a cache does."""

from __future__ import annotations

import time
from collections.abc import Callable

from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.registry.cache import SchemaCache


def wait(until: Callable[[], object]) -> None:
    """Wait until something holds; fails the test if it never does."""
    deadline = time.monotonic() + 5
    while not until():
        assert time.monotonic() < deadline, "not reached"
        time.sleep(0.001)


def fetched(cache: SchemaCache, ref: SchemaRef) -> WriterSchema:
    """Ask for a schema and wait until it is there."""
    cache.request(ref)
    wait(lambda: cache.get(ref))
    found = cache.get(ref)
    assert found is not None
    return found
