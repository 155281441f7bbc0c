"""pydantic's findings in our own words: what is wrong, what to do, and never the value.

Imports pydantic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from consumer.config.document import Tree, value_at
from consumer.config.shape import alternatives, is_required, known_keys
from consumer.domain.problems import Path, Problem

_EXPECTED: Final[Mapping[str, str]] = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a section with keys of its own",
    "model_type": "a section with keys of its own",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "path_type": "a path",
    "string_type": "text (put it in quotes if it looks like a number)",
    "tuple_type": "a list",
    "list_type": "a list",
}
_SHORT: Final[Mapping[str, str]] = {"string": "text", "array": "a list"}
_BOUNDS: Final[Mapping[str, str]] = {
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "literal_error": "must be one of {expected}",
    "enum": "must be one of {expected}",
}


def findings(error: ValidationError, tree: Tree) -> list[ErrorDetails]:
    """Return what pydantic found, but that a list is too short of which a part is wrong."""
    found = error.errors(include_url=False, include_input=False)
    follows = (one["type"] == "too_short" and value_at(tree, place(one, tree)) for one in found)
    return [one for one, skip in zip(found, follows, strict=True) if not skip]


def described(
    errors: Sequence[ErrorDetails], tree: Tree, model: type[BaseModel]
) -> Iterator[Problem]:
    """Yield what pydantic found; alternatives for one value make one message."""
    together: dict[Path, list[str]] = {}
    expected: dict[Path, list[str]] = {}
    for error in errors:
        path = place(error, tree)
        want = _EXPECTED.get(error["type"])
        if want is not None:
            short = _short_forms(model, path) if error["type"] == "model_type" else ()
            expected.setdefault(path, []).extend((*short, want))
        else:
            together.setdefault(path, []).append(_message(error, path, model))
    for path, messages in together.items():
        yield from (Problem(path, message) for message in dict.fromkeys(messages))
    for path, wanted in expected.items():
        # Whoever wrote a section meant one: what is wrong inside it says enough.
        inside = any(path == found[: len(path)] != found for found in (*together, *expected))
        if not inside and path not in together:
            yield Problem(path, f"expected {_either(wanted)}")


def _either(wanted: Sequence[str]) -> str:
    """Join what is expected, but for what a longer form of it says as well."""
    once = dict.fromkeys(wanted)
    kept = (one for one in once if not any(more.startswith(f"{one} ") for more in once))
    return " or ".join(kept)


def misspelt(errors: Sequence[ErrorDetails], tree: Tree, model: type[BaseModel]) -> Iterator[Path]:
    """Yield the keys that are not there because they were meant by unknown ones.

    These are the closest key, and others that are close if they are missing for certain.
    """
    for error in errors:
        path = place(error, tree)
        if error["type"] == "extra_forbidden":
            close = [(*path[:-1], key) for key in _close(path, model)]
            meant = (one for one in close if one == close[0] or is_required(model, one))
            yield from (one for one in meant if one[-1] not in value_at(tree, path[:-1]))


def _short_forms(model: type[BaseModel], path: Path) -> Iterator[str]:
    """Yield what may stand at a path instead of a section."""
    kinds = [one.get("type") for one in alternatives(model, path)]
    yield from (words for kind, words in _SHORT.items() if kind in kinds)


def place(error: ErrorDetails, tree: Tree) -> Path:
    """Return an error's path without what pydantic adds: names of alternatives, and `[key]`."""
    path: list[str | int] = []
    node = tree
    for step in error["loc"]:
        if isinstance(node, dict) and step in node:
            node = node[str(step)]
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            continue
        path.append(step)
    return (*path, *error["loc"][-1:]) if error["type"] == "missing" else tuple(path)


def _message(error: ErrorDetails, path: Path, model: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(path, model)
    if kind == "missing":
        return "is missing, and it has no default; add it"
    if kind == "value_error":
        return str(context.get("error", "this cannot be used"))
    if kind == "string_pattern_mismatch":
        return "has a character that this name cannot have (lower-case letters, digits, '-', '_')"
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context)
    return error["msg"]


def _unknown(path: Path, model: type[BaseModel]) -> str:
    close = _close(path, model)
    if close:
        return f"there is no such key; did you mean {' or '.join(repr(one) for one in close)}?"
    known = known_keys(model, path[:-1])
    return f"there is no such key; here are {', '.join(known) or 'none'}"


def _close(path: Path, model: type[BaseModel]) -> Sequence[str]:
    """Return what an unknown key may have been meant to be."""
    known = known_keys(model, path[:-1])
    return known if len(known) == 1 else get_close_matches(str(path[-1]), known, n=2)
