"""What goes over the wire, and what never does."""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
import pytest

from consumer import __version__
from consumer.coveo.auth import BearerAuth
from consumer.coveo.client import ClientSettings, CoveoClient, Region
from consumer.coveo.exchange import Failure, FailureKind, FileContainer, PushBatch, Reply, Response
from consumer.domain.errors import ConfigError
from consumer.domain.operations import DocumentId, TargetId
from consumer.domain.source_status import SourceStatus
from tests.unit.coveo.builders import CONTAINER, CONTAINER_JSON, KB, soon
from tests.unit.coveo.raw_server import raw_server, respond

ID = DocumentId("kb://a?x=1&y=a+b#z%20")
KEY = "xx-s3cret-key"


class Recorder:
    """Answers everything alike and keeps what was asked."""

    def __init__(self, status: int = 202, body: bytes = b"null") -> None:
        """Choose the answer."""
        self.requests: list[httpx.Request] = []
        self._status = status
        self._body = body

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Keep and answer."""
        self.requests.append(request)
        headers = {"X-Request-Id": "r-1", "Location": "https://elsewhere.invalid/"}
        stream = httpx.ByteStream(self._body)
        return httpx.Response(self._status, headers=headers, stream=stream)

    def client(self, base_url: str = "https://api.invalid/") -> CoveoClient:
        """Return a client that talks to this."""
        settings = ClientSettings("my org", base_url, {KB: "src/1"})
        return CoveoClient(settings, lambda: KEY, httpx.MockTransport(self))


CALLS: list[tuple[Callable[[CoveoClient], Reply], str]] = [
    (lambda c: c.create_file_container(soon()), "POST /files?useVirtualHostedStyleUrl=true"),
    (
        lambda c: c.push_item_batch("src/1", "f-1", soon()),
        "PUT /sources/src%2F1/documents/batch?fileId=f-1",
    ),
    (
        lambda c: c.push_item("s", ID, b"{}", soon()),
        "PUT /sources/s/documents?documentId=kb%3A%2F%2Fa%3Fx%3D1%26y%3Da%2Bb%23z%2520",
    ),
    (
        lambda c: c.delete_item("s", DocumentId("kb://a b"), soon(), children=True),
        "DELETE /sources/s/documents?documentId=kb%3A%2F%2Fa%20b&deleteChildren=true",
    ),
    (
        lambda c: c.delete_older_than("s", 17, 15, soon()),
        "DELETE /sources/s/documents/olderthan?orderingId=17&queueDelay=15",
    ),
    (
        lambda c: c.set_status("s", SourceStatus.INCREMENTAL, soon()),
        "POST /sources/s/status?statusType=INCREMENTAL",
    ),
]


@pytest.mark.parametrize(("call", "asked"), CALLS)
def test_each_endpoint_has_its_method_path_and_query(
    call: Callable[[CoveoClient], Reply], asked: str
) -> None:
    """Ids are escaped so that none can change the path or add a parameter."""
    recorder = Recorder()
    call(recorder.client())
    (request,) = recorder.requests
    method, path = asked.split(" ")
    root = "https://api.invalid/push/v1/organizations/my%20org"
    assert (request.method, str(request.url)) == (method, root + path)


def test_an_api_call_has_exactly_these_headers() -> None:
    """The wire itself, because a library between may add some."""
    with raw_server(respond(202, b"null")) as server:
        settings = ClientSettings("org", server.url, {KB: "src"})
        caller = CoveoClient(settings, lambda: KEY)
        reply = caller.perform(PushBatch(KB, "f-1"), soon())
        caller.close()
        host = server.url.removeprefix("http://")
        assert server.requests[0].decode() == (
            "PUT /push/v1/organizations/org/sources/src/documents/batch?fileId=f-1 HTTP/1.1\r\n"
            f"Host: {host}\r\n"
            "Content-Length: 0\r\n"
            "Accept: application/json\r\n"
            "Accept-Encoding: identity\r\n"
            "Content-Type: application/json\r\n"
            f"User-Agent: coveo-cdc/{__version__}\r\n"
            f"Authorization: Bearer {KEY}\r\n"
            "\r\n"
        )
    assert isinstance(reply, Response)
    assert (reply.status, reply.body) == (202, b"null")


def test_an_upload_has_exactly_the_required_headers_and_no_key() -> None:
    """They are part of the signature; and the storage is somebody else's host."""
    with raw_server(respond(200)) as server:
        required = {"x-amz-server-side-encryption": "AES256", "Content-Type": "app/octets"}
        container = FileContainer("f-1", f"{server.url}/b/f-1?X-Sig=a%2Fb", required)
        caller = CoveoClient(ClientSettings("org", server.url, {}), lambda: KEY)
        caller.upload(container, b"body", soon())
        caller.close()
        host = server.url.removeprefix("http://")
        assert server.requests[0].decode() == (
            "PUT /b/f-1?X-Sig=a%2Fb HTTP/1.1\r\n"
            f"Host: {host}\r\n"
            "x-amz-server-side-encryption: AES256\r\n"
            "Content-Type: app/octets\r\n"
            "Content-Length: 4\r\n"
            "\r\n"
            "body"
        )


def test_a_redirect_is_not_followed() -> None:
    """It would carry a body, or a key, to wherever somebody says."""
    recorder = Recorder(307)
    reply = recorder.client().push_item_batch("s", "f-1", soon())
    assert isinstance(reply, Response)
    assert reply.status == 307
    assert len(recorder.requests) == 1


def test_a_cookie_is_not_sent_back() -> None:
    """Calls stand on their own; headers are exactly the documented ones."""
    cookie = "Set-Cookie: a=b; Path=/"
    with raw_server(respond(201, CONTAINER_JSON, cookie), respond(202)) as server:
        caller = CoveoClient(ClientSettings("org", server.url, {}), lambda: KEY)
        caller.create_file_container(soon())
        caller.push_item_batch("s", "f-1", soon())
        caller.close()
        assert b"ookie" not in server.requests[1]


def test_the_key_is_asked_for_at_every_call() -> None:
    """A key that was exchanged on disk counts without a restart."""
    keys = iter(("first", "second\n"))
    recorder = Recorder()
    settings = ClientSettings("org", "https://api.invalid", {})
    caller = CoveoClient(settings, lambda: next(keys), httpx.MockTransport(recorder))
    caller.create_file_container(soon())
    caller.create_file_container(soon())
    sent = [request.headers["authorization"] for request in recorder.requests]
    assert sent == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("key", ["", "  \n", "a b", "s3cret\nX-Evil: 1", "schlüssel"])
def test_a_key_that_is_none_is_not_sent_and_not_quoted(key: str) -> None:
    """The HTTP library would refuse the header, quoting it in its exception."""
    recorder = Recorder()
    settings = ClientSettings("org", "https://api.invalid", {})
    caller = CoveoClient(settings, lambda: key, httpx.MockTransport(recorder))
    reply = caller.create_file_container(soon())
    assert isinstance(reply, Failure)
    assert reply.kind is FailureKind.CREDENTIALS
    assert "s3cret" not in reply.message
    assert recorder.requests == []


def test_a_key_file_that_cannot_be_read_is_an_operators_matter() -> None:
    """It blocks the target and says why; it does not kill a worker."""

    def missing() -> str:
        msg = "key file /etc/key: not found"
        raise ConfigError(msg)

    caller = CoveoClient(ClientSettings("org", "https://api.invalid", {}), missing)
    reply = caller.create_file_container(soon())
    assert reply == Failure(FailureKind.CREDENTIALS, "key file /etc/key: not found", reply.seconds)


def test_an_upload_uri_that_is_none_is_never_sent() -> None:
    """Its exception would quote it."""
    caller = Recorder().client()
    container = FileContainer("f-1", "https://h.invalid:port/?X-Sig=s3cret", {})
    reply = caller.upload(container, b"", soon())
    assert isinstance(reply, Failure)
    assert (reply.kind, reply.message) == (FailureKind.UNSENDABLE, "InvalidURL")


def test_neither_key_nor_signature_is_ever_logged_or_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The HTTP library logs every URL at INFO, and an upload URI is a credential."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")
    with raw_server(respond(201, CONTAINER_JSON), respond(200)) as server:
        caller = CoveoClient(ClientSettings("org", server.url, {}), lambda: KEY)
        reply = caller.create_file_container(soon())
        container = FileContainer("f-1", f"{server.url}/?X-Sig=s3cret", {"x-token": "s3cret"})
        caller.upload(container, b"s3cret body", soon())
        caller.close()
    shown = caplog.text + repr((reply, container, CONTAINER, caller, BearerAuth(lambda: KEY)))
    assert "s3cret" not in shown


def test_regions_have_their_documented_hosts() -> None:
    """The Push API does not serve organization-specific hosts."""
    assert [region.base_url for region in Region] == [
        "https://api.cloud.coveo.com",
        "https://api-ca.cloud.coveo.com",
        "https://api-eu.cloud.coveo.com",
        "https://api-au.cloud.coveo.com",
        "https://apihipaa.cloud.coveo.com",
    ]


def test_an_unknown_target_is_our_own_fault() -> None:
    """It cannot come from outside, so it is not turned into a reply."""
    with pytest.raises(KeyError):
        Recorder().client().perform(PushBatch(TargetId("other"), "f-1"), soon())
