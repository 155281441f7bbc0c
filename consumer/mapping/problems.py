"""What is wrong with a mapping, found at start, all of it at once. Imports the domain only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

from consumer.domain.errors import ConfigError
from consumer.domain.problems import Path, Problem, outline, spell

__all__ = ["BadSpecError", "Findings", "MappingErrors", "Path", "Problem", "outline", "spell"]


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

    def add(self, path: Path, message: str, *rests_on: Path) -> None:
        """Note one problem, with the places that it was concluded from if it is one of several."""
        self.problems.append(Problem(path, message, rests_on))

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
