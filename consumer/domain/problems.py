"""What is wrong with a configuration, and where it stands. Imports the standard library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Where in the configuration something stands: keys and list indexes, outermost first."""


def spell(path: Path) -> str:
    """Return a path as people write it: `mappings[2].fields.author`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def outline(path: Path) -> Path:
    """Return the premise that something stands at a path, whatever may be wrong inside it."""
    return (*path, "")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it stands, and what is wrong with what to do about it.

    Without `rests_on` it is wrong by itself. Otherwise these are the places that it was concluded
    from: if one of them is wrong by itself, this may be no problem at all once that is mended.
    """

    path: Path
    message: str
    rests_on: tuple[Path, ...] = ()

    def __str__(self) -> str:
        """Return the line that an operator reads."""
        return f"{spell(self.path)}: {self.message}"
