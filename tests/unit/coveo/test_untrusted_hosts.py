"""Host names and headers of an answer: whatever they are, an attempt ends in its outcome."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.coveo.client import ClientSettings, CoveoClient
from consumer.coveo.exchange import CreateContainer, Failure, PushBatch, Reply, Response, Step
from consumer.coveo.push import run_attempt
from consumer.domain.fates import Outcome, RetryLater
from consumer.http.deadline import Deadline
from tests.unit.coveo.builders import KB, batch, fence, operation, soon
from tests.unit.coveo.raw_server import raw_server, respond

NO_HOSTS = ["a..b.invalid", "x" * 64 + ".invalid", "xn--", "xn--a.invalid", ".", "[::1", "%41:0"]


class ContainerAt:
    """Names a container in the service's place; every later step is the real client's."""

    def __init__(self, uri: str, headers: dict[str, str]) -> None:
        """Choose what the answer says."""
        said = {"fileId": "f", "uploadUri": uri, "requiredHeaders": headers}
        self._answer = Response(201, {}, json.dumps(said).encode(), 0.0)
        settings = ClientSettings("org", "http://127.0.0.1:1", {KB: "src"})
        self.client = CoveoClient(settings, lambda: "key")

    def perform(self, step: Step, deadline: Deadline) -> Reply:
        """Answer the first step."""
        if isinstance(step, CreateContainer):
            return self._answer
        return self.client.perform(step, deadline)


def pushed(uri: str, headers: dict[str, str]) -> Outcome:
    """Return how an attempt ends whose container is there."""
    stage = ContainerAt(uri, headers)
    outcome = run_attempt(batch(operation("a")), fence(p0=1), stage, soon())
    stage.client.close()
    return outcome


@pytest.mark.parametrize("host", NO_HOSTS)
def test_an_upload_uri_without_a_possible_host_is_tried_again(host: str) -> None:
    """The next answer has another one; a worker's exception would end the program."""
    assert isinstance(pushed(f"http://{host}/u", {}), RetryLater)


@pytest.mark.parametrize(
    "name", ["Content-Length", "transfer-encoding", "Connection", "TE", "Trailer", "Upgrade"]
)
def test_required_headers_cannot_change_how_the_upload_is_cut(name: str) -> None:
    """The HTTP library raises on a length that is not the body's, halfway through it."""
    with raw_server(respond(200)) as server:
        assert isinstance(pushed(f"{server.url}/u", {name: "3"}), RetryLater)
        assert server.requests == []


@pytest.mark.parametrize("host", NO_HOSTS)
def test_a_base_url_without_a_possible_host_is_no_answer(host: str) -> None:
    """Whoever mends the address sees it on `/status`, not in a crash loop."""
    caller = CoveoClient(ClientSettings("org", f"https://{host}", {KB: "src"}), lambda: "key")
    assert isinstance(caller.perform(CreateContainer(), soon()), Failure)


LOCATIONS = st.sampled_from([f"http://{host}/" for host in NO_HOSTS]) | st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20
)


@given(st.sampled_from([200, 202, 302, 307]), LOCATIONS, LOCATIONS)
def test_no_location_and_no_cookie_ends_in_an_exception(
    status: int, location: str, cookie: str
) -> None:
    """The HTTP library looks at both, although redirects are not followed and cookies not sent."""

    def answer(_: httpx.Request) -> httpx.Response:
        headers = [(b"Location", location.encode("latin-1")), (b"Set-Cookie", cookie.encode())]
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(b""))

    settings = ClientSettings("org", "https://api.invalid", {KB: "src"})
    caller = CoveoClient(settings, lambda: "key", httpx.MockTransport(answer))
    assert isinstance(caller.perform(PushBatch(KB, "f"), soon()), Response | Failure)
