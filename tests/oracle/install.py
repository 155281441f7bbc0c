"""Fetches the official clients into the user's cache, once for each version of their locks."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

CLIENTS: Final = Path(__file__).resolve().parent / "clients"
REQUIREMENTS: Final = CLIENTS / "requirements.txt"
PACKAGES: Final = tuple(CLIENTS / name for name in ("package.json", "package-lock.json", ".npmrc"))
_SECONDS: Final = 180


class NotHereError(Exception):
    """A client cannot be fetched or run on this machine; the message says what is missing."""


def must_run(environment: Mapping[str, str]) -> bool:
    """Return whether a missing part is a failure: in CI (`CI` is set, and not to `false`)."""
    return environment.get("CI", "").lower() not in {"", "0", "false"}


def home(kind: str, *locks: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of a client: every clone with the same lock finds the same one."""
    cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()[:12]
    return Path(cache) / "coveo-cdc" / f"oracle-{kind}-{digest}"


def python_client() -> Path:
    """Return the Python of an environment that holds the Python client. Raises NotHereError."""
    folder = _once(home("python", REQUIREMENTS, Path(sys.executable)), _install_python)
    return folder / "bin/python"


def javascript_client() -> tuple[str, Path]:
    """Return Node.js and the folder of the JavaScript clients. Raises NotHereError."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise NotHereError("Node.js with npm, version 20 (Debian's packages 'nodejs' and 'npm')")
    return node, _once(home("javascript", *PACKAGES), _install_javascript)


def _install_python(folder: Path) -> None:
    _checked([sys.executable, "-m", "venv", str(folder)], folder)
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes")
    pip = (str(folder / "bin/python"), "-m", "pip", "install")
    _checked([*pip, *options, "-r", str(REQUIREMENTS)], folder)


def _install_javascript(folder: Path) -> None:
    for path in PACKAGES:
        shutil.copy(path, folder / path.name)
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    _checked(["npm", "ci", *options], folder)


def _once(folder: Path, install: Callable[[Path], None]) -> Path:
    """Install unless it is there, whole; one process at a time."""
    stamp = folder / "installed"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            install(folder)
            stamp.touch()
    return folder


def _checked(command: list[str], folder: Path) -> None:
    with tempfile.TemporaryFile("w+") as said:
        try:
            done = subprocess.run(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                check=False, timeout=_SECONDS,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotHereError(f"what '{command[0]}' fetches ({error})") from error
        said.seek(0)
        if done.returncode:
            why = said.readline().strip()
            raise NotHereError(f"packages that could not be fetched, is there a network? ({why})")
