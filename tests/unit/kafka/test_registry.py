"""The registry over real HTTP: what is asked, what its answers mean, and how far we follow it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from consumer.domain.errors import CdcError, ConfigError, PoisonError, RetryableError
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.kafka.registry import (
    MAX_DEPTH,
    ConfluentRegistry,
    RegistrySettings,
    UnknownSchemaError,
)
from tests.fakes.registry import HttpRegistry, http_registry

ID = SchemaRef("id/7")


@pytest.fixture
def http() -> Iterator[HttpRegistry]:
    """Give a registry that knows nothing."""
    with http_registry() as http:
        yield http


def _fetch(http: HttpRegistry, ref: SchemaRef = ID) -> WriterSchema:
    return ConfluentRegistry(RegistrySettings(http.url, timeout_seconds=5.0)).fetch(ref)


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


def test_a_guid_is_read_by_its_own_address(http: HttpRegistry) -> None:
    """Newer producers write it in place of the id."""
    path = "/schemas/guids/89791762-2336-4186-9674-299b90a802e2"
    http.answers[path] = (200, {"schema": '"int"'})
    assert _fetch(http, SchemaRef("guid/8979176223364186" + "9674299b90a802e2")).text == '"int"'


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
    registry = ConfluentRegistry(RegistrySettings(http.url, timeout_seconds=5.0))
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
    registry = ConfluentRegistry(RegistrySettings("http://127.0.0.1:1", timeout_seconds=1.0))
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
        (404, 40403, UnknownSchemaError, "unknown to the registry; check its url and context"),
        (401, 401, ConfigError, "credentials"),
        (403, 40301, ConfigError, "credentials"),
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


def test_a_registry_that_is_away_or_talks_nonsense_is_waited_for(http: HttpRegistry) -> None:
    """Its client lets its libraries' errors through; none of them may end the thread."""
    http.answers["/schemas/ids/7"] = (200, ["not", "a", "schema"])
    with pytest.raises(RetryableError):
        _fetch(http)
    away = ConfluentRegistry(RegistrySettings("http://127.0.0.1:9"))
    with pytest.raises(RetryableError, match="not reachable"):
        away.fetch(ID)


def test_one_request_per_try(http: HttpRegistry) -> None:
    """The client's own tries would wait where nobody sees it."""
    http.answers["/schemas/ids/7"] = (503, {"error_code": 1, "message": ""})
    with pytest.raises(RetryableError):
        _fetch(http)
    assert len(http.requests) == 1


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("http://127.0.0.1:9", {"no.such": "s3cret"}),
        ("user:s3cret@registry:8081", {}),
        ("https://u:s3cret@[bad", {}),
        ("https://registry", {"basic.auth.user.info": "s3cret"}),
        ("https://registry", {"bearer.auth.credentials.source": "s3cret"}),
        ("https://u:s3cret@registry", {"basic.auth.user.info": "a:b"}),
        ("https://registry", {"ssl.key.password": "s3cret", "ssl.key.location": "/none"}),
        ("https://registry", {"ssl.ca.location": "/none"}),
    ],
)
def test_settings_that_the_client_refuses_are_named_without_a_value(
    url: str, options: dict[str, str | int | float | bool]
) -> None:
    """Its own words quote addresses and passwords, and this ends on standard error."""
    with pytest.raises(ConfigError, match="schema_registry: the client refuses") as caught:
        ConfluentRegistry(RegistrySettings(url, options))
    assert "s3cret" not in str(caught.value)
    assert all(name in str(caught.value) for name in options)
    assert caught.value.__suppress_context__


def test_credentials_are_not_in_the_repr() -> None:
    """They are part of the options."""
    assert "hunter2" not in repr(
        RegistrySettings("http://r", {"basic.auth.user.info": "u:hunter2"})
    )
