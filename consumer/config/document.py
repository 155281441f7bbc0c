"""A YAML file as plain values, with the line of each. Imports PyYAML.

Plain words are read as YAML 1.2 does (`no` is text, `010` is ten, `12:30` is text), a key that is
there twice is refused, and problems are collected instead of raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import yaml

from consumer.domain.problems import Path

Tree: TypeAlias = Any
"""What YAML can hold: dictionaries with text keys, lists, text, numbers, booleans, null."""

_MAX_NODES: Final = 100_000
_MAX_DEPTH: Final = 50
_MAX_DIGITS: Final = 20
_NO_TEXT: Final = re.compile(r"[\0\ud800-\udfff]")
_TAG: Final = "tag:yaml.org,2002:"
_HALF: Final = "this has a character that no text has: NUL, or half of a pair (\\ud800 to \\udfff)"
_RULES: Final = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
)


class _Loader(yaml.SafeLoader):
    """PyYAML's parser without its YAML 1.1 guesses."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - its interface


for _kind, _text, _first in _RULES:
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(rf"^(?:{_text})$"), _first)


@dataclass(slots=True)
class Document:
    """What a file says, where it says it, and what is wrong with it as YAML."""

    tree: Tree = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[tuple[Path, int | None, str]] = field(default_factory=list)

    def line(self, path: Path) -> int | None:
        """Return the line of `path`, or of the nearest thing around it that has one."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def parse(text: str) -> Document:
    """Parse a YAML document. Never raises: problems are in the result."""
    document = Document()
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        document.problems.append(((), line, f"this is no YAML: {error.problem or error.context}"))
    except (yaml.YAMLError, ValueError, OverflowError):  # the latter: an escape beyond Unicode
        document.problems.append(((), None, "this is no YAML: it has characters that no text has"))
    except RecursionError:
        document.problems.append(((), None, "this is nested too deep"))
    else:
        document.tree = _Walk(document).value(node, ()) if node is not None else {}
    return document


def scalar(text: str) -> Tree:
    """Return what a flow value such as `[a, b]` means, or the text itself if it is not one."""
    if not text.startswith(("[", "{")):
        return text
    document = parse(text)
    return text if document.problems else document.tree


def value_at(tree: Tree, path: Path) -> Tree:
    """Return what stands at a path, `None` if nothing does."""
    for step in path:
        match tree:
            case dict():
                tree = tree.get(step)
            case list() if isinstance(step, int) and step < len(tree):
                tree = tree[step]
            case _:
                return None
    return tree


def is_text(text: str) -> bool:
    """Return whether it can go into a file, a log and a C library: no half characters, no NUL."""
    return _NO_TEXT.search(text) is None


def _integer(text: str) -> Tree:
    return int(text) if len(text) <= _MAX_DIGITS else float(text)


_SCALARS: Final[Mapping[str, Callable[[str], Tree]]] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": _integer,
    "float": float,
    "str": str,
}


class _Walk:
    """Turns nodes into values; counts them, because an alias can repeat a node without end."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._nodes = 0

    def value(self, node: yaml.Node, path: Path) -> Tree:
        self._nodes += 1
        if self._nodes > _MAX_NODES or len(path) > _MAX_DEPTH:
            self._complain(node, path, "this is larger or nested deeper than any configuration")
            return None
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case yaml.MappingNode():
                return self._mapping(node.value, path)
            case yaml.SequenceNode():
                return [self.value(one, (*path, at)) for at, one in enumerate(node.value)]
            case _:
                return self._scalar(node, path)

    def _mapping(self, pairs: Iterable[tuple[yaml.Node, yaml.Node]], path: Path) -> Tree:
        made: dict[str, Tree] = {}
        for key, value in pairs:
            if not isinstance(key, yaml.ScalarNode):
                self._complain(key, path, "a key must be a word")
                continue
            name, below = str(key.value), (*path, str(key.value))
            if not is_text(name):
                self._complain(key, path, _HALF)
                continue
            if name in made:
                first = self._document.line(below)
                self._complain(key, below, f"this key is there twice, first in line {first}")
                continue
            self._document.lines[below] = key.start_mark.line + 1
            made[name] = self.value(value, below)
        return made

    def _scalar(self, node: yaml.Node, path: Path) -> Tree:
        text = str(node.value)
        read = _SCALARS.get(node.tag.removeprefix(_TAG))
        if not is_text(text):
            problem = _HALF
        elif read is None:
            problem = f"the tag '{node.tag}' has no meaning here"
        else:
            try:
                return read(text)
            except ValueError:
                problem = f"the tag '{node.tag}' says that this is a number"
        self._complain(node, path, problem)
        return None

    def _complain(self, node: yaml.Node, path: Path, message: str) -> None:
        self._document.problems.append((path, node.start_mark.line + 1, message))
