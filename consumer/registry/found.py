"""What a registry has under a name, before what it refers to is fetched. Standard library only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import quote

from consumer.domain.errors import RetryableError
from consumer.domain.json_outline import outline
from consumer.domain.schemas import SchemaRef
from consumer.http.deadline import Deadline

AVRO: Final = "AVRO"
_MAX_VALUES: Final = 200_000
"""Several times what the longest schema has; some 30 MB in memory, where 8 MiB of brackets were
250."""
_MAX_NAME_CHARACTERS: Final = 4_096
"""Of a subject, an artifact or a group: far beyond what registries take."""
_TYPE: Final = re.compile(r"[A-Z0-9_]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reference:
    """One name that a schema uses, and where what it stands for is: a path of the registry's."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Found:
    """A schema's kind, its untrusted text, and the names that it does not define itself."""

    schema_type: str
    text: str = field(repr=False)
    references: tuple[Reference, ...] = ()


class SchemaApi(Protocol):
    """How one kind of registry is asked. Raises the errors of `Registry.fetch`."""

    def named(self, ref: SchemaRef, deadline: Deadline) -> Found:
        """Return the schema that the wire names."""
        ...

    def referred(self, ref: SchemaRef, reference: Reference, deadline: Deadline) -> Found:
        """Return what a schema, somewhere below `ref`, refers to."""
        ...


def document_of(body: bytes) -> Any:
    """Return a body as JSON, `None` if it is not, nests too deep or has too many values."""
    if _values(body) > _MAX_VALUES and _values(outline(body)) > _MAX_VALUES:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _values(text: bytes) -> int:
    """Return how many values JSON can have, without looking at it closely: never too few."""
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def mapping_of(body: bytes) -> Mapping[str, Any]:
    """Return a body that is a JSON object; of any other an empty one."""
    document = document_of(body)
    return document if isinstance(document, dict) else {}


def type_named(word: object) -> str:
    """Return a registry's word for a kind of schema, as messages can show it."""
    return word if isinstance(word, str) and _TYPE.fullmatch(word) else "OTHER"


def in_path(ref: SchemaRef, name: str) -> str:
    """Return a name as one step of an address. Raises RetryableError: it cannot be one."""
    if len(name) > _MAX_NAME_CHARACTERS:
        raise nonsense(ref)
    try:
        return quote(name, safe="")
    except UnicodeEncodeError:  # half of a surrogate pair
        raise nonsense(ref) from None


def nonsense(ref: SchemaRef) -> RetryableError:
    """Return the error of an answer that is a success and holds no schema."""
    return RetryableError(f"schema {ref}: the registry's answer holds no schema")
