"""Whether the ids of two mappings can meet. Imports nothing but templates and topics.

An id template is a sequence of characters and *runs* (a placeholder yields any run of characters
out of a class). Whether two sequences share a text is decided by walking both at once.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from consumer.mapping.template import TOPIC, Template
from consumer.mapping.topics import Topics, literal_start

_TOPIC_CHARACTERS: Final = frozenset(string.ascii_letters + string.digits + "._-")
_VALUE_CHARACTERS: Final = _TOPIC_CHARACTERS | frozenset("~%")


@dataclass(frozen=True, slots=True)
class Run:
    """Any number of characters, also none, out of `characters`; `None` stands for all."""

    characters: frozenset[str] | None

    def takes(self, character: str) -> bool:
        """Return whether the character may be part of the run."""
        return self.characters is None or character in self.characters


Shape: TypeAlias = tuple["str | Run", ...]

_ANYTHING: Final = Run(None)


def shapes(template: Template, topics: Topics) -> tuple[Shape, ...]:
    """Return what the ids of a mapping look like: one shape for each name its topics can have."""
    return tuple(dict.fromkeys(_shape(template, topic) for topic in _topic_shapes(topics)))


def can_meet(one: Template, topics: Topics, other: Template, other_topics: Topics) -> bool:
    """Return whether both templates could yield the same id."""
    return any(
        _overlap(left, right)
        for left in shapes(one, topics)
        for right in shapes(other, other_topics)
    )


def can_lie_below(child: Template, topics: Topics, parent: Template, parent_topics: Topics) -> bool:
    """Return whether a child id could begin with a parent id and '/': deleted with its children."""
    return any(
        _overlap(below, (*above, "/", _ANYTHING))
        for below in shapes(child, topics)
        for above in shapes(parent, parent_topics)
    )


def _topic_shapes(topics: Topics) -> Iterator[Shape]:
    if topics.pattern is None:
        yield from (tuple(name) for name in topics.names)
    else:
        yield (*literal_start(topics.pattern), Run(_TOPIC_CHARACTERS))


def _shape(template: Template, topic: Shape) -> Shape:
    shape: list[str | Run] = [*template.literals[0]]
    for name, literal in zip(template.names, template.literals[1:], strict=True):
        shape.extend(topic if name == TOPIC else (Run(_VALUE_CHARACTERS),))
        shape.extend(literal)
    return tuple(shape)


def _overlap(left: Shape, right: Shape) -> bool:
    """Walk both shapes at once, over pairs of how far each has come."""
    seen, waiting = set[tuple[int, int]](), [(0, 0)]
    while waiting:
        pair = waiting.pop()
        if pair == (len(left), len(right)):
            return True
        if pair not in seen:
            seen.add(pair)
            waiting.extend(_steps(left, right, *pair))
    return False


def _steps(left: Shape, right: Shape, i: int, j: int) -> Iterator[tuple[int, int]]:
    one = left[i] if i < len(left) else None
    other = right[j] if j < len(right) else None
    if isinstance(one, Run):
        yield i + 1, j
        if isinstance(other, str) and one.takes(other):
            yield i, j + 1
    if isinstance(other, Run):
        yield i, j + 1
        if isinstance(one, str) and other.takes(one):
            yield i + 1, j
    if isinstance(one, str) and one == other:
        yield i + 1, j + 1
