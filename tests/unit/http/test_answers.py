"""What an HTTP client of ours keeps of its answers: nothing."""

from __future__ import annotations

import itertools

import httpx

from consumer.http.answers import open_client


def test_no_cookie_is_kept() -> None:
    """Nobody would ever send them back, and a peer can give another one with every answer."""
    numbers = itertools.count()

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=[("Set-Cookie", f"c{next(numbers)}=1; Path=/")])

    client = open_client(httpx.MockTransport(answer))
    for _ in range(3):
        client.send(httpx.Request("GET", "http://registry.example.com/"))
    assert list(client.cookies.jar) == []
