"""What a registry has under a name, before what it refers to is fetched. Standard library only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from consumer.domain.errors import RetryableError
from consumer.domain.schemas import SchemaRef
from consumer.http.deadline import Deadline

AVRO: Final = "AVRO"
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
    """Return a body as JSON, `None` if it is not or nests too deep."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def mapping_of(body: bytes) -> Mapping[str, Any]:
    """Return a body that is a JSON object; of any other an empty one."""
    document = document_of(body)
    return document if isinstance(document, dict) else {}


def type_named(word: object) -> str:
    """Return a registry's word for a kind of schema, as messages can show it."""
    return word if isinstance(word, str) and _TYPE.fullmatch(word) else "OTHER"


def nonsense(ref: SchemaRef) -> RetryableError:
    """Return the error of an answer that is a success and holds no schema."""
    return RetryableError(f"schema {ref}: the registry's answer holds no schema")
