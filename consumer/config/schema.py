"""JSON Schema of the configuration, for editors and the chart. Imports pydantic.

Run as a module it writes the files below `schemas/` that a test compares with what it returns.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from consumer.config.model import Settings
from consumer.mapping.spec import MappingSpec

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the schema of a whole configuration file."""
    return _schema(Settings, "coveo-cdc configuration")


def mapping_json_schema() -> dict[str, Any]:
    """Return the schema of one mapping."""
    return _schema(MappingSpec, "coveo-cdc mapping")


def rendered() -> dict[str, str]:
    """Return the text of every generated schema, by the name of its file."""
    schemas = {
        "config.schema.json": json_schema(),
        "mapping.schema.json": mapping_json_schema(),
    }
    return {name: json.dumps(one, indent=2) + "\n" for name, one in schemas.items()}


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    made = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": DIALECT, **_plain(made), "title": title}


def _plain(node: Any) -> Any:
    """Join the lines of descriptions, and drop the titles that pydantic makes of names."""
    match node:
        case dict():
            return {
                key: " ".join(value.split()) if key == "description" and isinstance(value, str)
                else _plain(value)
                for key, value in node.items()
                if key != "title" or not isinstance(value, str)
            }  # fmt: skip
        case list():
            return [_plain(one) for one in node]
        case _:
            return node


def write(folder: Path) -> None:
    """Write every generated schema into a folder."""
    for name, text in rendered().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
