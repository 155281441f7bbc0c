"""Confluent's API: schemas by id and by GUID, in a context; references by subject and version.

Apicurio offers it as `ccompat`, where the id is a contentId; Karapace and Redpanda do as well.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from consumer.domain.errors import CdcError, ConfigError
from consumer.domain.schemas import IdSpace, SchemaRef, space_of
from consumer.http.deadline import Deadline
from consumer.registry.client import Answer, RegistryClient
from consumer.registry.errors import UnknownSchemaError, refused
from consumer.registry.found import (
    AVRO,
    Found,
    Reference,
    in_path,
    mapping_of,
    nonsense,
    type_named,
)

_UNKNOWN_CODES: Final = frozenset({40401, 40402, 40403})
"""No such subject, version, schema. Any other 404 is about the address."""


class ConfluentApi:
    """Looks up what Confluent's API has a name for; nothing of Apicurio's own is guessed at."""

    def __init__(self, client: RegistryClient, context: str | None) -> None:
        """Ask in this context; `None` is the default one."""
        self._client = client
        self._context = context

    def named(self, ref: SchemaRef, deadline: Deadline) -> Found:
        """Return the schema of an id or a GUID. GUIDs mean the same in all contexts."""
        space, name = space_of(ref)
        match space:
            case IdSpace.NUMBER:
                query = {"subject": f":{self._context}:"} if self._context else {}
                return self._found(ref, f"/schemas/ids/{name}", query, deadline)
            case IdSpace.GUID:
                return self._found(ref, f"/schemas/guids/{uuid.UUID(hex=name)}", {}, deadline)
            case _:
                msg = (
                    f"schema {ref}: this record names its schema as only Apicurio's own API can"
                    " look it up, and schema_registry.url speaks Confluent's, where the same"
                    " number is another schema: set it to …/apis/registry/v3"
                )
                raise ConfigError(msg)

    def referred(self, ref: SchemaRef, reference: Reference, deadline: Deadline) -> Found:
        """Return one version of a subject, also if it was deleted since."""
        return self._found(ref, reference.path, {"deleted": "true"}, deadline)

    def _found(
        self, ref: SchemaRef, path: str, query: Mapping[str, str], deadline: Deadline
    ) -> Found:
        answer = self._client.get(f"schema {ref}", path, query, deadline)
        if not answer.is_good:
            raise _refused(ref, answer, self._client.credentials)
        match mapping_of(answer.body):
            case {"schema": str(text), **others}:
                references = self._references(ref, others.get("references") or [])
                return Found(type_named(others.get("schemaType") or AVRO), text, references)
            case _:
                raise nonsense(ref)

    def _references(self, ref: SchemaRef, listed: Any) -> tuple[Reference, ...]:
        if not isinstance(listed, list):
            raise nonsense(ref)
        found = []
        for each in listed:
            match each:
                case {"name": str(name), "subject": str(subject), "version": int(version)}:
                    step = in_path(ref, self._qualified(subject))
                    found.append(Reference(name, f"/subjects/{step}/versions/{version}"))
                case _:
                    raise nonsense(ref)
        return tuple(found)

    def _qualified(self, subject: str) -> str:
        """Return the subject in our context, unless it names its own."""
        if self._context is None or subject.startswith(":."):
            return subject
        return f":{self._context}:{subject}"


def _refused(ref: SchemaRef, answer: Answer, credentials: str) -> CdcError:
    code = mapping_of(answer.body).get("error_code")
    if answer.status == 404 and code in _UNKNOWN_CODES:
        msg = (
            f"schema {ref}: unknown to the registry (404); check schema_registry.url and context,"
            " and which kind of id the converter writes (Apicurio: contentId or globalId), if any"
        )
        return UnknownSchemaError(msg)
    return refused(f"schema {ref}", answer.status, credentials)
