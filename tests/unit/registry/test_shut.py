"""A registry that does not answer, or lets nobody in: one try tells it for all schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from consumer.domain.errors import CdcError
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.registry.cache import FetchPace, SchemaCache
from consumer.registry.errors import NoAccessError, NoAnswerError
from consumer.registry.files import SchemaFiles
from consumer.registry.settings import RegistrySettings
from tests.fakes.registry import FakeRegistry
from tests.unit.registry.waiting import fetched, wait

ID = SchemaRef("id/7")
URL = "http://registry:8081"
QUICK = FetchPace(0.001, 0.002, 0.002)
Open = Callable[[FetchPace], SchemaCache]


@pytest.fixture
def registry() -> FakeRegistry:
    """Give an empty registry."""
    return FakeRegistry()


@pytest.fixture
def files(tmp_path: Path) -> SchemaFiles:
    """Give the folder that caches read."""
    return SchemaFiles(tmp_path, RegistrySettings(URL).identity)


@pytest.fixture
def opened(registry: FakeRegistry, tmp_path: Path) -> Iterator[Open]:
    """Give a way to open a cache with some pace."""
    caches: list[SchemaCache] = []

    def open_one(pace: FetchPace) -> SchemaCache:
        settings = RegistrySettings(URL, cache_directory=tmp_path)
        caches.append(SchemaCache(settings, registry, pace))
        return caches[-1]

    yield open_one
    for cache in caches:
        cache.close()


def test_hundreds_of_schemas_do_not_wait_for_a_time_out_each(
    opened: Open, registry: FakeRegistry, files: SchemaFiles
) -> None:
    """A registry that does not answer is known by the first try, whichever schema that is about."""
    refs = [SchemaRef(f"id/{number}") for number in range(200)]
    for ref in refs:
        files.save(WriterSchema(ref, "AVRO", '"int"'))
    registry.failures = [NoAnswerError("down")] * 100_000
    cache = opened(FetchPace())
    for ref in refs:
        cache.request(ref)
    wait(lambda: all(map(cache.get, refs)))
    assert sum(registry.fetches.values()) == 1
    assert cache.trouble(refs[-1]) == "down"


def test_a_registry_that_lets_nobody_in_is_not_asked_once_per_schema(
    opened: Open, registry: FakeRegistry
) -> None:
    """A wrong password that is sent a hundred times locks the account; one try tells all."""
    cache = opened(FetchPace(30.0))
    registry.failures = [NoAccessError("401")] * 1_000
    refs = [SchemaRef(f"id/{number}") for number in range(100)]
    for ref in refs:
        cache.request(ref)
    wait(lambda: all(cache.trouble(ref) == "401" for ref in refs))
    assert sum(registry.fetches.values()) == 1


def test_a_registry_that_lets_us_in_again_gives_all_that_waited(
    opened: Open, registry: FakeRegistry
) -> None:
    """At once: each of them has waited long enough."""
    cache = opened(QUICK)
    refs = [SchemaRef("id/8"), SchemaRef("id/9")]
    registry.failures = [NoAccessError("401")] * 5
    for ref in refs:
        registry.add(ref)
        cache.request(ref)
    wait(lambda: all(map(cache.get, refs)))
    assert sum(registry.fetches.values()) == 7


def test_a_registry_that_answers_again_is_asked_before_the_disk(
    opened: Open, registry: FakeRegistry, files: SchemaFiles
) -> None:
    """One answer, even a refusal, ends what is known from an earlier silence."""
    first, second = ID, SchemaRef("id/8")
    for ref in (first, second):
        files.save(WriterSchema(ref, "AVRO", '"int"'))
        registry.add(ref, text='"long"')
    registry.failures = [NoAnswerError("down")]
    cache = opened(QUICK)
    fetched(cache, first)
    wait(lambda: cache.get(first) == registry.schemas[first])
    assert fetched(cache, second).text == '"long"'


@pytest.mark.parametrize("error", [NoAnswerError("silence"), NoAccessError("403")])
def test_a_schema_that_is_always_refused_does_not_keep_others_from_their_turn(
    opened: Open, registry: FakeRegistry, files: SchemaFiles, error: CdcError
) -> None:
    """Access may be by subject, and one schema may be too much for the time; the rest is had."""
    cache = opened(QUICK)
    bad, stood_in = SchemaRef("id/1"), SchemaRef("id/2")
    files.save(WriterSchema(stood_in, "AVRO", '"int"'))
    registry.refuses[bad] = error
    cache.request(bad)
    wait(lambda: cache.trouble(bad) == str(error))
    others = [SchemaRef(f"id/{number}") for number in range(7, 27)]
    for ref in (stood_in, *others):
        registry.add(ref)
        cache.request(ref)
    wait(lambda: all(map(cache.get, others)))
    wait(lambda: cache.get(stood_in) == registry.schemas[stood_in])
    assert cache.trouble(bad) == str(error)


class Counted(FetchPace):
    """Waits for nothing, and remembers after which try it was asked."""

    tries: ClassVar[list[int]] = []

    def wait_seconds(self, error: CdcError, tries: int, draw: float) -> float:
        """Count."""
        del error, draw
        self.tries.append(tries)
        return 0.0


def test_an_outage_that_is_over_does_not_lengthen_the_next_one(
    opened: Open, registry: FakeRegistry
) -> None:
    """Waits grow within one outage only."""
    cache = opened(Counted())
    for ref, failures in ((ID, 3), (SchemaRef("id/8"), 2)):
        registry.add(ref)
        registry.failures = [NoAnswerError("down")] * failures
        fetched(cache, ref)
    assert Counted.tries == [1, 2, 3, 1, 2]
