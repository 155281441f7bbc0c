"""Schemas on disk, so that records can be decoded while the registry is down or was purged.

Imports the domain only. One folder per registry: ids mean nothing across registries.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from consumer.domain.schemas import SchemaRef, WriterSchema


class SchemaFiles:
    """One JSON file per schema; a file is complete or is not there."""

    def __init__(self, directory: Path, registry_url: str) -> None:
        """Use a folder below `directory` that is named by the hash of the registry's address."""
        address = ",".join(_without_credentials(url) for url in registry_url.split(","))
        self._folder = directory / hashlib.sha256(address.encode()).hexdigest()[:16]

    def load(self, ref: SchemaRef) -> WriterSchema | None:
        """Return the schema, or `None` if there is no whole file for it. Raises nothing."""
        try:
            document = json.loads(self._path(ref).read_text(encoding="utf-8"))
            references = tuple((str(name), str(text)) for name, text in document["references"])
            return WriterSchema(ref, document["schema_type"], document["schema"], references)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def save(self, schema: WriterSchema) -> None:
        """Write the schema, at once or not at all. Raises OSError (disk full, no right)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        document = {
            "schema_type": schema.schema_type,
            "schema": schema.text,
            "references": schema.references,
        }
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file)
            Path(name).replace(self._path(schema.ref))
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _path(self, ref: SchemaRef) -> Path:
        return self._folder / f"{ref.replace('/', '-')}.json"


def _without_credentials(url: str) -> str:
    parts = urlsplit(url.strip().rstrip("/"))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
