"""Reads one page of a program on this machine, such as `/status`. Imports httpx."""

from __future__ import annotations

from http import HTTPStatus

import httpx

from consumer.http.answers import FAILURES, describe, open_client, read_bounded
from consumer.http.deadline import Deadline
from consumer.http.transport import DeadlineTransport

MAX_PAGE_BYTES = 16_000_000
"""Ours: `/status` with a thousand partitions has half a megabyte."""


class NoPageError(Exception):
    """Nobody answered with a page; the message says why, in fixed words."""


def page(url: str, deadline: Deadline) -> str:
    """Return the text of a page. Raises NoPageError if nobody answers with one."""
    try:
        with open_client(DeadlineTransport(1)) as client:
            request = httpx.Request("GET", url, extensions={"deadline": deadline})
            response = client.send(request, stream=True)
            try:
                content = read_bounded(response, MAX_PAGE_BYTES)
            finally:
                response.close()
    except FAILURES as error:
        msg = f"{url}: {describe(error)}"
        raise NoPageError(msg) from None
    if response.status_code != HTTPStatus.OK:
        msg = f"{url}: answers {response.status_code}"
        raise NoPageError(msg)
    return content.decode("utf-8", "replace")
