"""GET from a registry: within a deadline, bounded, as whoever we are. Imports httpx.

Credentials and TLS files are read when they are needed; nothing that is exchanged on disk asks for
a restart.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never
from urllib.parse import urlencode

import httpx

from consumer import __version__
from consumer.domain.errors import CdcError, RetryableError
from consumer.http.answers import FAILURES, OversizeError, open_client, read_bounded
from consumer.http.deadline import Deadline
from consumer.http.transport import DeadlineTransport
from consumer.registry import tls
from consumer.registry.errors import NoAccessError, unanswered
from consumer.registry.oauth import Tokens
from consumer.registry.settings import Basic, Bearer, OAuth, RegistrySettings

MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
"""Room for the longest schema that is read, 2 MiB, with each of its characters escaped."""
MAX_REFUSAL_BYTES: Final = 64 * 1024
"""Of an answer that is no success only a number or a word is read; its status counts anyhow."""

_ACCEPT: Final = "application/vnd.schemaregistry.v1+json, application/json;q=0.9, */*;q=0.5"
_SENDABLE: Final = re.compile(r"[ -~]*", re.ASCII)
_ANSWERED: Final = "200"
_UNANSWERED: Final = "transport"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, what the answer says of its body, and the body; none of it is trusted."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_good(self) -> bool:
        """Return whether it holds what was asked for."""
        return 200 <= self.status < 300


class RegistryClient:
    """Asks one registry, at any of its addresses. Not for several threads."""

    def __init__(self, settings: RegistrySettings) -> None:
        """Connect to nothing yet. Raises ConfigError: the TLS files cannot be used."""
        self._settings = settings
        credentials = settings.credentials
        self._tokens = Tokens(credentials) if isinstance(credentials, OAuth) else None
        self._stamp = tls.stamp(settings.tls)
        self._urls = settings.urls
        self._http = self._opened()
        self._requests = Counter({_ANSWERED: 0})

    def requests(self) -> Mapping[str, int]:
        """Return how often the registry was asked, by status or `transport`; any thread."""
        return dict(self._requests)

    def _opened(self) -> httpx.Client:
        return open_client(DeadlineTransport(1, tls.context(self._settings.tls)))

    def close(self) -> None:
        """Close every connection."""
        self._http.close()
        if self._tokens is not None:
            self._tokens.close()

    @property
    def credentials(self) -> str:
        """Return the keys that say who asks, for messages."""
        match self._settings.credentials:
            case Basic():
                return "schema_registry.basic (username, password_file)"
            case Bearer():
                return "schema_registry.bearer_token_file"
            case OAuth():
                return "schema_registry.oauth"
            case None:
                return "whether it wants credentials (schema_registry.basic, bearer_token_file, …)"
            case unknown:
                assert_never(unknown)

    def get(self, what: str, path: str, query: Mapping[str, str], deadline: Deadline) -> Answer:
        """Return the first address's answer that is no failure of its own; else the last's.

        Each gets its share of the time that is left, and the one that answered is the first to be
        asked next time. `what` is asked about, for messages. Raises RetryableError (nobody
        answers), ConfigError (credentials, TLS) or PoisonError (beyond any bound).
        """
        self._use_new_files()
        target = f"{path}?{urlencode(query)}" if query else path
        *others, last = self._urls
        for index, url in enumerate(others):
            share = deadline.share(len(self._urls) - index)
            try:
                answer = self._authorized(what, f"{url}{target}", share)
            except RetryableError:
                continue
            if answer.status < 500:
                self._begin_with(url)
                return answer
        answer = self._authorized(what, f"{last}{target}", deadline)
        self._begin_with(last)
        return answer

    def _begin_with(self, url: str) -> None:
        self._urls = (url, *(each for each in self._urls if each != url))

    def _use_new_files(self) -> None:
        seen = tls.stamp(self._settings.tls)
        if seen != self._stamp:
            http = self._opened()
            self._http.close()
            self._http, self._stamp = http, seen

    def _authorized(self, what: str, url: str, deadline: Deadline) -> Answer:
        """Ask, and once more with a new token if the old one is not taken any more."""
        answer = self._asked(what, url, deadline)
        if answer.status == 401 and self._tokens is not None and self._tokens.forget():
            answer = self._asked(what, url, deadline)
        return answer

    def _asked(self, what: str, url: str, deadline: Deadline) -> Answer:
        headers = self._headers(deadline)
        code = _UNANSWERED
        try:
            request = httpx.Request("GET", url, headers=headers, extensions={"deadline": deadline})
            answer = self._exchanged(request)
            code = str(answer.status)
        except FAILURES as error:
            raise unanswered(what, error) from None
        finally:
            self._requests[code] += 1
        return answer

    def _exchanged(self, request: httpx.Request) -> Answer:
        response = self._http.send(request, stream=True, follow_redirects=False)
        try:
            named = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, named, _body(response))
        finally:
            response.close()

    def _headers(self, deadline: Deadline) -> dict[str, str]:
        headers = {
            "Accept": _ACCEPT,
            "Accept-Encoding": "identity",  # a bounded answer must not unfold beyond its bound
            "User-Agent": f"coveo-cdc/{__version__}",
        }
        headers |= {name: reveal() for name, reveal in self._settings.headers.items()}
        authorization = self._authorization(deadline)
        if authorization is not None:
            headers["Authorization"] = authorization
        for name, value in headers.items():
            if not _SENDABLE.fullmatch(value):  # the HTTP library would quote it in its exception
                raise _unsendable(name, self.credentials)
        return headers

    def _authorization(self, deadline: Deadline) -> str | None:
        match self._settings.credentials:
            case Basic(username, password):
                pair = f"{username}:{password()}".encode()
                return f"Basic {base64.b64encode(pair).decode('ascii')}"
            case Bearer(token):
                return f"Bearer {token().strip()}"
            case OAuth():
                assert self._tokens is not None, "made with these credentials"
                return f"Bearer {self._tokens.token(deadline)}"
            case None:
                return None
            case unknown:
                assert_never(unknown)


def _body(response: httpx.Response) -> bytes:
    """Return the body; nothing of a refusal that is too long. Raises OversizeError for the rest."""
    if response.is_success:
        return read_bounded(response, MAX_ANSWER_BYTES)
    try:
        return read_bounded(response, MAX_REFUSAL_BYTES)
    except OversizeError:
        return b""


def _unsendable(name: str, credentials: str) -> CdcError:
    keys = credentials if name == "Authorization" else f"schema_registry.headers.{name}"
    return NoAccessError(f"{keys} has characters that no header can have: check its file")
