"""What the page shows, for the tests of it."""

from __future__ import annotations

import re
from html import unescape

import httpx

HOSTILE = "<script>alert('x')</script>\"&"


def page(client: httpx.Client, path: str, status: int = 200) -> str:
    """Return a page's HTML."""
    reply = client.get(path)
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    return reply.text


def text_of(markup: str) -> str:
    """Return the words of a piece of markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())
