"""What goes over the wire, and what never does."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

from consumer import __version__
from consumer.coveo.auth import BearerAuth
from consumer.coveo.calls import Ask, Caller
from consumer.coveo.client import ClientSettings, CoveoClient
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import (
    CreateContainer,
    Failure,
    FailureKind,
    FileContainer,
    PushBatch,
    Response,
    Upload,
)
from consumer.domain.errors import ConfigError
from consumer.domain.operations import DocumentId, TargetId
from consumer.http.deadline import Deadline
from tests.unit.coveo.builders import CONTAINER, CONTAINER_JSON, KB, soon
from tests.unit.coveo.raw_server import raw_server, respond
from tests.unit.coveo.recorder import KEY, Recorder


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
        caller = CoveoClient(ClientSettings("org", server.url, {KB: "src"}), lambda: KEY)
        caller.perform(Upload(container, b"body"), soon())
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
    reply = recorder.client().perform(PushBatch(KB, "f-1"), soon())
    assert isinstance(reply, Response)
    assert reply.status == 307
    assert len(recorder.requests) == 1


def test_a_cookie_is_not_sent_back() -> None:
    """Calls stand on their own; headers are exactly the documented ones."""
    cookie = "Set-Cookie: a=b; Path=/"
    with raw_server(respond(201, CONTAINER_JSON, cookie), respond(202)) as server:
        caller = CoveoClient(ClientSettings("org", server.url, {KB: "src"}), lambda: KEY)
        caller.perform(CreateContainer(), soon())
        caller.perform(PushBatch(KB, "f-1"), soon())
        caller.close()
        assert b"ookie" not in server.requests[1]


def test_the_key_is_asked_for_at_every_call() -> None:
    """A key that was exchanged on disk counts without a restart."""
    keys = iter(("first", "second\n"))
    recorder = Recorder()
    settings = ClientSettings("org", "https://api.invalid", {KB: "src"})
    caller = CoveoClient(settings, lambda: next(keys), httpx.MockTransport(recorder))
    caller.perform(CreateContainer(), soon())
    caller.perform(CreateContainer(), soon())
    sent = [request.headers["authorization"] for request in recorder.requests]
    assert sent == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("key", ["", "  \n", "a b", "s3cret\nX-Evil: 1", "schlüssel"])
def test_a_key_that_is_none_is_not_sent_and_not_quoted(key: str) -> None:
    """The HTTP library would refuse the header, quoting it in its exception."""
    recorder = Recorder()
    settings = ClientSettings("org", "https://api.invalid", {KB: "src"})
    caller = CoveoClient(settings, lambda: key, httpx.MockTransport(recorder))
    reply = caller.perform(CreateContainer(), soon())
    assert isinstance(reply, Failure)
    assert reply.kind is FailureKind.CREDENTIALS
    assert "s3cret" not in reply.message
    assert recorder.requests == []


def test_a_key_file_that_cannot_be_read_is_an_operators_matter() -> None:
    """It blocks the target and says why; it does not kill a worker."""

    def missing() -> str:
        msg = "key file /etc/key: not found"
        raise ConfigError(msg)

    caller = CoveoClient(ClientSettings("org", "https://api.invalid", {KB: "src"}), missing)
    reply = caller.perform(CreateContainer(), soon())
    assert isinstance(reply, Failure)
    assert (reply.kind, reply.message) == (FailureKind.CREDENTIALS, "key file /etc/key: not found")


def test_an_upload_uri_that_is_none_is_never_sent() -> None:
    """Its exception would quote it."""
    caller = Recorder().client()
    container = FileContainer("f-1", "https://h.invalid:port/?X-Sig=s3cret", {})
    reply = caller.perform(Upload(container, b""), soon())
    assert isinstance(reply, Failure)
    assert (reply.kind, reply.message) == (FailureKind.UNSENDABLE, "InvalidURL")


def test_neither_key_nor_signature_is_ever_logged_or_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The HTTP library logs every URL at INFO, and an upload URI is a credential."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")
    with raw_server(respond(201, CONTAINER_JSON), respond(200)) as server:
        caller = CoveoClient(ClientSettings("org", server.url, {KB: "src"}), lambda: KEY)
        reply = caller.perform(CreateContainer(), soon())
        container = FileContainer("f-1", f"{server.url}/?X-Sig=s3cret", {"x-token": "s3cret"})
        caller.perform(Upload(container, b"s3cret body"), soon())
        caller.close()
    shown = caplog.text + repr((reply, container, CONTAINER, caller, BearerAuth(lambda: KEY)))
    assert "s3cret" not in shown


def test_what_is_asked_for_shows_neither_document_ids_nor_signed_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A debugger's view, or an error report with local variables, shows every value."""
    shown: list[str] = []
    exchanged = Caller._exchanged

    def showing(caller: Caller, request: Any, deadline: Deadline) -> Any:
        shown.append(repr(request))
        return exchanged(caller, request, deadline)

    monkeypatch.setattr(Caller, "_exchanged", showing)
    client = Recorder().client()
    client.items.delete("src", DocumentId("kb://s3cret"), soon(), children=False)
    client.files.upload(CONTAINER, b"s3cret", soon())
    assert len(shown) == 2
    assert "s3cret" not in "".join(shown)
    assert "s3cret" not in repr(Ask(Endpoint.ITEM, {}, {"documentId": "kb://s3cret"}, b"s3cret"))


def test_an_unknown_target_is_our_own_fault() -> None:
    """It cannot come from outside, so it is not turned into a reply."""
    with pytest.raises(KeyError):
        Recorder().client().perform(PushBatch(TargetId("other"), "f-1"), soon())
