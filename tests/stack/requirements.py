"""May the stack run here? Pure: what was seen of a machine → run, skip or fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple


class Verdict(Enum):
    """What the tests that need the stack do."""

    RUN = auto()
    SKIP = auto()
    FAIL = auto()


class Decision(NamedTuple):
    """A verdict and, where it is not to run, what to tell whoever wants to."""

    verdict: Verdict
    text: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What was seen of a machine."""

    linux: bool
    """Processes are looked after by `/proc`."""
    root: bool
    apt: bool
    """Debian's package tool is there."""
    installed: bool
    """The Java parts of this version are in the cache."""
    maven: bool
    databases_missing: Sequence[str]
    """Programs of PostgreSQL and MariaDB that are not there."""


def lacking(machine: Machine) -> list[str]:
    """Return what the machine lacks and cannot get by itself; empty if the stack can run."""
    if not machine.linux:
        return ["Linux"]
    can_install = machine.apt and machine.root
    why_not = "they come with apt, as root" if machine.apt else "there is no apt to install them"
    lacks = []
    if machine.databases_missing and not can_install:
        lacks.append(f"{', '.join(machine.databases_missing)} ({why_not})")
    if not (machine.installed or machine.maven or can_install):
        lacks.append(f"mvn ({why_not})")
    return lacks


def unfetched(problem: Exception) -> list[str]:
    """Return what is lacking where nothing was known to be missing, and fetching it failed."""
    return [f"parts that could not be fetched, is there a network? ({problem})"]


def decide(lacks: Sequence[str], environment: Mapping[str, str]) -> Decision:
    """Decide by what is missing. In CI (`CI` is set, and not to `false`) it never skips."""
    if not lacks:
        return Decision(Verdict.RUN)
    text = f"the real stack cannot run here, missing: {'; '.join(lacks)}"
    if environment.get("CI", "").lower() in {"", "0", "false"}:
        return Decision(Verdict.SKIP, text)
    return Decision(Verdict.FAIL, f"{text}; in CI it must run")
