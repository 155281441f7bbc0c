"""The command line, as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

COMMAND = [sys.executable, "-m", "emulator"]
ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
    )


def test_the_command_prints_its_address_and_stops_on_interrupt(tmp_path: Path) -> None:
    """One line when ready, exit code 0 on Ctrl-C, and the options are obeyed."""
    key_file = tmp_path / "key"
    key_file.write_text("secret\n")
    options = ["--organization", "acme", "--source", "hr:secured", "--api-key-file", str(key_file)]
    with subprocess.Popen(
        [*COMMAND, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("Push API emulator at ").strip()
        sources = httpx.get(f"{address}/__admin/sources").json()["sources"]
        files = f"{address}/push/v1/organizations/acme/files"
        right = httpx.post(files, headers={"Authorization": "Bearer secret"}).status_code
        wrong = httpx.post(files, headers={"Authorization": "Bearer other"}).status_code
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    assert [(one["name"], one["visibility"]) for one in sources] == [("hr", "SECURED")]
    assert (right, wrong) == (201, 401)


def test_help_shows_an_example() -> None:
    """And what the exit codes mean."""
    result = run("--help")
    assert result.returncode == 0
    assert "coveo-push-emulator --port 8700" in result.stdout
    assert "Exit codes" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [["--source", "a:open"], ["--quota", "much"], ["--port", "70000"]],
)
def test_wrong_usage_is_exit_code_two(arguments: list[str]) -> None:
    """With the option named."""
    result = run(*arguments)
    assert result.returncode == 2
    assert arguments[0] in result.stderr


def test_an_address_that_cannot_be_used_is_exit_code_one() -> None:
    """And says which."""
    result = run("--host", "192.0.2.1")
    assert result.returncode == 1
    assert "cannot listen on 192.0.2.1:0" in result.stderr
