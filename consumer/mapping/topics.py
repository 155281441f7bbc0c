"""Which topics a mapping is for: names, or a pattern that must match the whole name.

A pattern is read by up to three engines: this one decides, the client (POSIX) and, in the newer
group protocol, the broker (RE2) only preselect. So it keeps to what all of them read alike.
Imports the domain only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from consumer.mapping.problems import BadSpecError

CONTROL_TOPICS: Final = (r"__.*", r"[^.]+\.(transaction|message)")
"""What no pattern matches: Kafka's and Debezium's internal topics (heartbeats, consumer offsets),
and Debezium's transaction and logical message topics. A topic that is named is never left out."""

_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_UNPORTABLE = re.compile(r"\(\?|\\[A-Za-z0-9]|\{|\[[^\]]*\\|\[\[?:|[\^$]")
_LITERAL_START = re.compile(r"(?:[A-Za-z0-9_-]|\\\.)*")


@dataclass(frozen=True, slots=True)
class Subscription:
    """What to read: topics by name, and anchored patterns with what they leave out.

    `patterns` and `excluded` are regular expressions of the portable subset, `^(…)$` included in
    the former; a topic that a pattern brings in and an `excluded` one matches has no route.
    """

    names: tuple[str, ...]
    patterns: tuple[str, ...]
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one mapping."""

    names: tuple[str, ...]
    pattern: str | None = None
    exclude: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """Return whether rows of more than one topic can arrive."""
        return self.pattern is not None or len(self.names) > 1

    def matches(self, topic: str) -> bool:
        """Return whether the mapping is for this topic."""
        if self.pattern is None:
            return topic in self.names
        excluded = (*CONTROL_TOPICS, *self.exclude)
        return re.fullmatch(self.pattern, topic) is not None and not any(
            re.fullmatch(one, topic) for one in excluded
        )

    def may_share_a_topic_with(self, other: Topics) -> bool:
        """Return whether some topic could be for both: certain for names, cautious for patterns."""
        if self.pattern is None:
            return any(other.matches(name) for name in self.names)
        if other.pattern is None:
            return other.may_share_a_topic_with(self)
        mine, theirs = literal_start(self.pattern), literal_start(other.pattern)
        return mine.startswith(theirs) or theirs.startswith(mine)


def named(names: Iterable[str]) -> Topics:
    """Return the topics of these names. Raises BadSpecError."""
    unique = tuple(dict.fromkeys(names))
    if not unique:
        msg = "no topic is named; name one, or give a pattern"
        raise BadSpecError(msg)
    for name in unique:
        if _TOPIC.fullmatch(name) is None:
            msg = (
                f"'{name}' is no topic name (letters, digits, '.', '_' and '-'); "
                "a regular expression is written {pattern: …}"
            )
            raise BadSpecError(msg)
    return Topics(unique)


def matching(pattern: str, exclude: Iterable[str]) -> Topics:
    """Return the topics whose whole name matches. Raises BadSpecError."""
    leave_out = tuple(exclude)
    for expression in (pattern, *leave_out):
        _check_pattern(expression)
    return Topics((), pattern, leave_out)


def literal_start(pattern: str) -> str:
    """Return the text that every match of a portable pattern begins with; perhaps none."""
    if "|" in re.sub(r"\([^()]*\)", "", pattern):
        return ""
    start = _LITERAL_START.match(pattern)
    text = start.group() if start else ""
    if pattern[len(text) : len(text) + 1] in {"*", "?"}:
        text = text[:-2] if text.endswith(r"\.") else text[:-1]
    return text.replace(r"\.", ".")


def _check_pattern(pattern: str) -> None:
    if not pattern:
        msg = "the pattern is empty"
        raise BadSpecError(msg)
    if _UNPORTABLE.search(pattern) is not None:
        msg = (
            f"'{pattern}' uses more than Kafka's clients and brokers read alike; keep to letters, "
            r"'.', '\.', '[a-z]', '*', '+', '?', '|' and '( )'; it is matched against the whole "
            "name without '^' and '$'"
        )
        raise BadSpecError(msg)
    try:
        re.compile(pattern)
    except re.error as error:
        msg = f"'{pattern}' is no regular expression: {error}"
        raise BadSpecError(msg) from error
