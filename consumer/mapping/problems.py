"""What is wrong with a mapping, found at start, all of it at once. Imports the domain only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeAlias

from consumer.domain.errors import ConfigError

Path: TypeAlias = tuple[str | int, ...]
"""Where in the configuration something stands: keys and list indexes, outermost first."""


def spell(path: Path) -> str:
    """Return a path as people write it: `mappings[2].fields.author`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it stands, and what is wrong with what to do about it."""

    path: Path
    message: str

    def __str__(self) -> str:
        """Return the line that an operator reads."""
        return f"{spell(self.path)}: {self.message}"


class MappingErrors(ConfigError):  # noqa: N818 - it holds several
    """A mapping cannot be compiled; `problems` holds everything that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems; the message lists them, one a line."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class BadSpecError(ConfigError):
    """One part of a mapping is wrong; whoever knows where it stands makes it a `Problem`."""


@dataclass(slots=True)
class Findings:
    """Collects problems, so that one mistake does not hide the next."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path, message: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(path, message))

    def at(self, *path: str | int) -> _Noting:
        """Note a `BadSpecError` raised inside as a problem at `path`, and go on after the block."""
        return _Noting(self, path)

    def close(self) -> None:
        """Raise MappingErrors if anything was found."""
        if self.problems:
            raise MappingErrors(self.problems)


@dataclass(frozen=True, slots=True)
class _Noting:
    """The block of `Findings.at`; a class, so that the type checker knows that it may swallow."""

    found: Findings
    path: Path

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Swallow a BadSpecError, having noted it."""
        if not isinstance(error, BadSpecError):
            return False
        self.found.add(self.path, str(error))
        return True
