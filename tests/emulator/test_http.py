"""The served emulator: the whole way of a batch, and what belongs to HTTP."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import httpx
import pytest

from emulator.serving import RunningEmulator
from emulator.settings import Limits, Quota, Settings, SourceSpec
from tests.emulator.driver import START_MS, upsert
from tests.emulator.over_http import BASE, DOCUMENTS, export, push_batch, upload, wait_for


def test_a_batch_goes_its_whole_way(client: httpx.Client) -> None:
    """Container, upload, call, index, export."""
    reply = push_batch(client, [upsert("a://1", title="One")])
    assert (reply.status_code, reply.json()) == (202, None)
    (line,) = export(client)
    assert line["documentId"] == "a://1"
    assert line["body"] == {"documentId": "a://1", "data": "text", "title": "One"}


def test_an_id_arrives_as_it_was_before_encoding(client: httpx.Client) -> None:
    """Question marks, hashes and ampersands belong to the id."""
    document_id = "https://h/p?x=1&y=ü#part"
    client.put(DOCUMENTS, params={"documentId": document_id}, json={"data": ""})
    assert [line["documentId"] for line in export(client)] == [document_id]


def test_names_with_spaces_work_in_paths() -> None:
    """Also in the signed address of an upload."""
    settings = Settings(organization="my org", sources=(SourceSpec("my source"),))
    with RunningEmulator(settings) as emulator, httpx.Client(base_url=emulator.base_url) as client:
        client.headers["Authorization"] = "Bearer k"
        base = "/push/v1/organizations/my%20org"
        created = client.post(f"{base}/files").json()
        assert upload(client, created, b"{}").status_code == 200
        query = {"fileId": created["fileId"]}
        reply = client.put(f"{base}/sources/my%20source/documents/batch", params=query)
        assert reply.status_code == 202
        assert client.get("/sources/my%20source").status_code == 200


def test_the_date_header_follows_the_emulators_clock(
    client: httpx.Client, emulator: RunningEmulator
) -> None:
    """A client may take the boundary of a purge from it."""
    seconds = emulator.world.clock.now_ms() // 1000
    reply = client.post(f"{BASE}/files")
    assert parsedate_to_datetime(reply.headers["Date"]).timestamp() == seconds
    assert seconds >= START_MS // 1000


def test_a_429_has_retry_after() -> None:
    """In seconds, as a whole number."""
    settings = Settings(organization="org", quota=Quota(requests_per_five_minutes=1))
    with RunningEmulator(settings) as emulator, httpx.Client(base_url=emulator.base_url) as client:
        client.headers["Authorization"] = "Bearer k"
        client.post(f"{BASE}/files")
        reply = client.post(f"{BASE}/files")
    assert reply.status_code == 429
    assert reply.json()["errorCode"] == "TOO_MANY_REQUESTS"
    assert 1 <= int(reply.headers["Retry-After"]) <= 300


def test_a_body_above_the_limit_is_read_to_its_end(client: httpx.Client) -> None:
    """Otherwise a client would see a broken connection and not the 413."""
    body = b'{"data":"' + b"x" * 6_000_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    reply = client.put(DOCUMENTS, params={"documentId": "a://1"}, content=body, headers=headers)
    assert (reply.status_code, reply.json()["errorCode"]) == (413, "REQUEST_TOO_LARGE")
    assert client.post(f"{BASE}/files").status_code == 201


def test_an_upload_above_the_limit_is_read_to_its_end() -> None:
    """And answered in the storage's XML; the container stays empty."""
    settings = Settings(organization="org", limits=Limits(max_container_bytes=1_000_000))
    with RunningEmulator(settings) as emulator:
        headers = {"Authorization": "Bearer k"}
        created = httpx.post(f"{emulator.base_url}{BASE}/files", headers=headers).json()
        required = created["requiredHeaders"]
        reply = httpx.put(created["uploadUri"], content=b"x" * 1_000_001, headers=required)
        assert (reply.status_code, "<Code>EntityTooLarge</Code>" in reply.text) == (413, True)
        reply = httpx.put(created["uploadUri"], content=b"x" * 1_000_000, headers=required)
        assert reply.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/rest/ua/v15/anything"),
        ("GET", "/rest/organizations/org/catalogs"),
    ],
)
def test_what_is_not_served_says_so(client: httpx.Client, method: str, path: str) -> None:
    """A 501 with JSON cannot be taken for an answer."""
    reply = client.request(method, path)
    assert (reply.status_code, reply.json()["errorCode"]) == (501, "NOT_IMPLEMENTED")


def test_provider_names_with_spaces_work_in_paths(client: httpx.Client) -> None:
    """The e-mail provider's own name has two."""
    path = f"{BASE}/providers/Email%20Security%20Provider/permissions"
    body = {"identity": {"name": "dora@example.com", "type": "User"}}
    assert client.put(path, json=body).json() == {}
    assert client.request("DELETE", path, json=body).status_code == 202


def test_an_unknown_path_is_a_404_in_json(client: httpx.Client) -> None:
    """Clients parse every error as JSON."""
    reply = client.get("/push/v2/anything")
    assert (reply.status_code, reply.json()["errorCode"]) == (404, "NOT_FOUND")


def test_a_wrong_method_is_a_405_in_json(client: httpx.Client) -> None:
    """There is no GET in the Push API."""
    reply = client.get(DOCUMENTS)
    assert (reply.status_code, reply.json()["errorCode"]) == (405, "METHOD_NOT_ALLOWED")


OFFER = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMA"}


def test_an_offer_of_http_2_is_ignored(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """One official client offers it on every plain request, with a body and without."""
    for number in range(3):
        assert client.post(f"{BASE}/files", headers=OFFER).status_code == 201
        query = {"documentId": f"a://{number}"}
        pushed = client.put(DOCUMENTS, params=query, json={"data": "x" * 200_000}, headers=OFFER)
        assert pushed.status_code == 202
    assert len(export(client)) == 3
    assert caplog.records == []


def test_a_tunnel_is_refused(emulator: RunningEmulator) -> None:
    """CONNECT is an upgrade, too, and there is nothing to read instead."""
    with socket.create_connection(("127.0.0.1", int(emulator.base_url.rsplit(":", 1)[1]))) as wire:
        wire.settimeout(5)
        wire.sendall(b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n")
        assert wire.recv(4096).startswith(b"HTTP/1.1 400")


def test_an_offer_in_two_packets_with_the_next_request_behind_it_is_ignored(
    emulator: RunningEmulator,
) -> None:
    """Where a packet ends is nothing that a client decides."""
    offer = "".join(f"{name}: {value}\r\n" for name, value in OFFER.items())
    head = f"PUT {DOCUMENTS}?documentId=a://1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer k\r\n"
    kind = "Content-Type: application/json\r\nContent-Length: 12\r\n"
    request = f'{head}{offer}{kind}\r\n{{"data":"x"}}'.encode()
    with socket.create_connection(("127.0.0.1", int(emulator.base_url.rsplit(":", 1)[1]))) as wire:
        wire.settimeout(5)
        cut = request.index(b"h2c")
        wire.sendall(request[:cut])
        wire.sendall(request[cut:] + request)
        said = b""
        while said.count(b"HTTP/1.1 202") < 2:
            said += wire.recv(4096) or pytest.fail(said.decode())


def test_a_delete_with_a_body_is_accepted(client: httpx.Client) -> None:
    """Documentation shows an empty object there."""
    reply = client.request("DELETE", DOCUMENTS, params={"documentId": "a://1"}, json={})
    assert reply.status_code == 202


def test_accepted_items_are_indexed_without_anyone_looking() -> None:
    """Served, the emulator settles due work by itself."""
    settings = Settings(organization="org", sources=(SourceSpec("open"),))
    with RunningEmulator(settings) as emulator, httpx.Client(base_url=emulator.base_url) as client:
        client.headers["Authorization"] = "Bearer k"
        client.put(DOCUMENTS, params={"documentId": "a://1"}, json={"data": ""})
        items = emulator.world.sources["open"].items
        wait_for(lambda: bool(items))
    assert list(items) == ["a://1"]


def test_a_client_that_leaves_in_the_middle_is_noted(
    client: httpx.Client, emulator: RunningEmulator
) -> None:
    """Nothing of its request is handled."""
    port = int(emulator.base_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"PUT {DOCUMENTS}?documentId=a://1 HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n"
        connection.sendall(head.encode() + b'{"data":')
        wait_for(lambda: emulator.world.request_log.behind(0, 1) != [])
    wait_for(lambda: emulator.world.request_log.behind(0, 1)[0].milliseconds is not None)
    (record,) = client.get("/__admin/requests").json()["requests"]
    assert (record["status"], record["fault"]) == (None, "client_disconnected")
    assert export(client) == []


def test_requests_at_the_same_time_lose_nothing(client: httpx.Client) -> None:
    """Many threads push and look."""

    def push(number: int) -> int:
        query = {"documentId": f"a://{number}"}
        client.get("/__admin/counters")
        return client.put(DOCUMENTS, params=query, json={"data": ""}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(push, range(100))) == {202}
    counters = client.get("/__admin/counters").json()
    assert counters["items"]["upserted"] == len(export(client)) == 100
    assert counters["requests"] == {"push_item": {"202": 100}}
