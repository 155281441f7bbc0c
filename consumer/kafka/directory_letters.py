"""Dead letters as files: JSON Lines in the capture format, with the reason beside each record.

Imports the domain. One thread writes; a letter is delivered once it is on the disk (`fsync`).
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from consumer import __version__
from consumer.domain.captures import record_document
from consumer.domain.fates import DeadLetter

MAX_FILE_BYTES: Final = 64 * 1024 * 1024


class LetterFiles:
    """Appends lines to files of one run; after an error a file ends with its last whole line."""

    def __init__(self, directory: Path, run_name: str, max_file_bytes: int) -> None:
        """Write to `directory`. Every run has files of its own: none appends to a torn line."""
        self._directory = directory
        self._run_name = run_name
        self._max_file_bytes = max_file_bytes
        self._path: Path | None = None
        self._number = 0
        self._size = 0

    def append(self, lines: Sequence[bytes]) -> None:
        """Write all lines durably, or none. Raises OSError."""
        path = self._path or self._create()
        data = b"".join(lines)
        try:
            with path.open("r+b") as file:
                file.seek(self._size)
                file.truncate()
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            self._path = None  # moved away by someone: the next try begins a new file
            raise
        self._size += len(data)
        if self._size >= self._max_file_bytes:
            self._path = None

    def _create(self) -> Path:
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"dead-letters-{self._run_name}-{self._number}.jsonl"
        path.touch(exist_ok=False)
        self._path, self._size, self._number = path, 0, self._number + 1
        folder = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return path


class DirectoryDeadLetters:
    """`DeadLetters` on a disk. What is not written yet waits in memory, within the budgets."""

    def __init__(
        self, directory: Path, max_file_bytes: int = MAX_FILE_BYTES, retry_seconds: float = 5.0
    ) -> None:
        """Start the thread that writes; after an error it tries again every `retry_seconds`."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        self._files = LetterFiles(directory, f"{stamp}-{uuid.uuid4().hex[:8]}", max_file_bytes)
        self._directory = directory
        self._retry_seconds = retry_seconds
        self._changed = threading.Condition()
        self._waiting: deque[DeadLetter] = deque()
        self._delivered: list[int] = []
        self._trouble: str | None = None
        self._failures = 0
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="dead-letters", daemon=True)
        self._thread.start()

    def send(self, letter: DeadLetter) -> None:
        """Start delivering; never blocks."""
        with self._changed:
            self._waiting.append(letter)
            self._changed.notify()

    def delivered(self) -> Sequence[int]:
        """Return the ids of letters that became durable since the last call."""
        with self._changed:
            delivered, self._delivered = self._delivered, []
            return delivered

    def trouble(self) -> str | None:
        """Return why letters are not being written now, or `None`."""
        with self._changed:
            return self._trouble

    def failures(self) -> int:
        """Return how many tries to write failed since the start."""
        with self._changed:
            return self._failures

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Write what waits, if the disk takes it in time; the rest stays without a fate."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while letters := self._next():
            try:
                self._files.append([letter_line(letter) for letter in letters])
            except Exception as error:  # noqa: BLE001 - whatever it is, the letters must be kept
                self._fail(error)
            else:
                self._settle(letters)

    def _next(self) -> list[DeadLetter]:
        """Wait for letters; an empty list is the end. They stay in the queue until written."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            # After a failure at the end there is nobody left to mend it.
            return [] if self._closed and self._trouble else list(self._waiting)

    def _settle(self, letters: Sequence[DeadLetter]) -> None:
        with self._changed:
            for letter in letters:
                self._waiting.popleft()
                self._delivered.append(letter.letter_id)
            self._trouble = None

    def _fail(self, error: Exception) -> None:
        # Of other errors the class only: their text may quote the record.
        why = error.strerror if isinstance(error, OSError) else type(error).__name__
        with self._changed:
            self._failures += 1
            first = self._waiting[0].record.position
            self._trouble = f"cannot write dead letters to {self._directory}: {why} (from {first})"
            self._changed.wait_for(lambda: self._closed, self._retry_seconds)


def letter_line(letter: DeadLetter) -> bytes:
    """Return the line of a letter: the record as captured, then why and by which version.

    ASCII only: what is no text (half of a pair of UTF-16) can be written like this, too.
    """
    document = {
        **record_document(letter.record),
        "reason": letter.reason,
        "message": letter.message,
        "version": __version__,
    }
    return json.dumps(document).encode() + b"\n"
