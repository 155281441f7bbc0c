"""What no committed text may hold: addresses of registries, paths of one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:root|home|work|Users)/\w")
"""An absolute path into somebody's own folders."""

REGISTRY = re.compile(
    r"--(?:extra-)?index-url|\"resolved\":\s*\"http|registry\s*=\s*[\"']?http"
    r"|[/.](?:py" + r"pi[.]org|python" + r"hosted[.]org|np" + r"mjs[.](?:org|com))"
)
LOCKS = sorted(ROOT.glob("requirements*.txt"))


def committed_files() -> list[Path]:
    """Return what is in version control, or would be with the next commit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git work tree")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def texts() -> dict[str, str]:
    """Return each committed text by its path."""
    found = {}
    for path in committed_files():
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("forbidden", [MACHINE_PATH, REGISTRY], ids=["path", "registry"])
def test_text_speaks_of_the_project_only(forbidden: re.Pattern[str]) -> None:
    """It must be true on every machine, and name no service that a reader may not use."""
    found = [
        f"{name}: {hit[0]}" for name, text in texts().items() for hit in forbidden.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_carry_hashes_and_no_address(lock: Path) -> None:
    """What is installed is what was checked, wherever it is fetched from."""
    text = lock.read_text("utf-8")
    pins = re.findall(r"^[\w.\[\]-]+==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(pins) > 20
    assert "http://" not in text
    assert "https://" not in text
    assert [pin.split("\n")[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_both_locks_agree() -> None:
    """Tests run with the versions that the image holds."""
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock.read_text(), re.MULTILINE):
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
