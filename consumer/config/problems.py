"""Problems of a configuration: where, what, and what to do. Imports the domain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import NoReturn

from consumer.config.document import Document
from consumer.config.environment import Override
from consumer.domain.errors import ConfigError
from consumer.domain.problems import Path, Problem, spell


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing to mend. `origin` is the file, or the environment variable that said it."""

    origin: str
    line: int | None
    path: Path
    message: str

    def __str__(self) -> str:
        """Return the line that an operator reads: `file:line: path: message`."""
        place = self.origin if self.line is None else f"{self.origin}:{self.line}"
        return ": ".join(part for part in (place, spell(self.path), self.message) if part)


class ConfigErrors(ConfigError):  # noqa: N818 - it holds several
    """A configuration cannot be used; `problems` holds everything that was found."""

    def __init__(self, file: FilePath, problems: Sequence[ConfigProblem]) -> None:
        """Keep the problems, in the order of the file; the message lists them, one a line."""
        self.problems = tuple(sorted(problems, key=lambda one: (one.line or 0, spell(one.path))))
        count = len(self.problems)
        head = f"{file} has {count} problem{'' if count == 1 else 's'}:"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


class Report:
    """What was found in one file: everything, but for what may only follow from something else."""

    def __init__(self, file: FilePath, document: Document) -> None:
        """Begin with what YAML itself found."""
        self._file = file
        self._document = document
        self._overrides: list[Override] = []
        self._distrusted: list[Path] = []
        self._problems = [
            ConfigProblem(str(file), line, path, message)
            for path, line, message in document.problems
        ]

    def add_overrides(self, overrides: Iterable[Override]) -> None:
        """Note what the environment said, right or wrong."""
        for one in overrides:
            if one.problem is None:
                self._overrides.append(one)
            else:
                self._problems.append(ConfigProblem(one.variable, None, one.path, one.problem))

    def distrust(self, path: Path) -> None:
        """From now on leave out what rests on `path`, on anything in it or on what it is part of.

        It is known to be wrong, so what seems to follow from it need not be so once it is mended.
        """
        self._distrusted.append(path)

    def add(self, *problems: Problem) -> None:
        """Note what was found at once: first what is wrong by itself, and then is distrusted."""
        alone = [one for one in problems if not one.rests_on]
        for one in alone:
            self._add(one, (one.path,))
        for one in alone:
            self.distrust(one.path)
        for one in problems:
            if one.rests_on:
                self._add(one, one.rests_on)

    def _add(self, problem: Problem, premises: Iterable[Path]) -> None:
        """Note a problem, with the environment variable or the line that said the wrong thing."""
        if any(_touch(one, other) for one in self._distrusted for other in premises):
            return
        origin, line = str(self._file), self._document.line(problem.path)
        for override in self._overrides:
            if override.path == problem.path[: len(override.path)]:
                origin, line = override.variable, None
        self._problems.append(ConfigProblem(origin, line, problem.path, problem.message))

    def close(self) -> None:
        """Raise ConfigErrors if anything was found."""
        if self._problems:
            self.fail()

    def fail(self) -> NoReturn:
        """Raise ConfigErrors with what was found so far, where nothing else can be known."""
        raise ConfigErrors(self._file, self._problems)


def _touch(one: Path, other: Path) -> bool:
    """Return whether one path leads to, through or into what the other one leads to."""
    return all(left == right for left, right in zip(one, other, strict=False))
