"""A folder that a world survives in: a snapshot, and a journal of what it was told since.

The state depends on nothing but calls, commands and their times. So each of them is appended to
the journal and brought to the disk before it is acted on, and a start reads the snapshot and does
the same things again at the same times. A call whose line was cut off was never acted on, one
whose answer was lost is done: what a client must expect of any service. A database of items would
need every part of the core to say what it changed; here no part knows of it.

Keys are never written: a call is recorded once its key was found good. Imports: the core, stdlib.
"""

from __future__ import annotations

import base64
import fcntl
import os
import random
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from emulator.api import ROUTES, perform
from emulator.calls import Call, Endpoint
from emulator.clock import ManualClock
from emulator.commands import carry_out
from emulator.state.transfer import export_state, import_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.routing import Route
    from emulator.world import World

_COMPACT_BYTES = 256_000_000
_ROUTES = {(one.method, one.path): one for one in ROUTES}


class FolderInUseError(Exception):
    """Another process has the folder."""


class DataFolder:
    """Keeps one world; `open` it before the world is used, `close` it at the end."""

    def __init__(self, path: Path, world: World) -> None:
        """Keep this world in that folder."""
        self._path = path
        self._world = world
        self._generation = 0
        self._written = 0
        self._journal: BinaryIO | None = None
        self._lock: BinaryIO | None = None

    def open(self) -> bool:
        """Bring the world to where it was; returns whether there was anything.

        Raises FolderInUseError, BadStateError and OSError.
        """
        self._path.mkdir(parents=True, exist_ok=True)
        self._take()
        found = self._load()
        self.compact()
        self._world.recorder = self
        return found

    def close(self) -> None:
        """Write a last snapshot and let the folder go."""
        with self._world.lock:
            self._world.turn()
            self.compact()
            self.abandon()

    def abandon(self) -> None:
        """Let the folder go as a kill would; the world goes on without it."""
        self._world.recorder = None
        for file in (self._journal, self._lock):
            if file is not None:
                file.close()

    def record_call(self, call: Call, route: Route) -> None:
        """Append a call, without what tells who made it."""
        self._append(
            {
                "route": [route.method, route.path],
                "number": call.number,
                "path": call.path,
                "organization": call.organization,
                "source": call.source,
                "file_id": call.file_id,
                "parts": dict(call.parts),
                "query": dict(call.query),
                "headers": {k: v for k, v in call.headers.items() if k != "authorization"},
                "body": base64.b64encode(call.body).decode(),
                "oversize": call.oversize,
                "base_url": call.base_url,
                "copies": call.copies,
            }
        )

    def record_command(self, command: dict[str, Any]) -> None:
        """Append a command."""
        self._append(command)

    def compact(self) -> None:
        """Write a snapshot and begin a new journal; a kill in between loses nothing."""
        with self._world.lock:
            self._generation += 1
            self._write_snapshot()
            if self._journal is not None:
                self._journal.close()
            self._journal = self._journal_path().open("wb")
            self._written = 0
            seed = self._new_seed()
            self._append({"seed": seed})
            self._world.draw_from(seed)
            for old in self._path.glob("journal-*.jsonl"):
                if old != self._journal_path():
                    old.unlink()

    def _take(self) -> None:
        self._lock = (self._path / "lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            message = f"{self._path} is used by another emulator"
            raise FolderInUseError(message) from error

    def _load(self) -> bool:
        snapshot = self._path / "state.jsonl"
        if not snapshot.exists():
            self._world.begin_again(self._new_seed(), secrets.token_bytes(32))
            return False
        with snapshot.open("rb") as lines:
            header = orjson.loads(next(lines))
            self._generation = header["generation"]
            with _past(self._world, header["nowMs"]):
                secret = base64.b64decode(header["secret"])
                self._world.begin_again(self._new_seed(), secret)
                import_state(self._world, lines)
                self._replay()
        return True

    def _replay(self) -> None:
        if not self._journal_path().exists():
            return
        world = self._world
        with self._journal_path().open("rb") as lines, world.lock:
            for entry in _whole_lines(lines):
                world.advance_to(entry["at_ms"])
                if "seed" in entry:
                    world.draw_from(entry["seed"])
                else:
                    self._repeat(entry)

    def _repeat(self, entry: dict[str, Any]) -> None:
        world = self._world
        world.turn()
        if "command" in entry:
            carry_out(world, entry)
            return
        route = _ROUTES[tuple(entry["route"])]
        call = _call(entry, route.endpoint)
        world.request_log.go_on_behind(call.number)
        perform(world, call, route)

    def _write_snapshot(self) -> None:
        header = {
            "generation": self._generation,
            "nowMs": self._world.clock.now_ms(),
            "secret": base64.b64encode(self._world.signer.secret).decode(),
        }
        temporary = self._path / "state.jsonl.new"
        with temporary.open("wb") as file:
            file.write(orjson.dumps(header) + b"\n")
            file.writelines(export_state(self._world))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path / "state.jsonl")

    def _append(self, entry: dict[str, Any]) -> None:
        assert self._journal is not None
        if self._written > _COMPACT_BYTES:
            self.compact()
        line = orjson.dumps({"at_ms": self._world.clock.now_ms(), **entry}) + b"\n"
        self._journal.write(line)
        self._journal.flush()
        os.fdatasync(self._journal.fileno())
        self._written += len(line)

    def _new_seed(self) -> int:
        # Ids must not come again after a restart, but be repeatable if the world is.
        fixed = self._world.settings.seed
        if fixed is None:
            return secrets.randbits(64)
        dice = random.Random(f"{fixed}-{self._generation}")  # noqa: S311 - ids, no secrets
        return dice.getrandbits(64)

    def _journal_path(self) -> Path:
        return self._path / f"journal-{self._generation}.jsonl"


@contextmanager
def _past(world: World, now_ms: int) -> Iterator[None]:
    """Let the world's clock stand in the past, and be level with its own again at the end."""
    present = world.clock.inner
    world.clock.inner = ManualClock(now_ms)
    try:
        yield
    finally:
        then_ms = world.clock.now_ms()
        world.clock.inner = present
        present.advance(max(0, then_ms - present.now_ms()))


def _whole_lines(lines: BinaryIO) -> Iterator[dict[str, Any]]:
    for line in lines:
        if not line.endswith(b"\n"):
            return  # cut off by a kill, and so never acted on
        yield orjson.loads(line)


def _call(entry: dict[str, Any], endpoint: Endpoint) -> Call:
    fields = {k: v for k, v in entry.items() if k not in {"at_ms", "route", "body"}}
    return Call(endpoint=endpoint, body=base64.b64decode(entry["body"]), **fields)
