"""Whether a part answers in its own protocol. Nothing here waits longer than five seconds."""

from __future__ import annotations

import socket
import struct
import subprocess

import httpx

from tests.stack.commands import postgres_program
from tests.stack.places import Part

_TIMEOUT_SECONDS = 5


def ready(part: Part, port: int) -> bool:
    """Ask the part something small; whatever goes wrong means no."""
    try:
        match part:
            case Part.KAFKA:  # ApiVersions, version 0: answered only once the broker serves
                return bool(_exchange(port, struct.pack(">ihhih", 10, 18, 0, 1, -1)))
            case Part.MARIADB:  # the server speaks first: length, number, protocol version 10
                return _exchange(port, b"")[4:5] == b"\x0a"
            case Part.POSTGRES:
                asked = [postgres_program("pg_isready") or "", "-q", "-h127.0.0.1", f"-p{port}"]
                return subprocess.run(asked, check=False).returncode == 0
            case Part.REGISTRY:
                return "version" in _get(port, "/apis/registry/v3/system/info")
            case Part.CONNECT:
                return _get(port, "/health")["status"] == "healthy"
    except (OSError, ValueError, KeyError, httpx.HTTPError):
        return False


def answers(port: int) -> bool:
    """Return whether something listens on a port of the loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _exchange(port: int, request: bytes) -> bytes:
    address = ("127.0.0.1", port)
    with socket.create_connection(address, timeout=_TIMEOUT_SECONDS) as connection:
        connection.sendall(request)
        return connection.recv(64)


def _get(port: int, path: str) -> dict[str, object]:
    answer = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=_TIMEOUT_SECONDS)
    return dict(answer.raise_for_status().json())
