"""One deadline bounds an exchange, whatever the other side does with its bytes."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from consumer.coveo.client import ClientSettings, CoveoClient
from consumer.coveo.exchange import (
    CreateContainer,
    Failure,
    FailureKind,
    FileContainer,
    PushBatch,
    Reply,
    Response,
    Upload,
)
from consumer.coveo.limits import MAX_RESPONSE_BYTES
from consumer.http.deadline import Deadline
from consumer.http.transport import DeadlineTransport
from tests.unit.coveo.builders import CONTAINER_JSON, KB, soon
from tests.unit.coveo.raw_server import Part, RawServer, drip, raw_server, respond, say

DEADLINE_SECONDS = 0.15
CUT_WITHIN_SECONDS = 1.0  # generous: without a deadline these would take 4 seconds or for ever


def client(server: RawServer) -> CoveoClient:
    """Return a client of that server."""
    return CoveoClient(ClientSettings("org", server.url, {KB: "src"}), lambda: "key")


def timed(part: Part, seconds: float = DEADLINE_SECONDS) -> tuple[Reply, float]:
    """Return the answer to a container call, and how long it took."""
    with raw_server(part) as server:
        caller = client(server)
        started = time.monotonic()
        reply = caller.perform(CreateContainer(), Deadline.after(seconds))
        elapsed = time.monotonic() - started
        caller.close()
    return reply, elapsed


def silence(connection: socket.socket) -> None:
    """Say nothing until the other side hangs up."""
    connection.recv(1)


def flood(connection: socket.socket) -> None:
    """Send a body that is longer than any answer."""
    respond(200, b"x" * (MAX_RESPONSE_BYTES + 1))(connection)


@pytest.mark.parametrize(
    "part",
    [
        silence,
        drip(b"HTTP/1.1 201 Created\r\nX-Filler: " + b"x" * 200),
        drip(b"HTTP/1.1 201 Created\r\nContent-Length: 200\r\n\r\n" + b"x" * 160),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 8),
    ],
    ids=["silent", "dripping headers", "dripping body", "endless interim answers"],
)
def test_a_peer_that_drips_is_cut_at_the_deadline(part: Part) -> None:
    """The library's own time-outs start anew with every byte, so they would never end this."""
    reply, elapsed = timed(part)
    assert isinstance(reply, Failure)
    assert reply.kind is FailureKind.READ
    assert DEADLINE_SECONDS <= elapsed < CUT_WITHIN_SECONDS


def test_a_peer_that_does_not_read_is_cut_at_the_deadline() -> None:
    """A large upload into a full socket buffer must not hang a worker."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        uri = f"http://127.0.0.1:{listener.getsockname()[1]}/upload"
        caller = CoveoClient(
            ClientSettings("org", "http://127.0.0.1:1", {KB: "src"}), lambda: "key"
        )
        started = time.monotonic()
        container = FileContainer("file-1", uri, {})
        reply = caller.perform(
            Upload(container, b"x" * 20_000_000), Deadline.after(DEADLINE_SECONDS)
        )
        caller.close()
    assert isinstance(reply, Failure)
    assert reply.kind is FailureKind.WRITE
    assert time.monotonic() - started < CUT_WITHIN_SECONDS


def test_a_deadline_that_has_passed_sends_nothing() -> None:
    """So that its kind is one after which nothing can take effect."""
    with raw_server(respond(201, CONTAINER_JSON)) as server:
        reply = client(server).perform(CreateContainer(), Deadline.after(0.0))
        assert isinstance(reply, Failure)
        assert reply.kind is FailureKind.EXPIRED
        assert server.connections == 0


def test_an_answer_longer_than_any_is_cut() -> None:
    """Memory is bounded whatever stands in for the service."""
    reply, _ = timed(flood, 5.0)
    assert isinstance(reply, Failure)
    assert reply.kind is FailureKind.OVERSIZE


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (say(b"SSH-2.0-OpenSSH\r\n\r\n"), FailureKind.PROTOCOL),
        (lambda connection: connection.shutdown(socket.SHUT_RDWR), FailureKind.PROTOCOL),
        (say(b"HTTP/1.1 201 X\r\nContent-Length: 9\r\n\r\nab"), FailureKind.PROTOCOL),
    ],
    ids=["not HTTP", "closed without an answer", "closed in the middle"],
)
def test_what_is_no_answer_may_have_taken_effect(part: Part, kind: FailureKind) -> None:
    """The request was written, so nobody knows."""

    def once(connection: socket.socket) -> None:
        part(connection)
        connection.close()

    reply, _ = timed(once, 5.0)
    assert isinstance(reply, Failure)
    assert reply.kind is kind


def test_a_refused_connection_is_known_to_have_sent_nothing() -> None:
    """The batch then need not wait for late effects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = ClientSettings("org", f"http://127.0.0.1:{port}", {KB: "src"})
    reply = CoveoClient(settings, lambda: "key").perform(PushBatch(KB, "file-1"), soon())
    assert isinstance(reply, Failure)
    assert (reply.kind, reply.message) == (FailureKind.CONNECT, "ConnectError (ECONNREFUSED)")


def test_an_unknown_host_is_known_to_have_sent_nothing() -> None:
    """`.invalid` never resolves (RFC 2606)."""
    settings = ClientSettings("org", "http://nowhere.invalid", {KB: "src"})
    reply = CoveoClient(settings, lambda: "key").perform(CreateContainer(), soon())
    assert isinstance(reply, Failure)
    assert reply.message == "ConnectError (the host name is not known)"


def test_a_name_server_that_does_not_answer_is_cut_at_the_deadline() -> None:
    """The system asks it again and again, for half a minute or longer."""
    answered = threading.Event()

    def silent(_host: str, _port: int) -> list[str]:
        answered.wait(10.0)
        return []

    settings = ClientSettings("org", "http://slow.invalid", {KB: "src"})
    caller = CoveoClient(settings, lambda: "key", DeadlineTransport(1, resolve=silent))
    started = time.monotonic()
    reply = caller.perform(CreateContainer(), Deadline.after(DEADLINE_SECONDS))
    elapsed = time.monotonic() - started
    answered.set()
    assert isinstance(reply, Failure)
    assert (reply.kind, reply.message) == (FailureKind.CONNECT, "ConnectTimeout (time-out)")
    assert DEADLINE_SECONDS <= elapsed < CUT_WITHIN_SECONDS


def test_calls_of_an_attempt_share_a_connection() -> None:
    """A handshake per call would triple the cost of a batch."""
    with raw_server(respond(201, CONTAINER_JSON), respond(202, b"null")) as server:
        caller = client(server)
        assert isinstance(caller.perform(CreateContainer(), soon()), Response)
        assert isinstance(caller.perform(PushBatch(KB, "file-1"), soon()), Response)
        assert server.connections == 1
        caller.close()


def test_an_answer_that_was_there_before_its_request_is_nobodys() -> None:
    """A proxy that lost count would have a batch accepted that it has not even read."""
    stray = b"HTTP/1.1 202 X\r\nContent-Length: 4\r\n\r\nnull"

    def twice(connection: socket.socket) -> None:
        head = b"HTTP/1.1 201 X\r\nContent-Length: %d\r\n\r\n" % len(CONTAINER_JSON)
        connection.sendall(head + CONTAINER_JSON + stray)

    with raw_server(twice, silence, respond(202, b"null")) as server:
        caller = client(server)
        assert isinstance(caller.perform(CreateContainer(), soon()), Response)
        reply = caller.perform(PushBatch(KB, "file-1"), soon())
        assert isinstance(reply, Failure)
        assert reply.kind is FailureKind.PROTOCOL
        assert isinstance(caller.perform(PushBatch(KB, "file-1"), soon()), Response)
        assert server.connections == 2
        caller.close()


def test_threads_have_deadlines_of_their_own() -> None:
    """The pool is shared, so a short deadline must not cut a neighbour's call."""
    patient: list[Reply] = []
    slow = drip(b"HTTP/1.1 201 X\r\nContent-Length: 4\r\n\r\nnull", 0.01)
    with raw_server(slow) as slow_server, raw_server(silence) as silent_server:
        caller = client(slow_server)
        waiting = threading.Thread(
            target=lambda: patient.append(caller.perform(CreateContainer(), soon()))
        )
        waiting.start()
        container = FileContainer("file-1", silent_server.url, {})
        cut = caller.perform(Upload(container, b"body"), Deadline.after(DEADLINE_SECONDS))
        waiting.join(5.0)
        caller.close()
    assert isinstance(cut, Failure)
    assert isinstance(patient[0], Response)
