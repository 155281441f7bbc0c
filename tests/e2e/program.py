"""`coveo-cdc run` as a process of its own: its signals, its log, its endpoints."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

PATIENCE_SECONDS = 60.0
"""For whatever must happen in the end: machines can be slow, and a passing test never waits so."""

_LOOK_SECONDS = 0.02
_ROOT = Path(__file__).parents[2]
_CLIENT = httpx.Client(timeout=10)

Json = dict[str, Any]


def wait_for(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `condition` holds. Fails the test, naming `what`, if it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(_LOOK_SECONDS)


class Program:
    """A started program; `log` holds both of its outputs."""

    def __init__(self, config: Path, log: Path, port: int) -> None:
        """Start it under `config`, which says that it serves status on `port`."""
        self.log = log
        self._url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "consumer", "run", "--config", str(config)]
        environ = {**os.environ, "PYTHONPATH": str(_ROOT)}
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                command, stdout=sink, stderr=subprocess.STDOUT, env=environ, cwd=config.parent
            )

    @property
    def running(self) -> bool:
        """Return whether the process lives."""
        return self._process.poll() is None

    def threads(self) -> int:
        """Return how many threads the process has; 0 where the system does not say."""
        folder = Path(f"/proc/{self._process.pid}/task")
        return len(list(folder.iterdir())) if folder.exists() else 0

    def kill(self) -> None:
        """SIGKILL: no code of ours runs any more."""
        self._process.kill()
        self._process.wait()

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        return self._process.wait(PATIENCE_SECONDS)

    def stop(self) -> int:
        """Ask it to stop and return the exit code."""
        self.signal()
        return self.wait()

    # --- what it says

    def output(self) -> str:
        """Return everything that it wrote so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def events(self, *names: str) -> list[Json]:
        """Return the whole lines of its log so far, of these events or of all."""
        lines = [line for line in self.output().splitlines(keepends=True) if line.endswith("\n")]
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in events if not names or event["event"] in names]

    def get(self, path: str) -> tuple[int, str]:
        """Return status and text of a path; status 0 if nobody answers."""
        try:
            answer = _CLIENT.get(self._url + path)
        except httpx.TransportError:
            return 0, ""
        return answer.status_code, answer.text

    def ready(self) -> bool:
        """Return whether `/readyz` says so."""
        return self.get("/readyz")[0] == 200

    def status(self) -> Json:
        """Return `/status`, empty if nobody answers."""
        code, text = self.get("/status")
        document: Json = json.loads(text) if code == 200 else {}
        return document

    def stuck(self, what: str = "") -> list[Json]:
        """Return the troubles on `/status` whose `what` begins so."""
        return [one for one in self.status().get("stuck", []) if one["what"].startswith(what)]

    def window_operations(self, target: str) -> int:
        """Return how many operations linger in the open window of a target."""
        lanes = self.status().get("targets", [])
        return sum(lane["window_operations"] for lane in lanes if lane["target"] == target)

    def wait_until_ready(self) -> None:
        """Wait until it is a member of the group."""
        wait_for(self._ready_or_dead, f"ready; see {self.log}")
        assert self.running, self.output()

    def _ready_or_dead(self) -> bool:
        return not self.running or self.ready()
