"""The sidecar of a capture: the schemas that its records name, asked of Apicurio's registry."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import httpx

from demo.record.capture import Record
from tests.golden.skeleton import frame

_PATHS: Final = {"id": "/apis/ccompat/v7/schemas/ids", "global": "/apis/registry/v2/ids/globalIds"}
"""By the id space of a reference, as the capture format has it."""


def fetch_schemas(registry_url: str, records: Iterable[Record]) -> list[dict[str, Any]]:
    """Return the lines of the sidecar."""
    refs = {
        frame(content, record.headers, side).ref
        for record in records
        for side, content in (("key", record.key), ("value", record.value))
    }
    base = registry_url.partition("/apis")[0]
    with httpx.Client(base_url=base, timeout=10) as registry:
        return [_line(registry, ref) for ref in sorted(refs - {""}, key=_order)]


def _order(ref: str) -> tuple[str, int]:
    space, _, number = ref.partition("/")
    return space, int(number)


def _line(registry: httpx.Client, ref: str) -> dict[str, Any]:
    space, _, number = ref.partition("/")
    answer = registry.get(f"{_PATHS[space]}/{number}").raise_for_status().json()
    named = {"id": int(number)} if space == "id" else {"ref": ref}
    schema = json.loads(answer["schema"]) if space == "id" else answer
    return {**named, "schema_type": "AVRO", "schema": schema, "references": []}
