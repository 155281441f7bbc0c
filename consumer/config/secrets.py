"""Secrets: read from files, read again when the file changes, shown nowhere. Standard library.

A secret that is mounted into a container is exchanged by switching a symbolic link, so what counts
is the file that the path leads to now: its inode and its time of change.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from consumer.domain.errors import ConfigError


class Secret(Protocol):
    """Something that only its user may see."""

    def reveal(self) -> str:
        """Return the secret as it is now. Raises ConfigError if there is none."""
        ...


class SecretText:
    """A secret that is given once, by an environment variable: for local runs."""

    def __init__(self, text: str) -> None:
        """Keep it."""
        self._text = text

    def __repr__(self) -> str:
        """Return nothing that could help anyone."""
        return "***"

    def reveal(self) -> str:
        """Return the secret."""
        return self._text


class SecretFile:
    """A secret in a file. Once it was read, a moment without a usable file changes nothing."""

    def __init__(self, path: Path) -> None:
        """Keep the path; nothing is read yet."""
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._text = ""

    def __repr__(self) -> str:
        """Return nothing that could help anyone."""
        return "***"

    def reveal(self) -> str:
        """Return the content without the line end, read again if the file is another one by now.

        Raises ConfigError that names the file, never its content, if it was never readable.
        """
        try:
            status = self.path.stat()
            stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
            if stamp != self._seen:
                self._take(self.path.read_text(encoding="utf-8"), stamp)
        except OSError as error:
            self._give_up_unless_known(error.strerror or "it cannot be read")
        except UnicodeDecodeError:
            self._give_up_unless_known("it is not UTF-8 text")
        except ValueError:  # a NUL in its path
            self._give_up_unless_known("no file can have this name")
        return self._text

    def _take(self, content: str, stamp: tuple[int, int, int]) -> None:
        text = content.rstrip("\r\n")
        if text:
            self._text, self._seen = text, stamp
        else:
            self._give_up_unless_known("it is empty")

    def _give_up_unless_known(self, why: str) -> None:
        if not self._text:
            msg = f"secret file '{self.path}' cannot be used: {why}; put the secret there, readable"
            raise ConfigError(msg) from None
