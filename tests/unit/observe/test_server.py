"""The four paths, over a loopback socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from consumer.observe.metrics import Metrics
from consumer.observe.published import Published, State
from consumer.observe.server import ServerSettings, StatusServer
from tests.unit.observe.pictures import Time, partition, published, status

SETTINGS = ServerSettings("127.0.0.1", 0, max_turn_age_seconds=30.0, max_in_flight_seconds=60.0)


@pytest.fixture
def time() -> Time:
    """Return a clock that stands still."""
    return Time()


@pytest.fixture
def board(time: Time) -> Published:
    """Return what a running member has published."""
    board = published(time, status())
    board.state = State.RUNNING
    return board


@pytest.fixture
def client(board: Published) -> Iterator[httpx.Client]:
    """Return a client of a server that shows this board."""
    server = StatusServer(SETTINGS, board, Metrics().registry)
    server.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        yield client
    server.stop()


def test_a_running_member_is_alive_and_ready(client: httpx.Client) -> None:
    """Both probes answer with a word, for whoever asks by hand."""
    for path in ("/livez", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, "ok\n")


def test_a_wedged_loop_fails_liveness_and_says_so(client: httpx.Client, time: Time) -> None:
    """The restart's reason is then in the events of the pod."""
    time.seconds += 31
    answer = client.get("/livez")
    assert answer.status_code == 503
    assert "not turned for more than 30 s" in answer.text


def test_a_draining_member_is_not_ready(client: httpx.Client, board: Published) -> None:
    """It is on its way out, but not to be killed."""
    board.state = State.DRAINING
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("", "text/plain"), ("application/openmetrics-text;version=1.0.0", "application/openmetrics")],
)
def test_metrics_come_in_the_format_asked_for(
    client: httpx.Client, accept: str, content_type: str
) -> None:
    """Exemplars and types travel in OpenMetrics only."""
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(content_type)
    assert "cdc_clock_skew" in answer.text


def test_status_is_json(client: httpx.Client) -> None:
    """For people and scripts alike."""
    answer = client.get("/status?verbose")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["state"] == "running"


def test_a_name_that_is_no_text_is_shown_all_the_same(
    client: httpx.Client, board: Published
) -> None:
    """It comes from a schema; without an answer nobody could see what is stuck."""
    board.publish(status(partition(wait="mapping", wait_detail="Val\ud800")))
    (stuck,) = client.get("/status").json()["stuck"]
    assert stuck["why"] == "mapping: Val\\ud800"


def test_head_answers_without_a_body(client: httpx.Client) -> None:
    """Some probes only ask for the head."""
    answer = client.head("/livez")
    assert (answer.status_code, answer.content) == (200, b"")


def test_everything_else_is_refused(client: httpx.Client) -> None:
    """Read-only, and four paths: there is nothing to attack."""
    assert client.get("/").status_code == 404
    assert client.post("/livez").status_code == 501
    assert client.get("/../etc/passwd").status_code == 404


def test_a_port_in_use_is_an_error_of_the_start(board: Published) -> None:
    """Better a clear refusal than a program nobody can watch."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = ServerSettings("127.0.0.1", taken.getsockname()[1], 30.0, 60.0)
        with pytest.raises(OSError, match="in use"):
            StatusServer(settings, board, Metrics().registry)


def test_a_host_that_none_can_be_is_an_error_of_the_start_too(board: Published) -> None:
    """The socket's own error for it is of another kind."""
    with pytest.raises(OSError, match="no host"):
        StatusServer(ServerSettings("ü..b", 0, 30.0, 60.0), board, Metrics().registry)
