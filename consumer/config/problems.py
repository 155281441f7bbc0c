"""Problems of a configuration: where, what, and what to do. Imports the domain and `mapping`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from consumer.domain.errors import ConfigError
from consumer.mapping.problems import Path, spell


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
