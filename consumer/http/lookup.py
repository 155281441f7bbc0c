"""Looks a host up within a time that the system's resolver knows nothing of. Standard library only.

The resolver cannot be interrupted: it asks each name server several times, for half a minute or
longer (resolv.conf(5)). So it runs in a thread that is left behind when time is up, and ends by
itself; a caller that waits before it tries again has few of them.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from typing import TypeAlias

Resolve: TypeAlias = Callable[[str, int], list[str]]
"""From a host and a port to addresses. Raises OSError or UnicodeError."""


def system_addresses(host: str, port: int) -> list[str]:
    """Ask the system's resolver. Raises OSError or UnicodeError for a host that is not known."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def look_up(host: str, port: int, seconds: float, resolve: Resolve) -> list[str]:
    """Return a host's addresses, each once, in the system's order.

    Raises TimeoutError when time is up, OSError or UnicodeError for a host that is not known.
    """
    answers = queue.SimpleQueue[list[str] | OSError | UnicodeError]()

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except (OSError, UnicodeError) as error:  # the latter: a label that is empty or too long
            answers.put(error)

    threading.Thread(target=ask, name=f"look-up {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer
