"""The stack as an object: its parts started, killed and brought back, and where they answer."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from tests.stack.commands import COMMANDS, as_postgres, set_up_postgres
from tests.stack.places import NEEDS, Folders, Json, Part, StackError
from tests.stack.probes import answers, ready
from tests.stack.processes import State

_READY_TIMEOUT_SECONDS: Final = 120
_CLOSED_SECONDS: Final = 10
_LOOK_SECONDS: Final = 0.05
ALL: Final = tuple(Part)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the parts answer, by their ports; all on the loopback."""

    ports: Mapping[str, int]

    @property
    def bootstrap_servers(self) -> str:
        """Return Kafka's address."""
        return f"127.0.0.1:{self.ports['kafka']}"

    @property
    def registry_url(self) -> str:
        """Return the registry's API in Confluent's form."""
        return f"http://127.0.0.1:{self.ports['registry']}/apis/ccompat/v7"

    @property
    def connect_url(self) -> str:
        """Return Kafka Connect's REST API."""
        return f"http://127.0.0.1:{self.ports['connect']}"

    @property
    def postgres_dsn(self) -> str:
        """Return the address of PostgreSQL's database `app`."""
        return f"postgresql://app:app@127.0.0.1:{self.ports['postgres']}/app"

    @property
    def mariadb_dsn(self) -> str:
        """Return the address of MariaDB's database `app`."""
        return f"mariadb://app:app@127.0.0.1:{self.ports['mariadb']}/app"


class Stack:
    """One stack of processes. What it knows is also in its run folder, for the next command."""

    def __init__(self, folders: Folders) -> None:
        """Find what runs; nothing is started."""
        self.folders = folders
        self._state = State.load(folders)

    @property
    def endpoints(self) -> Endpoints:
        """Return where its parts answer. They keep their ports until `wipe`.

        Raises StackError before the first `up`.
        """
        if not self._state.ports:
            raise StackError(f"nothing was started in {self.folders.run}")
        return Endpoints(self._state.ports)

    def alive(self, part: Part) -> bool:
        """Return whether the part runs."""
        return self._state.alive(part)

    def up(
        self, parts: Collection[Part] = ALL, ports: Mapping[str, int] | None = None
    ) -> dict[Part, float]:
        """Start those that do not run, wait until each answers; return how many seconds each took.

        Raises StackError with the end of its log if one does not come up within two minutes.
        """
        self._refuse(parts)
        self._state.choose_ports(ports or {})
        idle = [part for part in ALL if part in parts and not self.alive(part)]
        busy = [part for part in idle if answers(self._state.ports[part])]
        if busy:
            raise StackError(f"ports taken by other processes: {', '.join(busy)}")
        self._state.save()
        return self._bring_up(idle)

    def start(self, part: Part) -> None:
        """Bring a part back on its old port, with its data, and wait until it answers."""
        self.up([part])

    def stop(self, part: Part) -> None:
        """Let a part shut down in order, and wait until it is gone."""
        self._end(part, signal.SIGINT if part is Part.POSTGRES else signal.SIGTERM)

    def kill(self, part: Part) -> None:
        """Crash a part: SIGKILL, no code of its own runs any more. Its data stay."""
        self._end(part, signal.SIGKILL)

    def restart(self, part: Part) -> None:
        """Stop a part in order and bring it back."""
        self.stop(part)
        self.start(part)

    def wipe(self) -> None:
        """Kill what runs; delete data, logs and ports."""
        for part in reversed(ALL):
            self.kill(part)
        for folder in (self.folders.data(Part.POSTGRES), self.folders.run):
            shutil.rmtree(folder, ignore_errors=True)
        self._state = State.load(self.folders)

    def status(self) -> Json:
        """Return per part whether it runs, its process, port, memory and log."""
        return {part.value: self._status(part) for part in ALL}

    def _status(self, part: Part) -> Json:
        process = self._state.processes.get(part)
        runs = process is not None and process.alive
        return {
            "running": runs,
            "pid": process.pid if process else None,
            "port": self._state.ports.get(part),
            "memory_mib": process.memory_mib() if process and runs else 0,
            "log": str(self.folders.log(part)),
        }

    # --- starting and ending

    def _refuse(self, parts: Collection[Part]) -> None:
        if not self.folders.installed:
            raise StackError(f"this version is not in {self.folders.home}; install it first")
        for part in parts:
            for need in NEEDS.get(part, ()):
                if need not in parts and not self.alive(need):
                    raise StackError(f"{need} does not run, and {part} needs it")

    def _bring_up(self, idle: list[Part]) -> dict[Part, float]:
        waiting: dict[Part, float] = {}
        seconds: dict[Part, float] = {}
        while idle or waiting:
            for part in [p for p in idle if not {*idle, *waiting} & {*NEEDS.get(p, ())}]:
                idle.remove(part)
                waiting[part] = time.monotonic()
                self._begin(part)
            for part in [part for part in waiting if self._has_come_up(part, waiting[part])]:
                seconds[part] = time.monotonic() - waiting.pop(part)
                sys.stderr.write(f"{part}: ready after {seconds[part]:.1f} s\n")
            time.sleep(_LOOK_SECONDS)
        return seconds

    def _begin(self, part: Part) -> None:
        command = COMMANDS[part](self.folders, self._state.ports)
        options = as_postgres() if part is Part.POSTGRES else {}
        data = self.folders.data(part)
        self._state.start(part, command, self.folders.log(part), cwd=data, **options)

    def _has_come_up(self, part: Part, began: float) -> bool:
        port = self._state.ports[part]
        if ready(part, port):
            if part is Part.POSTGRES:
                set_up_postgres(port)
            return True
        if not self.alive(part):
            raise StackError(f"{part} ended while starting\n{self.folders.log_end(part)}")
        if time.monotonic() - began > _READY_TIMEOUT_SECONDS:
            late = f"{part} did not answer within {_READY_TIMEOUT_SECONDS} s"
            raise StackError(f"{late}\n{self.folders.log_end(part)}")
        return False

    def _end(self, part: Part, how: signal.Signals) -> None:
        self._state.stop(part, how)
        port = self._state.ports.get(part)
        deadline = time.monotonic() + _CLOSED_SECONDS
        # The kernel may close a killed server's port a moment after the server is gone.
        while port and answers(port) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        if part is Part.POSTGRES:
            # A killed server leaves this, and does not start while its zombie is not reaped.
            (self.folders.data(part) / "postmaster.pid").unlink(missing_ok=True)
