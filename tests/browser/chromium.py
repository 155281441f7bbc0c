"""Debian's Chromium: found, installed where that may be done, started without a screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import BrowserContext, Playwright

Scheme = Literal["dark", "light"]
PACKAGE = "chromium"
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Nothing that asks for a network or a screen."""
MISSING = (
    "the browser's tests need Chromium: install Debian's package 'chromium' "
    "(`make test-rest` does so as root)"
)


def program() -> str | None:
    """Return where the browser is; None if it is nowhere."""
    return shutil.which(PACKAGE)


def install() -> bool:
    """Install the browser if it is missing and that may be done; whether it is there now."""
    apt = shutil.which("apt-get")
    if program() is None and os.geteuid() == 0 and apt is not None:
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (("update",), ("install", "--yes", "--no-install-recommends", PACKAGE)):
            subprocess.run([apt, "--quiet=2", *command], env=environ, check=False)
    return program() is not None


@contextmanager
def started(playwright: Playwright, scheme: Scheme) -> Iterator[BrowserContext]:
    """Start the browser with a new, empty profile; raises FileNotFoundError without one."""
    path = program()
    if path is None:
        raise FileNotFoundError(MISSING)
    with tempfile.TemporaryDirectory(prefix="coveo-cdc-browser-") as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=path,
            headless=True,
            chromium_sandbox=False,
            args=list(FLAGS),
            color_scheme=scheme,
            viewport={"width": 1200, "height": 800},
        )
        try:
            yield context
        finally:
            context.close()


if __name__ == "__main__":
    if not install():
        sys.stderr.write(f"{MISSING}\n")
