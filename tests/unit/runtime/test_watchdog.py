"""A close that hangs inside the Kafka client."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 30


@pytest.fixture
def hanging() -> Iterator[subprocess.Popen[str]]:
    """Give a program that is past its last commit and hangs in closing."""
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.runtime.closing_held"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield program
    program.kill()
    program.communicate()


def test_a_close_that_keeps_the_interpreter_is_ended_with_a_trace(
    hanging: subprocess.Popen[str],
) -> None:
    """Signals are Python's to handle, and Python does not run: nothing but a watchdog can act.

    What was settled is committed before the close begins, so ending it loses nothing.
    """
    assert hanging.stdout is not None
    assert hanging.stdout.readline() == "closing, committed [1]\n"
    hanging.send_signal(signal.SIGTERM)
    hanging.send_signal(signal.SIGTERM)
    _, trace = hanging.communicate(timeout=PATIENCE_SECONDS)
    assert hanging.returncode == 1
    assert "Timeout" in trace
    assert "closing_held.py" in trace
