"""A running stack for one recording: databases, Debezium, Kafka, registry."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

_CAUGHT_UP_TIMEOUT_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Stack:
    """Endpoints of a running stack and the command that controls it."""

    command: Path
    environment: dict[str, str]
    endpoints: dict[str, str]

    def connector(self, database: str, settings: dict[str, Any]) -> None:
        """Register a Debezium connector and wait until it runs."""
        _run([self.command, "connector", database, json.dumps(settings)], self.environment)

    def remove_connector(self, name: str) -> None:
        """Take a connector away."""
        httpx.delete(
            f"{self.endpoints['connect_url']}/connectors/{name}", timeout=30
        ).raise_for_status()

    def postgres(self, statements: str, *, database: str = "app", user: str = "app") -> str:
        """Run SQL by psql and return what it prints, without decoration."""
        environment = self.environment | {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(urlsplit(self.endpoints["postgres_dsn"]).port),
            "PGUSER": user,
            "PGPASSWORD": "app",
            "PGDATABASE": database,
            "PGTZ": "UTC",
            "PGCLIENTENCODING": "UTF8",
        }
        return _run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1"], environment, statements)

    def mariadb(self, statements: str) -> str:
        """Run SQL by the mariadb shell and return what it prints."""
        port = urlsplit(self.endpoints["mariadb_dsn"]).port
        options = ["-h127.0.0.1", f"-P{port}", "-uapp", "-papp", "-N", "app"]
        charset = "--default-character-set=utf8mb4"
        return _run(["mariadb", charset, *options], self.environment, statements)

    def wait_caught_up(self, slot: str) -> None:
        """Wait until Debezium has confirmed everything that PostgreSQL has written so far."""
        target = self.postgres("SELECT pg_current_wal_lsn();").strip()
        question = (
            f"SELECT confirmed_flush_lsn >= '{target}' "  # noqa: S608 -- names of our own
            f"FROM pg_replication_slots WHERE slot_name = '{slot}';"
        )
        deadline = time.monotonic() + _CAUGHT_UP_TIMEOUT_SECONDS
        while self.postgres(question).strip() != "t":
            if time.monotonic() > deadline:
                problem = f"slot {slot} has not reached {target}"
                raise TimeoutError(problem)
            time.sleep(0.3)


@contextmanager
def running(command: Path, parts: Sequence[str]) -> Iterator[Stack]:
    """A fresh stack, removed with its data at the end; others of the installation stay."""
    with tempfile.TemporaryDirectory(prefix="recording-") as folder:
        environment = dict(os.environ) | {"STACK_RUN": f"{folder}/run"}
        command = command.resolve()
        try:
            endpoints = json.loads(_run([command, "up", "--only", ",".join(parts)], environment))
            yield Stack(command, environment, endpoints)
        finally:
            _run([command, "down", "--wipe"], environment)


def _run(command: Sequence[str | Path], environment: dict[str, str], given: str = "") -> str:
    result = subprocess.run(
        command, env=environment, input=given, capture_output=True, text=True, check=False
    )
    if result.returncode:
        problem = f"{Path(command[0]).name} {command[1]}: {result.stderr}"
        raise RuntimeError(problem)
    return result.stdout
