"""pydantic's findings in our own words: what is wrong, what to do, and never the value.

Imports pydantic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from consumer.config.document import Tree
from consumer.mapping.problems import Path

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


def described(
    errors: list[ErrorDetails], tree: Tree, model: type[BaseModel]
) -> Iterator[tuple[Path, str]]:
    """Yield path and message of each problem; alternatives for one value make one message."""
    together: dict[Path, list[str]] = {}
    expected: dict[Path, list[str]] = {}
    for error in errors:
        path = _within(error["loc"], tree, error["type"])
        want = _EXPECTED.get(error["type"])
        if want is not None:
            short = _short_forms(model, path) if error["type"] == "model_type" else ()
            expected.setdefault(path, []).extend((*short, want))
        elif error["type"] != "too_short" or not _at(tree, path):
            together.setdefault(path, []).append(_message(error, path, model))
    for path, messages in together.items():
        yield from ((path, message) for message in messages)
    for path, wanted in expected.items():
        if path not in together:
            yield path, f"expected {' or '.join(dict.fromkeys(wanted))}"


def _at(tree: Tree, path: Path) -> Tree:
    """Return what stands at a path of the tree; a list with a wrong part counts as too short."""
    for step in path:
        tree = tree[step]
    return tree


def _short_forms(model: type[BaseModel], path: Path) -> Iterator[str]:
    """Yield what may stand at a path instead of a section."""
    schema: Any = model.model_json_schema(by_alias=True)
    kinds = [one.get("type") for one in _descend(schema, schema, path)]
    yield from (words for kind, words in _SHORT.items() if kind in kinds)


def _within(location: tuple[int | str, ...], tree: Tree, kind: str) -> Path:
    """Cut off what pydantic adds to a path: names of alternatives, and `[key]`."""
    path: list[str | int] = []
    node = tree
    for step in location:
        if isinstance(node, dict) and step in node:
            node = node[str(step)]
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        elif kind == "missing" and isinstance(node, dict):
            return (*path, step)
        else:
            break
        path.append(step)
    return tuple(path)


def _message(error: ErrorDetails, path: Path, model: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(path, model)
    if kind == "missing":
        return "is missing; it has no default"
    if kind == "value_error":
        return str(context.get("error", "this cannot be used"))
    if kind == "string_pattern_mismatch":
        return "has a character that this name cannot have (lower-case letters, digits, '-', '_')"
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context)
    return error["msg"]


def _unknown(path: Path, model: type[BaseModel]) -> str:
    name = str(path[-1]) if path else ""
    known = known_keys(model, path[:-1])
    close = get_close_matches(name, known, n=2)
    if close:
        return f"there is no such key; did you mean {' or '.join(repr(one) for one in close)}?"
    return f"there is no such key; here are {', '.join(known) or 'none'}"


def known_keys(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that the model has at `path`, as they are written."""
    schema: Any = model.model_json_schema(by_alias=True)
    found = list(_descend(schema, schema, path))
    return sorted({key for one in found for key in one.get("properties", {})})


def _descend(schema: Any, root: Any, path: Path) -> Iterator[Any]:
    """Yield the schemas that hold at `path`; several where there are alternatives."""
    if "$ref" in schema:
        yield from _descend(root["$defs"][schema["$ref"].rpartition("/")[2]], root, path)
    for alternative in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _descend(alternative, root, path)
    if not path:
        yield schema
        return
    step, rest = path[0], path[1:]
    below = schema.get("items") if isinstance(step, int) else schema.get("properties", {}).get(step)
    if below is None and not isinstance(step, int):
        below = schema.get("additionalProperties")
    if isinstance(below, dict):
        yield from _descend(below, root, rest)
