"""The end of a log file, however long that is. Standard library only."""

from __future__ import annotations

from pathlib import Path
from typing import Final

MAX_BYTES: Final = 4_000_000
"""Ours: what is read of a file at most."""


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last whole lines of a file, `count` at most. Raises OSError."""
    with path.open("rb") as file:
        file.seek(0, 2)
        start = max(0, file.tell() - MAX_BYTES)
        file.seek(start)
        text = file.read(MAX_BYTES).decode("utf-8", "replace")
    lines = text.splitlines()
    # What the first one began with was not read: half a secret is not recognised.
    whole = lines[1:] if start else lines
    return whole[-count:]
