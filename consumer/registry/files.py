"""Schemas on disk, so that records can be decoded while the registry is down or was purged.

Imports the domain. One folder per registry and context: ids mean nothing across them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any, Final

from consumer.domain.schemas import SchemaRef, WriterSchema

_MOST_BYTES: Final = 32 * 1024 * 1024
"""A schema with all it refers to has 2 MiB at most, each of its characters escaped."""
_PLAIN: Final = re.compile(r"[a-z]+/[0-9a-f]{1,64}", re.ASCII)


class SchemaFiles:
    """One JSON file per schema. A file that is not exactly what was written is no schema."""

    def __init__(self, directory: Path, registry: str) -> None:
        """Use a folder below `directory` that is named by the hash of what identifies a registry.

        That must not hold anything that may change, such as a password.
        """
        self._registry = registry
        self._folder = directory / _digest(registry)[:16]

    def load(self, ref: SchemaRef) -> WriterSchema | None:
        """Return the schema, or `None` if there is no sound file for it. Raises nothing."""
        try:
            document = json.loads(_read(self._path(ref)))
            references = tuple((name, text) for name, text in document["references"])
            schema = WriterSchema(ref, document["schema_type"], document["schema"], references)
            return schema if document["sha256"] == self._seal(schema) else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def save(self, schema: WriterSchema) -> None:
        """Write the schema, at once or not at all. Raises OSError (disk full, no right)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        document = {**_document(schema), "sha256": self._seal(schema)}
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file)
            Path(name).replace(self._path(schema.ref))
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _seal(self, schema: WriterSchema) -> str:
        """Return a hash of the schema, its name and its registry: bits rot, and files get copied.

        It is no secret: whoever may write to the folder can also make one.
        """
        return _digest(json.dumps({**_document(schema), "registry": self._registry}))

    def _path(self, ref: SchemaRef) -> Path:
        """Return the file of a schema; a name that may be long or odd is hashed."""
        plain = ref if _PLAIN.fullmatch(ref) else f"{ref.partition('/')[0]}/{_digest(ref)}"
        return self._folder / f"{plain.replace('/', '-')}.json"


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError
    return content


def _document(schema: WriterSchema) -> dict[str, Any]:
    return {
        "ref": schema.ref,
        "schema_type": schema.schema_type,
        "schema": schema.text,
        "references": schema.references,
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
