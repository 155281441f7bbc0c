"""The configuration reference, made from the models. Imports pydantic.

Run as a module it writes the page that a test compares with what it returns.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from consumer.config.schema import json_schema

_INTRODUCTION: Final = """\
# Configuration

One YAML file holds everything; `coveo-cdc check --config FILE` checks it without connecting to
anything and lists all problems at once, each with file, line, path and what to do ([an
example](commands.md#check)). This page is generated from the code.

- **Environment**: `COVEO_CDC__SECTION__KEY` sets a single key and wins over the file, as in
  `COVEO_CDC__WINDOWS__LINGER_SECONDS=5`. Case does not matter; `-` and `.` in a key are written
  `_`, as in `COVEO_CDC__KAFKA__SETTINGS__SECURITY_PROTOCOL`; lists and sections are written
  `[a, b]` and `{a: b}`. Any other variable that begins with `COVEO_CDC` is refused, with the key
  that it was meant for.
- **Secrets** are files: keys that end in `_file`, and `{file: path}` as the value of any key below
  `kafka.settings` and `schema_registry.headers`. All but Kafka's are read again when they change.
  For local runs the environment variable `COVEO_CDC__COVEO__API_KEY` holds the API key itself; in
  the configuration file it is refused.
- **Paths** in the file start at its folder, paths in the environment at the working directory.
- **Words** are read as YAML 1.2 does: only `true` and `false` are booleans, `no` is text. A key
  that is there twice is refused.
- **Editors** complete and check the file when it begins with
  `# yaml-language-server: $schema=…/schemas/config.schema.json`.

How `mappings` work is told in [the mapping guide](mapping.md); their keys are listed at the end.
"""


_Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Section:
    """One table of the page. `path` is empty for the top."""

    path: str
    about: str
    rows: tuple[_Row, ...]
    node: int
    """Which definition it is: places that share one are described once."""


def rendered() -> str:
    """Return the page."""
    schema = json_schema()
    sections = list(_sections(schema, schema, ""))
    places = dict[int, list[str]]()
    for section in sections:
        places.setdefault(section.node, []).append(section.path)
    first = [section for section in sections if places[section.node][0] == section.path]
    return "\n".join([_INTRODUCTION, *(_table(one, places[one.node][1:]) for one in first)])


def keys() -> frozenset[str]:
    """Return every key of the configuration with its path, as the page writes it."""
    schema = json_schema()
    return frozenset(row[0] for one in _sections(schema, schema, "") for row in one.rows)


def _sections(node: Any, root: Any, prefix: str) -> Iterator[_Section]:
    """Yield this section, then those below it, the mappings last."""
    rows, below = list[_Row](), list[tuple[str, Any]]()
    required = node.get("required", ())
    for name, value in node["properties"].items():
        path, found = f"{prefix}{name}", _resolve(value, root)
        default = "**required**" if name in required else _default(value)
        about = value.get("description") or found.get("description", "")
        rows.append((path, _kind(found, root), default, about))
        below.extend(_below(found, root, path))
    about = node.get("description", "")
    yield _Section(prefix.rstrip("."), about, tuple(rows), id(node))
    for path, section in sorted(below, key=lambda one: one[0].startswith("mappings")):
        yield from _sections(section, root, f"{path}.")


def _below(node: Any, root: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the sections that a value can hold: itself, items of a list, values of a map."""
    for one in (node, *node.get("anyOf", ())):
        found = _resolve(one, root)
        if found.get("properties"):
            yield path, found
        elif isinstance(found.get("items"), dict):
            yield from _below(_resolve(found["items"], root), root, f"{path}[]")
        elif (values := _map_values(found)) is not None:
            yield from _below(_resolve(values, root), root, f"{path}.<name>")
        elif found is not one and "anyOf" in found:
            yield from _below(found, root, path)


def _map_values(node: Any) -> Any:
    """Return the schema of a map's values, `None` if it is no map."""
    values = [node.get("additionalProperties"), *node.get("patternProperties", {}).values()]
    return next((one for one in values if isinstance(one, dict)), None)


def _resolve(node: Any, root: Any) -> Any:
    return root["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def _kind(node: Any, root: Any) -> str:
    if "enum" in node:
        return ", ".join(f"`{one}`" for one in node["enum"])
    if "const" in node:
        return f"`{node['const']}`"
    if "anyOf" in node:
        kinds = (_kind(_resolve(one, root), root) for one in node["anyOf"])
        return " or ".join(dict.fromkeys(kind for kind in kinds if kind != "nothing"))
    names = {
        "array": "list",
        "boolean": "true or false",
        "integer": "whole number",
        "null": "nothing",
        "object": "section" if node.get("properties") else "map",
        "string": "path" if node.get("format") == "path" else "text",
    }
    return names.get(node.get("type", ""), "number")


def _default(node: Any) -> str:
    if node.get("default") is None:
        return ""
    return f"`{json.dumps(node['default'], ensure_ascii=False)}`"


def _table(section: _Section, also: list[str]) -> str:
    head = f"## `{section.path}`\n\n{section.about}\n" if section.path else "## Sections\n"
    if also:
        head += "\nThe same keys: " + ", ".join(f"`{path}`" for path in also) + ".\n"
    lines = ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
    for path, kind, default, meaning in section.rows:
        lines.append(f"| `{path}` | {kind} | {default} | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join([head, *lines, ""])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(rendered(), encoding="utf-8")
