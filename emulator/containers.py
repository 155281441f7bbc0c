"""File containers: one upload, one push, sixty minutes (docs.coveo.com/en/43).

Imports: errors, switches.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from emulator.errors import StorageError
from emulator.switches import SecondUpload

if TYPE_CHECKING:
    import random


class Absence(StrEnum):
    """Why a container has nothing to give."""

    UNKNOWN = "no such container"
    EXPIRED = "the container has expired"
    UNFILLED = "nothing was uploaded to the container"


@dataclass(slots=True)
class Container:
    """An upload slot; `content` is None until it is filled."""

    expires_ms: int
    content: bytes | None = None


class Containers:
    """All open containers of an organization. A consumed container is forgotten."""

    __slots__ = ("_lifetime_ms", "_open", "_random", "_second_upload")

    def __init__(
        self, lifetime_seconds: int, second_upload: SecondUpload, rng: random.Random
    ) -> None:
        """Start without containers; file ids are drawn from `rng`."""
        self._lifetime_ms = lifetime_seconds * 1000
        self._second_upload = second_upload
        self._random = rng
        self._open: dict[str, Container] = {}

    def create(self, now_ms: int) -> str:
        """Open a container and return its file id, a UUID."""
        self._forget_expired(now_ms)
        file_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        self._open[file_id] = Container(now_ms + self._lifetime_ms)
        return file_id

    def fill(self, file_id: str, content: bytes, now_ms: int) -> None:
        """Store the upload; raises StorageError if the container is gone or already filled."""
        container = self._open.get(file_id)
        if container is None or container.expires_ms <= now_ms:
            raise StorageError(403, "AccessDenied", "The file container no longer exists.")
        if container.content is not None and self._second_upload is SecondUpload.REFUSE:
            raise StorageError(403, "AccessDenied", "The file container was already filled.")
        container.content = content

    def look(self, file_id: str, now_ms: int) -> Absence | None:
        """Why the container could not be consumed now, or None if it could."""
        container = self._open.get(file_id)
        if container is None:
            return Absence.UNKNOWN
        if container.expires_ms <= now_ms:
            return Absence.EXPIRED
        return Absence.UNFILLED if container.content is None else None

    def consume(self, file_id: str, now_ms: int) -> bytes | Absence:
        """Take the content out; the container is deleted with it."""
        absence = self.look(file_id, now_ms)
        if absence is not None:
            return absence
        content = self._open.pop(file_id).content
        return Absence.UNFILLED if content is None else content

    def all(self) -> dict[str, Container]:
        """Return the open containers by file id, oldest first; do not change it."""
        return self._open

    def restore(self, file_id: str, container: Container) -> None:
        """Open a container that was open before."""
        self._open[file_id] = container

    def __len__(self) -> int:
        """How many containers are open, expired ones included until the next is created."""
        return len(self._open)

    def _forget_expired(self, now_ms: int) -> None:
        # Life times are equal, so the dictionary is in order of expiry.
        while self._open:
            oldest = next(iter(self._open))
            if self._open[oldest].expires_ms > now_ms:
                return
            del self._open[oldest]
