"""What is remembered of a running stack: ports and processes, and how those are ended. Linux."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.stack.places import PORTS, Folders, Part, StackError
from tests.stack.probes import answers

_STOP_TIMEOUT_SECONDS: Final = 30
_LOOK_SECONDS: Final = 0.05
_CHOICE: Final = range(15_000, 30_000)
"""Ports below the ephemeral range: within it, a client that retries a dead port of this machine can
be connected to itself, and then keeps the port from the server that wants to come back."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process, told from a later one of the same number by when it was started."""

    pid: int
    started_at: int | None

    @property
    def alive(self) -> bool:
        """Return whether this very process runs."""
        return self.started_at is not None and started_at(self.pid) == self.started_at

    def family(self) -> list[Process]:
        """Return it and its children."""
        path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        children = [int(pid) for pid in path.read_text().split()]
        return [self, *(Process(pid, started_at(pid)) for pid in children)]

    def memory_mib(self) -> int:
        """Return the memory of its family, shared pages counted once (proportional set size)."""
        rollups = (Path(f"/proc/{one.pid}/smaps_rollup").read_text() for one in self.family())
        lines = [line for rollup in rollups for line in rollup.splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) // 1024

    def stop(self, how: signal.Signals) -> None:
        """Send a signal, and SIGKILL after 30 s, until it and its children are gone."""
        family = self.family()
        os.kill(self.pid, how)
        deadline = time.monotonic() + _STOP_TIMEOUT_SECONDS
        while any(one.alive for one in family):
            if time.monotonic() > deadline:
                sys.stderr.write(f"process {self.pid}: did not stop in time, killed\n")
                os.kill(self.pid, signal.SIGKILL)
                deadline += _STOP_TIMEOUT_SECONDS
            time.sleep(_LOOK_SECONDS)


def started_at(pid: int) -> int | None:
    """Return a live process's start in clock ticks since boot; `None` if it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


@dataclass(slots=True)
class State:
    """The ports chosen for a stack and the processes that were started, kept in its run folder."""

    path: Path
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[Part, Process] = field(default_factory=dict)
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def load(cls, folders: Folders) -> State:
        """Return what was saved, or nothing."""
        path = folders.run / "state.json"
        if not path.exists():
            return cls(path)
        saved = json.loads(path.read_text())
        processes = {Part(name): Process(*each) for name, each in saved["processes"].items()}
        return cls(path, saved["ports"], processes)

    def save(self) -> None:
        """Write in one step: a killed command leaves the old state or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        processes = {part: (one.pid, one.started_at) for part, one in self.processes.items()}
        draft.write_text(json.dumps({"ports": self.ports, "processes": processes}, indent=2))
        draft.replace(self.path)

    def choose_ports(self, given: Mapping[str, int]) -> None:
        """Give every part a port. It is kept until the data are wiped: clients outlive restarts."""
        if unknown := set(given) - set(PORTS):
            raise StackError(f"no such port: {', '.join(unknown)}; there are {', '.join(PORTS)}")
        for name in PORTS:
            taken = {*self.ports.values(), *given.values()}
            self.ports[name] = given.get(name) or self.ports.get(name) or _free_port(taken)

    def alive(self, part: Part) -> bool:
        """Return whether the part runs."""
        return part in self.processes and self.processes[part].alive

    def start(self, part: Part, command: list[str], log: Path, **options: Any) -> None:
        """Start a part in a session of its own, so that Ctrl-C does not reach it, and save that."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **options,
            )
        self._children.append(child)
        self.processes[part] = Process(child.pid, started_at(child.pid))
        self.save()

    def stop(self, part: Part, how: signal.Signals) -> None:
        """End a part, if it runs, and save that."""
        if self.alive(part):
            self.processes[part].stop(how)
        self.processes.pop(part, None)
        self._children = [child for child in self._children if child.poll() is None]
        self.save()


def _free_port(taken: set[int]) -> int:
    while (port := random.choice(_CHOICE)) in taken or answers(port):
        pass
    return port
