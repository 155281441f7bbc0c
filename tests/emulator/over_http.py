"""What a client does over HTTP, for the tests that need a served emulator."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

BASE = "/push/v1/organizations/org"
DOCUMENTS = f"{BASE}/sources/open/documents"


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so that happens on another thread."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def upload(client: httpx.Client, created: dict[str, Any], content: bytes) -> httpx.Response:
    """Put a container's content to the storage, without the token."""
    uri, headers = created["uploadUri"], created["requiredHeaders"]
    request = client.build_request("PUT", uri, content=content, headers=headers)
    del request.headers["Authorization"]
    return client.send(request)


def push_batch(client: httpx.Client, add: list[Any], source: str = "open") -> httpx.Response:
    """Container, upload, batch call, as a client does it."""
    created = client.post(f"{BASE}/files").json()
    body = json.dumps({"addOrUpdate": add, "delete": []}).encode()
    assert upload(client, created, body).status_code == 200
    query = {"fileId": created["fileId"]}
    return client.put(f"{BASE}/sources/{source}/documents/batch", params=query)


def export(client: httpx.Client, source: str = "open") -> list[dict[str, Any]]:
    """Everything that is indexed."""
    text = client.get(f"/__admin/sources/{source}/export").text
    return [json.loads(line) for line in text.splitlines()]
