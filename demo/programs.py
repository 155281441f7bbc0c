"""The programs of the demonstration as processes of their own, each with a log file."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

_START_SECONDS = 30.0
_STOP_SECONDS = 45.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Program:
    """A running program; `ready_url` answers 200 once it is of use."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    ready_url: str

    def wait_until_ready(self) -> None:
        """Wait for it. Raises RuntimeError that names its log if it ends or takes too long."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            self.check()
            try:
                if httpx.get(self.ready_url, timeout=2).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(_LOOK_SECONDS)
        msg = f"{self.name} was not ready within {_START_SECONDS:g} s; see {self.log}"
        raise RuntimeError(msg)

    def check(self) -> None:
        """Raise RuntimeError with the end of its log if it has ended."""
        code = self.process.poll()
        if code is not None:
            end = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
            msg = f"{self.name} ended with exit code {code}; the end of {self.log}:\n{end}"
            raise RuntimeError(msg)

    def stop(self) -> int:
        """Ask it to stop, wait, and return its exit code; kill it if it does not."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()


def start(
    name: str, module: Sequence[str], log: Path, ready_url: str, environ: Mapping[str, str]
) -> Program:
    """Start `python -m …` in a session of its own, so that Ctrl-C reaches only us."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            stdout=sink,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environ},
            start_new_session=True,
        )
    return Program(name, process, log, ready_url)


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
