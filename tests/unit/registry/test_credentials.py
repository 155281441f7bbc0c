"""Who asks: basic, bearer, OAuth, over real HTTP; nothing secret is ever said."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from consumer.config.secrets import SecretFile
from consumer.domain.errors import CdcError, ConfigError, RetryableError
from consumer.domain.schemas import SchemaRef
from consumer.http.deadline import Deadline
from consumer.registry.oauth import Tokens
from consumer.registry.remote import RemoteRegistry
from consumer.registry.settings import Basic, Bearer, Credentials, OAuth, RegistrySettings
from tests.fakes.clock import ManualClock
from tests.fakes.registry import Answer, Asked, HttpRegistry, http_registry

ID = SchemaRef("id/7")
GOOD: Answer = (200, {"schema": '"int"'})
REFUSED: Answer = (401, {"error_code": 401, "message": "hunter2"})


@pytest.fixture
def http() -> Iterator[HttpRegistry]:
    """Give a registry that has schema 7."""
    with http_registry() as http:
        http.answers["/schemas/ids/7"] = GOOD
        yield http


@pytest.fixture
def tokens() -> Iterator[HttpRegistry]:
    """Give a token endpoint that gives `token-1`, `token-2`, … for a minute each."""
    with http_registry() as endpoint:
        endpoint.gate = lambda _: (
            200,
            {
                "access_token": f"token-{len(endpoint.seen)}",
                "token_type": "Bearer",
                "expires_in": 60,
            },
        )
        yield endpoint


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Give a file with a secret."""
    file = tmp_path / "secret"
    file.write_text("hunter2\n", encoding="utf-8")
    return file


def only(authorization: Callable[[], str]) -> Callable[[Asked], Answer | None]:
    """Return a gate that lets this `Authorization` in."""
    return lambda asked: None if asked.headers.get("authorization") == authorization() else REFUSED


def basic(user: str, password: str) -> str:
    """Return the header of a user and a password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def registry(http: HttpRegistry, credentials: Credentials | None = None) -> RemoteRegistry:
    """Return a registry that is asked by somebody."""
    return RemoteRegistry(RegistrySettings(http.url, credentials=credentials))


def oauth(endpoint: HttpRegistry, secret: Path) -> OAuth:
    """Return a client of the token endpoint."""
    url = f"{endpoint.url}/token"
    return OAuth(url, "the:client", SecretFile(secret).reveal, "schemas:read")


def test_a_password_is_read_whenever_it_is_needed(http: HttpRegistry, secret: Path) -> None:
    """Exchanged on disk it counts at once: no restart."""
    accepted = "hunter2"
    http.gate = only(lambda: basic("Zoë", accepted))
    asked = registry(http, Basic("Zoë", SecretFile(secret).reveal))
    assert asked.fetch(ID).text == '"int"'
    accepted = "swordfish"
    with pytest.raises(ConfigError, match=r"401: check schema_registry\.basic"):
        asked.fetch(ID)
    secret.write_text("swordfish", encoding="utf-8")
    assert asked.fetch(ID).text == '"int"'


def test_a_token_is_read_whenever_it_is_needed(http: HttpRegistry, secret: Path) -> None:
    """A projected token is another one every hour."""
    accepted = "hunter2"
    http.gate = only(lambda: f"Bearer {accepted}")
    asked = registry(http, Bearer(SecretFile(secret).reveal))
    assert asked.fetch(ID).text == '"int"'
    accepted = "swordfish"
    with pytest.raises(ConfigError, match=r"401: check schema_registry\.bearer_token_file"):
        asked.fetch(ID)
    secret.write_text("swordfish\n", encoding="utf-8")
    assert asked.fetch(ID).text == '"int"'


def test_a_client_gets_its_token_and_uses_it_until_it_ends(
    http: HttpRegistry, tokens: HttpRegistry, secret: Path
) -> None:
    """Id and secret go form-encoded into the header (RFC 6749 §2.3.1), never into an address."""
    http.gate = only(lambda: "Bearer token-1")
    asked = registry(http, oauth(tokens, secret))
    for _ in range(3):
        assert asked.fetch(ID).text == '"int"'
    (request,) = tokens.seen
    assert (request.method, request.path) == ("POST", "/token")
    assert request.headers["authorization"] == basic("the%3Aclient", "hunter2")
    form = {"grant_type": ["client_credentials"], "scope": ["schemas:read"]}
    assert parse_qs(request.body.decode()) == form


def test_a_token_that_is_not_taken_any_more_is_exchanged_at_once(
    http: HttpRegistry, tokens: HttpRegistry, secret: Path
) -> None:
    """Revoked before its time; the second refusal in a row is believed."""
    accepted = "Bearer token-1"
    http.gate = only(lambda: accepted)
    asked = registry(http, oauth(tokens, secret))
    asked.fetch(ID)
    accepted = "Bearer token-2"
    assert asked.fetch(ID).text == '"int"'
    accepted = "Bearer nothing"
    with pytest.raises(ConfigError, match=r"401: check schema_registry\.oauth"):
        asked.fetch(ID)
    assert len(tokens.seen) == 3


def test_a_token_is_exchanged_before_it_ends(tokens: HttpRegistry, secret: Path) -> None:
    """With a fifth of its time left: clocks differ, and a request takes time."""
    clock = ManualClock()
    kept = Tokens(oauth(tokens, secret), clock.monotonic)
    taken = []
    for seconds in (0.0, 47.0, 2.0):
        clock.now += seconds
        taken.append(kept.token(Deadline.after(5.0)))
    assert taken == ["token-1", "token-1", "token-2"]


WAIT, CHECK = RetryableError, ConfigError


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((401, {"error": "invalid_client"}), CHECK("answered 401, invalid_client: check")),
        ((400, {"error": "hunter2"}), CHECK("answered 400: check token_url, client_id")),
        ((404, "hunter2"), CHECK("answered 404: check token_url")),
        ((302, {}), CHECK("answered 302")),
        ((200, {"access_token": 7}), CHECK("holds no bearer token")),
        ((200, {"access_token": "hunter2\n"}), CHECK("holds no bearer token")),
        ((200, {"access_token": "hunter2", "token_type": "mac"}), CHECK("no bearer token")),
        ((200, ["hunter2"]), CHECK("holds no bearer token")),
        ((429, {}), WAIT("answered 429")),
        ((503, {}), WAIT("answered 503")),
    ],
)
def test_what_a_token_endpoint_says_is_translated(
    tokens: HttpRegistry, secret: Path, answer: Answer, error: CdcError
) -> None:
    """Wait, or say what to check; none of its words."""
    tokens.gate = lambda _: answer
    with pytest.raises(type(error), match=str(error)) as caught:
        Tokens(oauth(tokens, secret)).token(Deadline.after(5.0))
    assert str(caught.value).startswith("schema_registry.oauth: ")
    assert "hunter2" not in repr(caught.value)


def test_a_token_endpoint_that_is_away_is_waited_for(http: HttpRegistry, secret: Path) -> None:
    """As the registry itself is."""
    away = OAuth("http://127.0.0.1:9/token", "client", SecretFile(secret).reveal)
    with pytest.raises(RetryableError, match=r"schema_registry\.oauth: no token: ConnectError"):
        registry(http, away).fetch(ID)
    assert http.seen == []


@pytest.mark.parametrize("lasts", [None, "60", -1, 1e300])
def test_a_token_without_a_sane_end_is_used_for_a_minute(
    tokens: HttpRegistry, secret: Path, lasts: object
) -> None:
    """`expires_in` is recommended, no more."""
    tokens.gate = lambda _: (200, {"access_token": f"t{len(tokens.seen)}", "expires_in": lasts})
    clock = ManualClock()
    kept = Tokens(oauth(tokens, secret), clock.monotonic)
    taken = []
    for seconds in (0.0, 0.5, 60.0):
        clock.now += seconds
        taken.append(kept.token(Deadline.after(5.0)))
    assert taken == ["t1", "t1", "t2"]


def test_a_registry_that_wants_credentials_says_so(http: HttpRegistry) -> None:
    """The first thing that goes wrong with a new registry."""
    http.gate = lambda _: REFUSED
    with pytest.raises(ConfigError, match=r"whether it wants credentials") as caught:
        registry(http).fetch(ID)
    assert "hunter2" not in str(caught.value)


def test_more_headers_go_with_every_request(http: HttpRegistry, secret: Path) -> None:
    """Confluent Cloud's OAuth wants to know the cluster."""
    headers = {"target-sr-cluster": lambda: "lsrc-1", "X-Key": SecretFile(secret).reveal}
    settings = RegistrySettings(http.url, headers=headers)
    RemoteRegistry(settings).fetch(ID)
    sent = http.seen[0].headers
    assert (sent["target-sr-cluster"], sent["x-key"]) == ("lsrc-1", "hunter2")
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("content", ["hunter2\x7f", "hunter2\nX-Admin: yes", "hünter2"])
def test_a_secret_that_no_header_can_hold_is_not_quoted(
    http: HttpRegistry, secret: Path, content: str
) -> None:
    """A file with more in it than the token; the HTTP library would show it."""
    secret.write_text(content, encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"schema_registry\.bearer_token_file has characters"
    ) as caught:
        registry(http, Bearer(SecretFile(secret).reveal)).fetch(ID)
    assert "nter2" not in repr(caught.value)
    assert http.seen == []


def test_nothing_secret_is_in_a_repr(secret: Path) -> None:
    """Settings end in tracebacks."""
    reveal = SecretFile(secret).reveal
    shown = [repr(each) for each in (Basic("u", reveal), Bearer(reveal), OAuth("u", "c", reveal))]
    assert all("hunter2" not in each for each in shown)


def test_credentials_go_to_the_registry_only(http: HttpRegistry, secret: Path) -> None:
    """A redirection could lead anywhere: it is not followed."""
    with ExitStack() as stack:
        thief = stack.enter_context(http_registry())
        http.gate = lambda _: (307, {})
        asked = registry(http, Bearer(SecretFile(secret).reveal))
        with pytest.raises(ConfigError, match="redirection"):
            asked.fetch(ID)
        assert thief.seen == []
