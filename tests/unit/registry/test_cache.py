"""Schemas at hand: in memory, on disk, and what is said while they are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.errors import CdcError, ConfigError, PoisonError, RetryableError
from consumer.domain.schemas import Denial, SchemaRef
from consumer.registry.cache import FetchPace, SchemaCache
from consumer.registry.errors import NoAccessError, UnknownSchemaError
from consumer.registry.settings import RegistrySettings
from tests.fakes.registry import FakeRegistry
from tests.unit.registry.waiting import fetched, wait

ID = SchemaRef("id/7")
URL = "http://registry:8081"
Open = Callable[[], SchemaCache]


@pytest.fixture
def registry() -> FakeRegistry:
    """Give an empty registry."""
    return FakeRegistry()


@pytest.fixture
def cache(registry: FakeRegistry, tmp_path: Path) -> Iterator[SchemaCache]:
    """Give a cache that tries again at once."""
    settings = RegistrySettings(URL, cache_directory=tmp_path)
    cache = SchemaCache(settings, registry, FetchPace(0.001, 0.002, 0.005), max_schemas=2)
    yield cache
    cache.close()


def test_a_schema_that_was_asked_for_comes_by_itself(
    cache: SchemaCache, registry: FakeRegistry
) -> None:
    """The decoder only looks; asking never blocks."""
    schema = registry.add(ID)
    assert cache.get(ID) is None
    assert fetched(cache, ID) == schema
    assert cache.trouble(ID) is None


def test_asking_again_fetches_nothing(cache: SchemaCache, registry: FakeRegistry) -> None:
    """Every held record asks for the same one."""
    registry.add(ID)
    for _ in range(100):
        cache.request(ID)
    fetched(cache, ID)
    assert registry.fetches[ID] == 1


@pytest.mark.parametrize("error", [RetryableError("registry down"), ConfigError("unknown id")])
def test_it_is_tried_until_it_is_there_and_says_why_it_is_not(
    cache: SchemaCache, registry: FakeRegistry, error: CdcError
) -> None:
    """Records wait for it; that they do, and for what, must show."""
    registry.failures = [error] * 30
    cache.request(ID)
    wait(lambda: cache.trouble(ID) == str(error))
    registry.add(ID)
    wait(lambda: cache.get(ID))
    assert registry.fetches[ID] == 31
    assert cache.trouble(ID) is None


def test_one_that_fails_does_not_hold_up_another(
    cache: SchemaCache, registry: FakeRegistry
) -> None:
    """An unknown id in one topic is no reason to stop all the others."""
    other = SchemaRef("id/8")
    registry.add(other)
    cache.request(ID)
    fetched(cache, other)
    wait(lambda: cache.trouble(ID))


def test_what_is_not_avro_can_never_be_used(cache: SchemaCache, registry: FakeRegistry) -> None:
    """Waiting would wait for ever."""
    registry.add(ID, "PROTOBUF")
    cache.request(ID)
    wait(lambda: registry.fetches[ID])
    with pytest.raises(PoisonError, match="of type PROTOBUF, and only AVRO is read") as caught:
        wait(lambda: cache.get(ID))
    assert caught.value.reason == "not_avro"
    assert "give the connector an Avro converter for keys and values" in str(caught.value)


def test_what_the_registry_calls_poison_stays_so(
    cache: SchemaCache, registry: FakeRegistry
) -> None:
    """Its references go in circles: that does not mend itself."""
    registry.failures = [PoisonError("schema_references", "circle")]
    cache.request(ID)
    with pytest.raises(PoisonError, match="circle"):
        wait(lambda: cache.get(ID))
    with pytest.raises(PoisonError, match="circle"):
        cache.get(ID)


def test_memory_is_bounded_and_what_fell_out_comes_back(
    cache: SchemaCache, registry: FakeRegistry
) -> None:
    """Some producers register a schema per record."""
    refs = [SchemaRef(f"id/{number}") for number in range(3)]
    for ref in refs:
        registry.add(ref)
        fetched(cache, ref)
    assert cache.get(refs[0]) is None
    fetched(cache, refs[0])


@pytest.fixture
def denials() -> list[tuple[SchemaRef, Denial]]:
    """Give what the restarted cache says about copies on its disk."""
    return []


@pytest.fixture
def restarted(
    cache: SchemaCache,
    registry: FakeRegistry,
    tmp_path: Path,
    denials: list[tuple[SchemaRef, Denial]],
) -> Iterator[Callable[[CdcError], SchemaCache]]:
    """Give a cache that has ID on its disk and a registry that does not say so at first."""
    opened: list[SchemaCache] = []

    def restart(error: CdcError) -> SchemaCache:
        registry.add(ID)
        fetched(cache, ID)
        registry.failures = [error] * 20
        settings = RegistrySettings(URL, cache_directory=tmp_path)
        pace = FetchPace(0.001, 0.002, 0.002)
        tell = lambda ref, denial: denials.append((ref, denial))  # noqa: E731
        opened.append(SchemaCache(settings, registry, pace, denied=tell))
        return opened[0]

    yield restart
    for each in opened:
        each.close()


@pytest.mark.parametrize("error", [RetryableError("down"), ConfigError("401")])
def test_the_disk_serves_while_the_registry_does_not_answer(
    restarted: Callable[[CdcError], SchemaCache], registry: FakeRegistry, error: CdcError
) -> None:
    """A restart needs no registry; it is asked all the same, until it has confirmed the copy."""
    again = restarted(error)
    schema = registry.schemas[ID]
    assert fetched(again, ID) == schema
    wait(lambda: registry.fetches[ID] == 22)
    assert (again.get(ID), registry.failures) == (schema, [])


def test_the_disks_schema_is_replaced_once_the_registry_says_another(
    restarted: Callable[[CdcError], SchemaCache],
    registry: FakeRegistry,
    denials: list[tuple[SchemaRef, Denial]],
) -> None:
    """A registry set up anew gives old ids to others: till the end of the run is too long."""
    again = restarted(RetryableError("down"))
    fetched(again, ID)
    newer = registry.add(ID, text='"long"')
    wait(lambda: again.get(ID) == newer)
    assert denials == [(ID, Denial.REPLACED)]


def test_a_registry_that_means_another_schema_by_an_old_name_is_believed_aloud(
    restarted: Callable[[CdcError], SchemaCache],
    registry: FakeRegistry,
    denials: list[tuple[SchemaRef, Denial]],
) -> None:
    """It was set up anew while we were away: records from before can be read to the last byte."""
    again = restarted(RetryableError("never raised"))
    registry.failures = []
    newer = registry.add(ID, text='"long"')
    assert fetched(again, ID) == newer
    assert denials == [(ID, Denial.REPLACED)]


def test_what_the_registry_does_not_know_is_not_read_by_the_disks_copy(
    restarted: Callable[[CdcError], SchemaCache], registry: FakeRegistry
) -> None:
    """The disk's is then another registry's, or a schema that somebody deleted on purpose."""
    again = restarted(UnknownSchemaError("404"))
    again.request(ID)
    wait(lambda: again.trouble(ID) == "404")
    assert again.get(ID) is None
    wait(lambda: again.get(ID) == registry.schemas[ID])


def test_a_copy_that_the_registry_denies_later_is_withdrawn(
    restarted: Callable[[CdcError], SchemaCache],
    registry: FakeRegistry,
    denials: list[tuple[SchemaRef, Denial]],
) -> None:
    """Its records wait from then on, in the open."""
    again = restarted(RetryableError("down"))
    fetched(again, ID)
    registry.failures, registry.schemas = [], {}
    wait(lambda: again.get(ID) is None)
    wait(lambda: "unknown" in str(again.trouble(ID)))
    assert denials == [(ID, Denial.WITHDRAWN)]


def test_whoever_asks_to_be_told_of_no_doubt_finds_it_in_the_log(
    cache: SchemaCache,
    registry: FakeRegistry,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Records may have been read wrongly: that must not be lost for want of an argument."""
    registry.add(ID)
    fetched(cache, ID)
    registry.failures = [RetryableError("down")]
    again = SchemaCache(
        RegistrySettings(URL, cache_directory=tmp_path), registry, FetchPace(0.001, 0.001, 0.001)
    )
    registry.add(ID, text='"long"')
    again.request(ID)
    wait(lambda: "schema id/7 was replaced" in caplog.text)
    again.close()


def test_what_records_wait_for_is_fetched_before_what_is_to_be_compared(
    cache: SchemaCache, registry: FakeRegistry, tmp_path: Path
) -> None:
    """While the registry is away each try takes a time-out; hundreds of copies can wait for it."""
    registry.add(ID)
    fetched(cache, ID)
    registry.failures = [RetryableError("down")] * 100_000
    settings = RegistrySettings(URL, cache_directory=tmp_path)
    again = SchemaCache(settings, registry, FetchPace(0.0, 0.0, 0.0))
    fetched(again, ID)
    awaited = SchemaRef("id/8")
    again.request(awaited)
    wait(lambda: registry.fetches[awaited])
    compared = registry.fetches[ID]
    wait(lambda: registry.fetches[awaited] > 50)
    assert registry.fetches[ID] <= compared + 1
    again.close()


def test_the_registry_is_believed_before_the_disk(
    cache: SchemaCache, registry: FakeRegistry, tmp_path: Path
) -> None:
    """A registry set up anew gives old ids to other schemas; decoding by those corrupts."""
    registry.add(ID)
    fetched(cache, ID)
    newer = registry.add(ID, text='"long"')
    again = SchemaCache(RegistrySettings(URL, cache_directory=tmp_path), registry)
    assert fetched(again, ID) == newer
    again.close()


def test_a_disk_that_takes_nothing_stops_nothing(registry: FakeRegistry, tmp_path: Path) -> None:
    """It is only a second copy."""
    (tmp_path / "file").touch()
    registry.add(ID)
    cache = SchemaCache(RegistrySettings(URL, cache_directory=tmp_path / "file"), registry)
    fetched(cache, ID)
    cache.close()


def test_a_bug_about_one_schema_does_not_end_the_fetching_of_others(
    cache: SchemaCache, registry: FakeRegistry
) -> None:
    """There is one thread: without it every partition would wait for ever, and not say why."""
    other = SchemaRef("id/8")
    registry.add(other)
    registry.bugs = [KeyError("secret")] * 50
    cache.request(ID)
    says = "schema id/7: KeyError inside coveo-cdc: report it"
    wait(lambda: cache.trouble(ID) == says)
    fetched(cache, other)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_grow_to_their_bound_and_are_spread(tries: int, draw: float) -> None:
    """All members ask the same registry; it must not be met by all of them at once."""
    pace = FetchPace()
    passing = pace.wait_seconds(RetryableError(""), tries, draw)
    assert 0.25 <= passing <= 30.0
    assert passing <= 0.5 * 2.0 ** min(tries - 1, 16)
    assert passing == pace.wait_seconds(NoAccessError(""), tries, draw)
    assert 15.0 <= pace.wait_seconds(ConfigError(""), tries, draw) <= 30.0
