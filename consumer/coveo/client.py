"""The Push API's endpoints, one method each, no policy. Imports domain and httpx.

Every method returns a `Reply` and raises nothing for what the network or the service does.
Paths and parameters: docs/78 and Coveo's OpenAPI document.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, assert_never
from urllib.parse import quote, urlencode

import httpx

from consumer import __version__
from consumer.coveo.auth import BearerAuth
from consumer.coveo.errors import failure_kind
from consumer.coveo.exchange import (
    CreateContainer,
    Failure,
    FailureKind,
    FileContainer,
    PushBatch,
    Reply,
    Response,
    Step,
    Upload,
)
from consumer.coveo.limits import MAX_RESPONSE_BYTES
from consumer.domain.errors import ConfigError
from consumer.domain.operations import DocumentId, TargetId
from consumer.domain.source_status import SourceStatus
from consumer.http.answers import FAILURES, describe, open_client, read_bounded
from consumer.http.deadline import Deadline
from consumer.http.transport import DeadlineTransport


class Region(StrEnum):
    """Where an organization's primary deployment is (docs/78)."""

    US = "us"
    CANADA = "ca"
    EUROPE = "eu"
    AUSTRALIA = "au"
    HIPAA = "hipaa"

    @property
    def base_url(self) -> str:
        """Return the region's Push API host; organization-specific hosts do not serve it."""
        infix = {Region.US: "", Region.HIPAA: "hipaa"}.get(self, f"-{self}")
        return f"https://api{infix}.cloud.coveo.com"


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Where to push. `source_ids` has the source behind each target's configured name."""

    organization: str
    base_url: str
    source_ids: Mapping[TargetId, str]
    max_connections: int = 8


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request before it is one; building it is part of what may fail."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    auth: httpx.Auth | None = None


class CoveoClient:
    """Calls the Push API from any number of threads over one pool of connections."""

    def __init__(
        self,
        settings: ClientSettings,
        secret: Callable[[], str],
        transport: httpx.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open nothing yet; `secret` is asked for the API key at every call to the Push API."""
        organization = quote(settings.organization, safe="")
        base = settings.base_url.rstrip("/")
        self._root: Final = f"{base}/push/v1/organizations/{organization}"
        self._source_ids: Final = settings.source_ids
        self._auth: Final = BearerAuth(secret)
        self._monotonic: Final = monotonic
        transport = transport or DeadlineTransport(settings.max_connections)
        self._http: Final = open_client(transport)

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def perform(self, step: Step, deadline: Deadline) -> Reply:
        """Carry out one step of an attempt."""
        match step:
            case CreateContainer():
                return self.create_file_container(deadline)
            case Upload(container, body):
                return self.upload(container, body, deadline)
            case PushBatch(target, file_id):
                return self.push_item_batch(self._source_ids[target], file_id, deadline)
            case _:
                assert_never(step)

    def create_file_container(self, deadline: Deadline) -> Reply:
        """Ask for an upload slot (docs/43); virtual-hosted URIs are the documented future."""
        ask = self._ask("POST", "/files", {"useVirtualHostedStyleUrl": "true"})
        return self._call(ask, deadline)

    def upload(self, container: FileContainer, body: bytes, deadline: Deadline) -> Reply:
        """Put `body` into the slot with exactly the headers that were required, and no key.

        The headers are part of the signature, and a storage answers 400 to two ways of signing.
        """
        ask = _Ask("PUT", container.upload_uri, container.required_headers, body)
        return self._call(ask, deadline)

    def push_item_batch(self, source_id: str, file_id: str, deadline: Deadline) -> Reply:
        """Make Coveo read an uploaded batch; its ordering id is left to the service (docs/147)."""
        path = _source_path(source_id, "documents/batch")
        return self._call(self._ask("PUT", path, {"fileId": file_id}), deadline)

    def push_item(
        self, source_id: str, document_id: DocumentId, payload: bytes, deadline: Deadline
    ) -> Reply:
        """Push one item as `payload.encode` made it (docs/133).

        Compressed content has the documented default ZLIB, so no parameter says so.
        """
        path = _source_path(source_id, "documents")
        ask = self._ask("PUT", path, {"documentId": document_id}, payload)
        return self._call(ask, deadline)

    def delete_item(
        self, source_id: str, document_id: DocumentId, deadline: Deadline, *, children: bool
    ) -> Reply:
        """Delete an item; `children` are all whose id starts with its id and `/` (docs/171)."""
        path = _source_path(source_id, "documents")
        query = {"documentId": document_id, "deleteChildren": str(children).lower()}
        return self._call(self._ask("DELETE", path, query), deadline)

    def delete_older_than(
        self, source_id: str, ordering_id: int, queue_delay_minutes: int, deadline: Deadline
    ) -> Reply:
        """Delete what was pushed before `ordering_id`, epoch milliseconds by Coveo's clock.

        It is a barrier, too: whatever is pushed below it later is rejected (docs/131, docs/147).
        """
        path = _source_path(source_id, "documents/olderthan")
        query = {"orderingId": str(ordering_id), "queueDelay": str(queue_delay_minutes)}
        return self._call(self._ask("DELETE", path, query), deadline)

    def set_status(self, source_id: str, status: SourceStatus, deadline: Deadline) -> Reply:
        """Say what the source is doing (docs/35)."""
        path = _source_path(source_id, "status")
        return self._call(self._ask("POST", path, {"statusType": status}), deadline)

    def tell_status(self, target: TargetId, status: SourceStatus, deadline: Deadline) -> Reply:
        """Say what the source behind a target is doing."""
        return self.set_status(self._source_ids[target], status, deadline)

    def _ask(self, method: str, path: str, query: Mapping[str, str], body: bytes = b"") -> _Ask:
        # A space as %20, a plus as %2B: readers of forms and readers of URIs then agree.
        url = f"{self._root}{path}?{urlencode(query, safe='', quote_via=quote)}"
        return _Ask(method, url, _API_HEADERS, body, self._auth)

    def _call(self, ask: _Ask, deadline: Deadline) -> Reply:
        started = self._monotonic()
        if deadline.remaining_seconds() <= 0:
            return Failure(FailureKind.EXPIRED, "the deadline had passed", 0.0)
        try:
            status, headers, body = self._exchange(ask, deadline)
        except ConfigError as error:
            return Failure(FailureKind.CREDENTIALS, str(error), self._monotonic() - started)
        except FAILURES as error:
            seconds = self._monotonic() - started
            return Failure(failure_kind(error), describe(error), seconds)
        return Response(status, headers, body, self._monotonic() - started)

    def _exchange(self, ask: _Ask, deadline: Deadline) -> tuple[int, Mapping[str, str], bytes]:
        request = _request(ask, deadline)
        response = self._http.send(request, auth=ask.auth, stream=True, follow_redirects=False)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status_code, headers, read_bounded(response, MAX_RESPONSE_BYTES)
        finally:
            response.close()


_NO_HOST: Final = "no host can have this name"
_API_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # a bounded answer must not unfold beyond its bound
    "Content-Type": "application/json",
    "User-Agent": f"coveo-cdc/{__version__}",
}


def _request(ask: _Ask, deadline: Deadline) -> httpx.Request:
    """Build it by hand: httpx.Client.request would add headers and cookies of its own.

    Raises InvalidURL, also for a host that the library would stumble over when it sends.
    """
    url = httpx.URL(ask.url)
    try:
        _ = url.host
    except UnicodeError:
        raise httpx.InvalidURL(_NO_HOST) from None
    return httpx.Request(
        ask.method,
        url,
        headers=dict(ask.headers),
        content=ask.body,
        extensions={"deadline": deadline},
    )


def _source_path(source_id: str, rest: str) -> str:
    return f"/sources/{quote(source_id, safe='')}/{rest}"
