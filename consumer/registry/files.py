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

_PLAIN: Final = re.compile(r"[a-z]+/[0-9a-f]{1,64}", re.ASCII)


class SchemaFiles:
    """One JSON file per schema. A file that is not exactly what was written is no schema."""

    def __init__(self, directory: Path, registry: str) -> None:
        """Use a folder below `directory` that is named by the hash of what identifies a registry.

        That must not hold anything that may change, such as a password.
        """
        self._folder = directory / _digest(registry)[:16]

    def load(self, ref: SchemaRef) -> WriterSchema | None:
        """Return the schema, or `None` if there is no sound file for it. Raises nothing."""
        try:
            document = json.loads(self._path(ref).read_text(encoding="utf-8"))
            references = tuple((name, text) for name, text in document["references"])
            schema = WriterSchema(ref, document["schema_type"], document["schema"], references)
            return schema if document["sha256"] == _seal(schema) else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def save(self, schema: WriterSchema) -> None:
        """Write the schema, at once or not at all. Raises OSError (disk full, no right)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        document = {**_document(schema), "sha256": _seal(schema)}
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file)
            Path(name).replace(self._path(schema.ref))
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _path(self, ref: SchemaRef) -> Path:
        """Return the file of a schema; a name that may be long or odd is hashed."""
        plain = ref if _PLAIN.fullmatch(ref) else f"{ref.partition('/')[0]}/{_digest(ref)}"
        return self._folder / f"{plain.replace('/', '-')}.json"


def _document(schema: WriterSchema) -> dict[str, Any]:
    return {
        "ref": schema.ref,
        "schema_type": schema.schema_type,
        "schema": schema.text,
        "references": schema.references,
    }


def _seal(schema: WriterSchema) -> str:
    """Return a hash of the schema and of its name: bits rot, and files get copied."""
    return _digest(json.dumps(_document(schema)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
