"""The source tree as syntax: what the architecture tests walk."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("consumer", "emulator", "demo", "benchmarks", "tests")
PURE = ("domain", "decode", "mapping", "pipeline", "doctor")
"""Packages of the consumer that do no I/O, read no clock, start no thread."""


@dataclass(frozen=True)
class Module:
    """One file. `package` is `domain`, `kafka`, … inside the consumer, else the top folder."""

    path: Path

    @property
    def name(self) -> str:
        """Return the path as it is written in messages and waivers."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def package(self) -> str:
        """Return the part of the architecture that the file belongs to."""
        top, *inner = self.path.relative_to(ROOT).with_suffix("").parts
        return inner[0] if top == "consumer" else top

    @cached_property
    def text(self) -> str:
        """Return the source."""
        return self.path.read_text("utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Return the source as syntax."""
        return ast.parse(self.text, self.name)

    def imports(self) -> Iterator[str]:
        """Yield the full dotted name of everything that is imported, wherever it stands."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(*tops: str) -> list[Module]:
    """Return the Python files under these top folders, in a fixed order."""
    found = (path for top in tops for path in (ROOT / top).rglob("*.py"))
    return [Module(path) for path in sorted(found)]
