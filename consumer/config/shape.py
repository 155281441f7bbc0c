"""What may stand where in the configuration: the models' JSON Schema, followed along a path.

Imports pydantic and the domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from consumer.config.document import Tree
from consumer.domain.problems import Path

_TEXT: Final = "http://stand-in"
"""Text that is also an address."""


def alternatives(model: type[BaseModel], path: Path) -> list[Any]:
    """Return the schemas that may hold at `path`, the innermost of each alternative first."""
    return list(_descend(_root(model), _root(model), path))


def known_keys(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that the model has at `path`, as they are written."""
    return sorted({key for one in alternatives(model, path) for key in one.get("properties", {})})


def is_required(model: type[BaseModel], path: Path) -> bool:
    """Return whether something must stand at `path`: a key without default, or a list's item."""
    around = alternatives(model, path[:-1])
    return isinstance(path[-1], int) or any(path[-1] in one.get("required", ()) for one in around)


def stand_in(model: type[BaseModel], path: Path) -> Tree:
    """Return some value that may stand at `path`, with all that is required in it."""
    return _made(alternatives(model, path)[0], _root(model))


def key_paths(model: type[BaseModel]) -> list[Path]:
    """Return every key of the model, with an empty step where any name or number may follow."""
    return list(_paths(_root(model), _root(model), ()))


@cache
def _root(model: type[BaseModel]) -> Any:
    return model.model_json_schema(by_alias=True)


def _resolved(schema: Any, root: Any) -> Any:
    return root["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _descend(schema: Any, root: Any, path: Path) -> Iterator[Any]:
    if "$ref" in schema:
        yield from _descend(_resolved(schema, root), root, path)
    for alternative in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _descend(alternative, root, path)
    if not path:
        yield schema
        return
    below = _below(schema, path[0])
    if isinstance(below, dict):
        yield from _descend(below, root, path[1:])


def _below(schema: Any, step: str | int) -> Any:
    """Return the schema of an item, of a key, or of whatever key a map may have."""
    if isinstance(step, int):
        return schema.get("items")
    if step in schema.get("properties", {}):
        return schema["properties"][step]
    patterns = schema.get("patternProperties", {})
    matching = (below for pattern, below in patterns.items() if re.search(pattern, step))
    return next(matching, schema.get("additionalProperties"))


def _paths(schema: Any, root: Any, path: Path) -> Iterator[Path]:
    node = _resolved(schema, root)
    for alternative in node.get("anyOf", ()):
        yield from _paths(alternative, root, path)
    for key, below in node.get("properties", {}).items():
        yield (*path, key)
        yield from _paths(below, root, (*path, key))
    if node.get("additionalProperties") or {"patternProperties", "items"} & set(node):
        yield (*path, "")


def _made(schema: Any, root: Any) -> Tree:
    node = _first(schema, root)
    match node:
        case {"enum": [made, *_]} | {"const": made}:
            pass
        case {"type": "object"}:
            inside = node.get("properties", {})
            made = {key: _made(inside[key], root) for key in node.get("required", ())}
            if node.get("minProperties"):
                made["stand-in"] = _made(next(iter(node["patternProperties"].values())), root)
        case {"type": "array"}:
            made = [_made(node["items"], root)] * node.get("minItems", 0)
        case {"type": "boolean"}:
            made = False
        case {"type": "integer" | "number"}:
            made = node.get("minimum", 1)
        case _:
            made = _TEXT
    return made


def _first(schema: Any, root: Any) -> Any:
    """Return the first of what is allowed."""
    node = _resolved(schema, root)
    return _first(node["anyOf"][0], root) if "anyOf" in node else node
