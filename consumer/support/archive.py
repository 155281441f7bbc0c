"""Texts by name into one file. Standard library only."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path


def packed(folder: str, texts: Mapping[str, str], at_seconds: int) -> bytes:
    """Return a `.tar.gz` with the texts as files in one folder."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, text in texts.items():
            content = text.encode("utf-8", "backslashreplace")
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size, member.mtime, member.mode = len(content), at_seconds, 0o600
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def write(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; there must be none. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
