"""Schemas at hand: in memory, on disk, and what is said while they are not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.errors import CdcError, ConfigError, PoisonError, RetryableError
from consumer.domain.schemas import Denial, SchemaRef, WriterSchema
from consumer.kafka.registry import RegistrySettings, UnknownSchemaError
from consumer.kafka.schema_files import SchemaFiles
from consumer.kafka.schemas import FetchPace, SchemaCache
from tests.fakes.registry import FakeRegistry

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


def _wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not until():
        assert time.monotonic() < deadline, "not reached"
        time.sleep(0.001)


def _fetched(cache: SchemaCache, ref: SchemaRef = ID) -> WriterSchema:
    cache.request(ref)
    _wait(lambda: cache.get(ref))
    found = cache.get(ref)
    assert found is not None
    return found


def test_a_schema_that_was_asked_for_comes_by_itself(
    cache: SchemaCache, registry: FakeRegistry
) -> None:
    """The decoder only looks; asking never blocks."""
    schema = registry.add(ID)
    assert cache.get(ID) is None
    assert _fetched(cache) == schema
    assert cache.trouble(ID) is None


def test_asking_again_fetches_nothing(cache: SchemaCache, registry: FakeRegistry) -> None:
    """Every held record asks for the same one."""
    registry.add(ID)
    for _ in range(100):
        cache.request(ID)
    _fetched(cache)
    assert registry.fetches[ID] == 1


@pytest.mark.parametrize("error", [RetryableError("registry down"), ConfigError("unknown id")])
def test_it_is_tried_until_it_is_there_and_says_why_it_is_not(
    cache: SchemaCache, registry: FakeRegistry, error: CdcError
) -> None:
    """Records wait for it; that they do, and for what, must show."""
    registry.failures = [error] * 30
    cache.request(ID)
    _wait(lambda: cache.trouble(ID) == str(error))
    registry.add(ID)
    _wait(lambda: cache.get(ID))
    assert registry.fetches[ID] == 31
    assert cache.trouble(ID) is None


def test_one_that_fails_does_not_hold_up_another(
    cache: SchemaCache, registry: FakeRegistry
) -> None:
    """An unknown id in one topic is no reason to stop all the others."""
    other = SchemaRef("id/8")
    registry.add(other)
    cache.request(ID)
    _fetched(cache, other)
    _wait(lambda: cache.trouble(ID))


def test_what_is_not_avro_can_never_be_used(cache: SchemaCache, registry: FakeRegistry) -> None:
    """Waiting would wait for ever."""
    registry.add(ID, "PROTOBUF")
    cache.request(ID)
    _wait(lambda: registry.fetches[ID])
    with pytest.raises(PoisonError, match="PROTOBUF") as caught:
        _wait(lambda: cache.get(ID))
    assert caught.value.reason == "not_avro"


def test_what_the_registry_calls_poison_stays_so(
    cache: SchemaCache, registry: FakeRegistry
) -> None:
    """Its references go in circles: that does not mend itself."""
    registry.failures = [PoisonError("schema_references", "circle")]
    cache.request(ID)
    with pytest.raises(PoisonError, match="circle"):
        _wait(lambda: cache.get(ID))
    with pytest.raises(PoisonError, match="circle"):
        cache.get(ID)


def test_memory_is_bounded_and_what_fell_out_comes_back(
    cache: SchemaCache, registry: FakeRegistry
) -> None:
    """Some producers register a schema per record."""
    refs = [SchemaRef(f"id/{number}") for number in range(3)]
    for ref in refs:
        registry.add(ref)
        _fetched(cache, ref)
    assert cache.get(refs[0]) is None
    _fetched(cache, refs[0])


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
        _fetched(cache)
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
    assert _fetched(again) == schema
    _wait(lambda: registry.fetches[ID] == 22)
    assert (again.get(ID), registry.failures) == (schema, [])


def test_the_disks_schema_is_replaced_once_the_registry_says_another(
    restarted: Callable[[CdcError], SchemaCache],
    registry: FakeRegistry,
    denials: list[tuple[SchemaRef, Denial]],
) -> None:
    """A registry set up anew gives old ids to others: till the end of the run is too long."""
    again = restarted(RetryableError("down"))
    _fetched(again)
    newer = registry.add(ID, text='"long"')
    _wait(lambda: again.get(ID) == newer)
    assert denials == [(ID, Denial.REPLACED)]


def test_what_the_registry_does_not_know_is_not_read_by_the_disks_copy(
    restarted: Callable[[CdcError], SchemaCache], registry: FakeRegistry
) -> None:
    """The disk's is then another registry's, or a schema that somebody deleted on purpose."""
    again = restarted(UnknownSchemaError("404"))
    again.request(ID)
    _wait(lambda: again.trouble(ID) == "404")
    assert again.get(ID) is None
    _wait(lambda: again.get(ID) == registry.schemas[ID])


def test_a_copy_that_the_registry_denies_later_is_withdrawn(
    restarted: Callable[[CdcError], SchemaCache],
    registry: FakeRegistry,
    denials: list[tuple[SchemaRef, Denial]],
) -> None:
    """Its records wait from then on, in the open."""
    again = restarted(RetryableError("down"))
    _fetched(again)
    registry.failures, registry.schemas = [], {}
    _wait(lambda: again.get(ID) is None)
    _wait(lambda: "unknown" in str(again.trouble(ID)))
    assert denials == [(ID, Denial.WITHDRAWN)]


def test_whoever_asks_to_be_told_of_no_doubt_finds_it_in_the_log(
    cache: SchemaCache,
    registry: FakeRegistry,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Records may have been read wrongly: that must not be lost for want of an argument."""
    registry.add(ID)
    _fetched(cache)
    registry.failures = [RetryableError("down")]
    again = SchemaCache(
        RegistrySettings(URL, cache_directory=tmp_path), registry, FetchPace(0.001, 0.001, 0.001)
    )
    registry.add(ID, text='"long"')
    again.request(ID)
    _wait(lambda: "schema id/7 was replaced" in caplog.text)
    again.close()


def test_what_records_wait_for_is_fetched_before_what_is_to_be_compared(
    cache: SchemaCache, registry: FakeRegistry, tmp_path: Path
) -> None:
    """While the registry is away each try takes a time-out; hundreds of copies can wait for it."""
    registry.add(ID)
    _fetched(cache)
    registry.failures = [RetryableError("down")] * 100_000
    settings = RegistrySettings(URL, cache_directory=tmp_path)
    again = SchemaCache(settings, registry, FetchPace(0.0, 0.0, 0.0))
    _fetched(again)
    awaited = SchemaRef("id/8")
    again.request(awaited)
    _wait(lambda: registry.fetches[awaited])
    compared = registry.fetches[ID]
    _wait(lambda: registry.fetches[awaited] > 50)
    assert registry.fetches[ID] <= compared + 1
    again.close()


def test_the_registry_is_believed_before_the_disk(
    cache: SchemaCache, registry: FakeRegistry, tmp_path: Path
) -> None:
    """A registry set up anew gives old ids to other schemas; decoding by those corrupts."""
    registry.add(ID)
    _fetched(cache)
    newer = registry.add(ID, text='"long"')
    again = SchemaCache(RegistrySettings(URL, cache_directory=tmp_path), registry)
    assert _fetched(again) == newer
    again.close()


def test_a_disk_that_takes_nothing_stops_nothing(registry: FakeRegistry, tmp_path: Path) -> None:
    """It is only a second copy."""
    (tmp_path / "file").touch()
    registry.add(ID)
    cache = SchemaCache(RegistrySettings(URL, cache_directory=tmp_path / "file"), registry)
    _fetched(cache)
    cache.close()


def test_a_damaged_file_is_no_schema(tmp_path: Path) -> None:
    """Half a schema would decode half a row."""
    files = SchemaFiles(tmp_path, URL)
    schema = WriterSchema(ID, "AVRO", '"int"', (("a", '"a"'),))
    files.save(schema)
    assert files.load(ID) == schema
    (path,) = tmp_path.rglob("*.json")
    for content in ("", '{"schema_type": "AVRO"}', "[]", path.read_text()[:-4]):
        path.write_text(content)
        assert files.load(ID) is None


def test_ids_of_another_registry_are_not_looked_at(tmp_path: Path) -> None:
    """The same number means another schema there; a new password does not make it another."""
    SchemaFiles(tmp_path, "http://user:old@one:8081/").save(WriterSchema(ID, "AVRO", '"int"'))
    assert SchemaFiles(tmp_path, "http://user:new@one:8081").load(ID)
    assert SchemaFiles(tmp_path, "http://two:8081").load(ID) is None


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_grow_to_their_bound_and_are_spread(tries: int, draw: float) -> None:
    """All members ask the same registry; it must not be met by all of them at once."""
    pace = FetchPace()
    passing = pace.wait_seconds(RetryableError(""), tries, draw)
    assert 0.25 <= passing <= 30.0
    assert passing <= 0.5 * 2.0 ** min(tries - 1, 16)
    assert 15.0 <= pace.wait_seconds(ConfigError(""), tries, draw) <= 30.0
