"""The registry over real HTTP: what is asked, what its answers mean, and how far we follow it."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from consumer.domain.errors import CdcError, ConfigError, PoisonError, RetryableError
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.registry.client import MAX_ANSWER_BYTES
from consumer.registry.errors import NoAnswerError, UnknownSchemaError
from consumer.registry.remote import MAX_DEPTH, RemoteRegistry
from consumer.registry.settings import RegistrySettings
from tests.fakes.registry import Asked, HttpRegistry, Raw, http_registry
from tests.unit.coveo.raw_server import Part, drip, raw_server

ID = SchemaRef("id/7")


@pytest.fixture
def http() -> Iterator[HttpRegistry]:
    """Give a registry that knows nothing."""
    with http_registry() as http:
        yield http


def _fetch(http: HttpRegistry, ref: SchemaRef = ID) -> WriterSchema:
    return RemoteRegistry(RegistrySettings(http.url)).fetch(ref)


def _say_nothing(connection: socket.socket) -> None:
    connection.recv(1)


def _reference(name: str) -> dict[str, object]:
    return {"name": name, "subject": f"{name}-value", "version": 1}


def _version(http: HttpRegistry, name: str, *references: str) -> None:
    document = {
        "subject": f"{name}-value",
        "version": 1,
        "id": 1,
        "schema": f'"{name}"',
        "references": [_reference(other) for other in references],
    }
    http.answers[f"/subjects/{name}-value/versions/1"] = (200, document)


def test_an_id_is_read_with_its_type(http: HttpRegistry) -> None:
    """Without a type the registry means Avro."""
    http.answers["/schemas/ids/7"] = (200, {"schema": '"int"'})
    http.answers["/schemas/ids/8"] = (200, {"schema": "{}", "schemaType": "JSON"})
    assert _fetch(http) == WriterSchema(ID, "AVRO", '"int"')
    assert _fetch(http, SchemaRef("id/8")).schema_type == "JSON"


def test_references_come_in_the_order_in_which_they_must_be_parsed(http: HttpRegistry) -> None:
    """The deepest first, each once, though two refer to it."""
    http.answers["/schemas/ids/7"] = (
        200,
        {"schema": '"x"', "references": [_reference("a"), _reference("b")]},
    )
    _version(http, "a", "c")
    _version(http, "b", "c")
    _version(http, "c")
    assert _fetch(http).references == (("c", '"c"'), ("a", '"a"'), ("b", '"b"'))


def test_requests_are_counted_by_how_they_were_answered(http: HttpRegistry) -> None:
    """A registry that answers 500 now and then shows long before records wait for it."""
    registry = RemoteRegistry(RegistrySettings(http.url))
    assert registry.requests() == {"200": 0}
    http.answers["/schemas/ids/7"] = (200, {"schema": '"x"', "references": [_reference("a")]})
    _version(http, "a")
    registry.fetch(ID)
    http.answers["/schemas/ids/9"] = (503, {"error_code": 50301, "message": "no leader"})
    for ref in ("id/8", "id/9"):
        with pytest.raises(CdcError):
            registry.fetch(SchemaRef(ref))
    assert registry.requests() == {"200": 2, "404": 1, "503": 1}


def test_a_registry_that_does_not_answer_counts_as_transport() -> None:
    """There is no status to count it under."""
    registry = RemoteRegistry(RegistrySettings("http://127.0.0.1:9"))
    with pytest.raises(RetryableError):
        registry.fetch(ID)
    assert registry.requests() == {"200": 0, "transport": 1}


@pytest.mark.parametrize("chain", [("a", "b", "a"), tuple(f"n{i}" for i in range(MAX_DEPTH + 2))])
def test_references_without_end_are_refused(http: HttpRegistry, chain: tuple[str, ...]) -> None:
    """Registry content is untrusted: circles and towers must not hang the fetching."""
    http.answers["/schemas/ids/7"] = (200, {"schema": '"x"', "references": [_reference(chain[0])]})
    for name, following in itertools.pairwise(chain):
        _version(http, name, following)
    with pytest.raises(PoisonError) as caught:
        _fetch(http)
    assert caught.value.reason == "schema_references"


@pytest.mark.parametrize(
    ("status", "code", "kind", "says"),
    [
        (404, 40403, UnknownSchemaError, "unknown to the registry"),
        (401, 401, ConfigError, "whether it wants credentials"),
        (403, 40301, ConfigError, "rights to read schemas"),
        (302, 0, ConfigError, "redirection"),
        (422, 42201, ConfigError, "url"),
        (429, 429, RetryableError, "429"),
        (500, 50001, RetryableError, "500"),
        (503, 1, RetryableError, "503"),
    ],
)
def test_every_answer_says_what_to_do(
    http: HttpRegistry, status: int, code: int, kind: type[CdcError], says: str
) -> None:
    """Wait, or ask someone: never give the record up."""
    http.answers["/schemas/ids/7"] = (status, {"error_code": code, "message": "secret row"})
    with pytest.raises(kind, match=says) as caught:
        _fetch(http)
    assert "id/7" in str(caught.value)
    assert "secret row" not in str(caught.value)


def test_a_registry_that_is_away_is_waited_for() -> None:
    """Its restart and ours may come in any order."""
    away = RemoteRegistry(RegistrySettings("http://127.0.0.1:9"))
    with pytest.raises(RetryableError, match=r"not reachable: ConnectError \(ECONNREFUSED\)"):
        away.fetch(ID)


def test_one_request_per_try(http: HttpRegistry) -> None:
    """Waiting is the cache's business, where it can be seen."""
    http.answers["/schemas/ids/7"] = (503, {"error_code": 1, "message": ""})
    with pytest.raises(RetryableError):
        _fetch(http)
    assert len(http.requests) == 1


def test_the_next_address_is_asked_when_one_does_not_answer(http: HttpRegistry) -> None:
    """Nobody there, or nothing but failures of its own; the path after an address is kept."""
    http.answers["/good/schemas/ids/7"] = (200, {"schema": '"int"'})
    http.answers["/bad/schemas/ids/7"] = (503, {})
    urls = f"http://127.0.0.1:9, {http.url}/bad/ ,{http.url}/good"
    assert RemoteRegistry(RegistrySettings(urls)).fetch(ID).text == '"int"'
    assert http.requests == ["/bad/schemas/ids/7", "/good/schemas/ids/7"]


def test_an_address_that_says_nothing_leaves_time_for_the_next_one_and_is_asked_last(
    http: HttpRegistry,
) -> None:
    """A host that swallows everything is the commonest way to be away; it costs its share once."""
    http.answers["/schemas/ids/7"] = (200, {"schema": '"int"'})
    with raw_server(_say_nothing) as silent:
        urls = f"{silent.url},{http.url}"
        registry = RemoteRegistry(RegistrySettings(urls, deadline_seconds=0.4))
        for _ in range(3):
            assert registry.fetch(ID).text == '"int"'
    assert registry.requests() == {"200": 3, "transport": 1}


def test_an_address_that_does_not_know_a_schema_is_believed(http: HttpRegistry) -> None:
    """All addresses are one registry."""
    urls = f"{http.url},http://127.0.0.1:9"
    with pytest.raises(UnknownSchemaError):
        RemoteRegistry(RegistrySettings(urls)).fetch(ID)


@pytest.mark.parametrize(
    "part",
    [
        drip(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 200),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b" " * 160),
        _say_nothing,
    ],
    ids=["headers", "body", "silence"],
)
def test_a_registry_that_never_comes_to_an_end_is_given_up_in_time(part: Part) -> None:
    """Other schemas wait behind this one."""
    with raw_server(part) as server:
        registry = RemoteRegistry(RegistrySettings(server.url, deadline_seconds=0.15))
        started = time.monotonic()
        with pytest.raises(RetryableError, match="not reachable"):
            registry.fetch(ID)
    assert time.monotonic() - started < 2.0


def test_one_deadline_holds_for_a_schema_with_all_it_refers_to(http: HttpRegistry) -> None:
    """Two hundred references of ten seconds each would be half an hour."""
    names = [f"n{number}" for number in range(100)]
    references = [_reference(name) for name in names]
    http.answers["/schemas/ids/7"] = (200, {"schema": '"x"', "references": references})
    for name in names:
        _version(http, name)

    def slowly(_: Asked) -> None:
        time.sleep(0.05)

    http.gate = slowly
    with pytest.raises(RetryableError, match="not reachable"):
        RemoteRegistry(RegistrySettings(http.url, deadline_seconds=0.3)).fetch(ID)
    assert len(http.requests) < 20


def test_an_answer_beyond_any_schema_is_poison(http: HttpRegistry) -> None:
    """It is not read to its end, nor does waiting make it smaller."""
    http.answers["/schemas/ids/7"] = (200, Raw(b" " * (MAX_ANSWER_BYTES + 1)))
    with pytest.raises(PoisonError, match="longer than any schema") as caught:
        _fetch(http)
    assert caught.value.reason == "bad_schema"


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500, 503])
def test_a_refusal_of_any_length_is_what_its_status_says(http: HttpRegistry, status: int) -> None:
    """A proxy's endless page must not set every record aside that was written with a schema."""
    http.answers["/schemas/ids/7"] = (status, Raw(b" " * (MAX_ANSWER_BYTES + 1)))
    with pytest.raises((RetryableError, ConfigError), match=f"answered {status}"):
        _fetch(http)


def test_answers_are_asked_for_without_compression(http: HttpRegistry) -> None:
    """A bounded answer must not unfold beyond its bound; one that does all the same is no JSON."""
    body = gzip.compress(json.dumps({"schema": '"int"'}).encode())
    http.answers["/schemas/ids/7"] = (200, Raw(body, {"Content-Encoding": "gzip"}))
    with pytest.raises(RetryableError, match="holds no schema"):
        _fetch(http)
    assert http.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("filler", ["[],", '{"":0},', '"ab",', "1e1,"])
def test_an_answer_of_millions_of_values_is_not_unfolded(http: HttpRegistry, filler: str) -> None:
    """Eight megabytes of brackets were 250 in memory: enough to have the process killed."""
    body = '{"schema": "\\"int\\"", "x": [' + filler * (4_000_000 // len(filler)) + "0]}"
    http.answers["/schemas/ids/7"] = (200, Raw(body.encode()))
    tracemalloc.start()
    try:
        with pytest.raises(RetryableError, match="holds no schema"):
            _fetch(http)
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_the_longest_schema_is_read(http: HttpRegistry) -> None:
    """Brackets and commas within a schema's text are its own business."""
    text = json.dumps({"type": "record", "doc": "[{,\\" * 400_000})
    http.answers["/schemas/ids/7"] = (200, {"schema": text})
    assert _fetch(http).text == text


@pytest.mark.parametrize("subject", ["z" * 100_000, "\ud800", "a\x00b"])
def test_a_reference_that_no_address_can_hold_is_about_its_schema_alone(
    http: HttpRegistry, subject: str
) -> None:
    """It says nothing of whether the registry answers, and is no bug of ours."""
    reference = {"name": "a", "subject": subject, "version": 1}
    http.answers["/schemas/ids/7"] = (200, {"schema": '"x"', "references": [reference]})
    with pytest.raises((PoisonError, ConfigError, RetryableError)) as caught:
        _fetch(http)
    assert not isinstance(caught.value, NoAnswerError)


def test_an_answer_that_nests_too_deep_is_no_schema(http: HttpRegistry) -> None:
    """Its reader must not run out of stack."""
    http.answers["/schemas/ids/7"] = (200, Raw(b"[" * 200_000 + b"]" * 200_000))
    with pytest.raises(RetryableError, match="holds no schema"):
        _fetch(http)
