"""Single keys from the environment: `COVEO_CDC__WINDOWS__LINGER_SECONDS=5`. Standard library.

Segments are separated by two underscores and read without regard to case. A variable cannot spell
every key, so a segment also matches a key whose `-` and `.` are written `_`. Whatever else begins
with `COVEO_CDC` was meant for us and is refused, as an unknown key in the file is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from consumer.config.document import Tree, is_text, scalar
from consumer.domain.problems import Path

PREFIX: Final = "COVEO_CDC__"
_OURS: Final = "COVEO_CDC"
_MOST_DIGITS: Final = 9
_DOTTED: Final = frozenset({("kafka", "settings")})
"""Where keys are the settings of a library, which are written with dots."""
_SERVICE: Final = re.compile(
    r"COVEO_CDC(?:_[A-Z0-9]+)*_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?"
    r"|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
_SERVICE_PORT: Final = re.compile(r"(?:tcp|udp|sctp)://")
"""What Kubernetes puts into every pod for a service called `coveo-cdc`, or `coveo-cdc-…`: its
address under such names, and `COVEO_CDC_PORT` with an address like this."""


@dataclass(frozen=True, slots=True)
class Override:
    """One key that the environment sets, and the variable that does."""

    variable: str
    path: Path
    problem: str | None = None


def variable_of(path: Path) -> str:
    """Return the variable that sets a key."""
    return PREFIX + "__".join(_plain(step).upper() for step in path)


def overlay(tree: Tree, environ: Mapping[str, str], keys: Collection[Path]) -> tuple[Override, ...]:
    """Set in `tree` what the environment says; return which keys these are.

    `keys` are those of the configuration, with an empty step where any name may follow.
    """
    return tuple(_overlaid(tree, environ, keys))


def _overlaid(tree: Tree, environ: Mapping[str, str], keys: Collection[Path]) -> Iterator[Override]:
    sections = {_plain(path[0]) for path in keys}
    for variable in sorted(environ):
        text, name = environ[variable], variable.upper()
        if not name.startswith(_OURS) or _is_of_a_service(name, text):
            continue
        if not is_text(variable) or not is_text(text):
            shown = variable.encode("ascii", "backslashreplace").decode()
            yield Override(shown, (), "it is not UTF-8 text")
        elif not name.startswith(PREFIX) or _segments(name)[0] not in sections:
            yield Override(variable, (), _stray(name, keys))
        elif not all(_segments(name)):
            yield Override(variable, (), "it names no key: parts are separated by '__'")
        else:
            yield _set(tree, _segments(name), text, variable)


def _is_of_a_service(name: str, text: str) -> bool:
    if name.endswith("_PORT") and _SERVICE_PORT.match(text):
        return True
    return _SERVICE.fullmatch(name) is not None


def _segments(name: str) -> list[str]:
    return name[len(PREFIX) :].lower().split("__")


def _stray(name: str, keys: Collection[Path]) -> str:
    """Say which variable was meant, or how one is made."""
    known = [variable_of(path) for path in keys]
    meant = PREFIX + name[len(_OURS) :].lstrip("_")
    fits = any(meant == one or (one.endswith("__") and meant.startswith(one)) for one in known)
    close = meant if fits else _closest(meant, known)
    hint = f"did you mean {close}?" if close else f"keys are {PREFIX}SECTION__KEY."
    return f"nothing reads this variable; {hint} Rename or unset it"


def _closest(name: str, known: Collection[str]) -> str | None:
    """Compare what follows the prefix, which all have in common."""
    ends = [one[len(PREFIX) :] for one in known if not one.endswith("__")]
    close = get_close_matches(name[len(PREFIX) :], ends, n=1)
    return PREFIX + close[0] if close else None


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
