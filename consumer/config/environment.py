"""Single keys from the environment: `COVEO_CDC__WINDOWS__LINGER_SECONDS=5`. Standard library.

Segments are separated by two underscores and read without regard to case. A variable cannot spell
every key, so a segment also matches a key whose `-` and `.` are written `_`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from consumer.config.document import Tree, is_text, scalar
from consumer.mapping.problems import Path

PREFIX: Final = "COVEO_CDC__"
_MOST_DIGITS: Final = 9
_DOTTED: Final = frozenset({("kafka", "settings"), ("schema_registry", "settings")})
"""Where keys are the settings of a library, which are written with dots."""


@dataclass(frozen=True, slots=True)
class Override:
    """One key that the environment sets, and the variable that does."""

    variable: str
    path: Path
    problem: str | None = None


def overlay(tree: Tree, environ: Mapping[str, str]) -> tuple[Override, ...]:
    """Set in `tree` what the environment says; return which keys these are."""
    return tuple(_overlaid(tree, environ))


def _overlaid(tree: Tree, environ: Mapping[str, str]) -> Iterator[Override]:
    for variable in sorted(environ):
        if variable.upper().startswith(PREFIX):
            yield _override(tree, variable, environ[variable])


def _override(tree: Tree, variable: str, text: str) -> Override:
    if not is_text(variable) or not is_text(text):
        shown = variable.encode("ascii", "backslashreplace").decode()
        return Override(shown, (), "it is not UTF-8 text")
    segments = variable[len(PREFIX) :].lower().split("__")
    if not all(segments):
        return Override(variable, (), "it names no key: parts are separated by '__'")
    return _set(tree, segments, text, variable)


def _set(tree: Tree, segments: list[str], text: str, variable: str) -> Override:
    node: Tree = tree
    path: Path = ()
    for at, segment in enumerate(segments):
        step = _step(node, segment, path)
        if step is None:
            problem = f"it leads to '{segment}' inside something that has no such part"
            return Override(variable, path, problem)
        path = (*path, step)
        if at == len(segments) - 1:
            node[step] = scalar(text)
        else:
            node = _enter(node, step)
    return Override(variable, path)


def _enter(node: Tree, step: str | int) -> Tree:
    """Return what lies below, made if it is not there or null."""
    below = node.get(step) if isinstance(node, dict) else node[step]
    if below is None:
        below = node[step] = {}
    return below


def _step(node: Tree, segment: str, path: Path) -> str | int | None:
    """Return the key or index that a segment means, `None` if it can mean none."""
    match node:
        case list():
            return _index(segment, len(node))
        case dict():
            for key in node:
                if _plain(key) == segment:
                    return str(key)
            return segment.replace("_", ".") if path in _DOTTED else segment
        case _:
            return None


def _index(segment: str, length: int) -> int | None:
    """Return the place in a list that a segment names; long digits are no number at all."""
    if not (segment.isascii() and segment.isdecimal() and len(segment) <= _MOST_DIGITS):
        return None
    return int(segment) if int(segment) < length else None


def _plain(key: object) -> str:
    return str(key).lower().replace("-", "_").replace(".", "_")
