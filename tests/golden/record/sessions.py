"""A session with a database through its own shell: statements in, lines of text out."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Final, Protocol
from urllib.parse import urlsplit

_TIMEOUT_SECONDS: Final = 60
_COMPLAINT: Final = re.compile(r"^(?:ERROR|FATAL|PANIC|psql:|ERROR \d+)[: ]", re.MULTILINE)


class Session(Protocol):
    """An open session."""

    def run(self, statement: str) -> list[str]:
        """Run one statement and return the lines it prints. Raises RuntimeError if it fails."""
        ...

    def close(self) -> None:
        """End the session."""
        ...


@dataclass(frozen=True, slots=True)
class Server:
    """Where a database listens."""

    kind: str
    port: int

    @classmethod
    def of(cls, kind: str, dsn: str) -> Server:
        """Return the server of a DSN."""
        return cls(kind, urlsplit(dsn).port or 0)

    def session(self, catalog: str, *, owner: bool = False) -> Shell:
        """Open a session as the application's user, or as the database's owner."""
        if self.kind == "postgres":
            return _psql(self.port, "postgres" if owner else "app", catalog)
        return _mariadb(self.port, "root" if owner else "app", catalog)


class Shell:
    """A shell that reads statements from a pipe; each is followed by a word that ends its output.

    Errors stop the shell (`ON_ERROR_STOP`, no `--force`), so the word does not come.
    """

    def __init__(self, command: Sequence[str], environment: dict[str, str], end: str) -> None:
        """Start it; `end` is the statement that prints the word `@end@`."""
        self._process = subprocess.Popen(
            ["stdbuf", "-oL", *command],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._end = end
        self._lines: Queue[str | None] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def run(self, statement: str) -> list[str]:
        """Run one statement and return the lines it prints."""
        return self.finish(self.start(statement))

    def start(self, statement: str) -> str:
        """Hand a statement over without waiting for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{statement};\n{self._end}\n")
        self._process.stdin.flush()
        return statement

    def finish(self, statement: str) -> list[str]:
        """Wait for a statement that was handed over."""
        lines: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=_TIMEOUT_SECONDS)
            except Empty:
                raise RuntimeError(f"no end of: {statement}") from None
            if line == "@end@" and not _COMPLAINT.search("\n".join(lines)):
                return lines
            if line is None or line == "@end@":
                raise RuntimeError(f"{statement}: {' '.join(lines)}")
            lines.append(line)

    def close(self) -> None:
        """End the session."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(_TIMEOUT_SECONDS)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.removesuffix("\n"))
        self._lines.put(None)


def _psql(port: int, user: str, catalog: str) -> Shell:
    environment = dict(os.environ) | {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port),
        "PGUSER": user,
        "PGPASSWORD": "app",
        "PGDATABASE": catalog,
        "PGTZ": "UTC",
        "PGCLIENTENCODING": "UTF8",
        "PGOPTIONS": "-c intervalstyle=iso_8601 -c client_min_messages=warning",
    }
    return Shell(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1"], environment, "\\echo @end@")


def _mariadb(port: int, user: str, catalog: str) -> Shell:
    password = ["-papp"] if user == "app" else []
    options = ["-h127.0.0.1", f"-P{port}", f"-u{user}", *password, "-N", "--raw", "--unbuffered"]
    command = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", *options, catalog]
    shell = Shell(command, dict(os.environ), "SELECT '@end@';")
    shell.run("SET time_zone = '+00:00'")
    return shell
