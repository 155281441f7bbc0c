"""Apicurio's own API, versions 2 and 3: contentIds, globalIds, hashes and coordinates kept apart.

Run against registry 3.3.3, which serves both. Texts come as they were registered, references by
themselves; what kind of schema a text is only v3 says, and only for globalIds.
"""

from __future__ import annotations

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
    document_of,
    in_path,
    mapping_of,
    nonsense,
    type_named,
)
from consumer.registry.settings import Api

_UNKNOWN: Final = ("NotFoundException",)
_JSON_SCHEMA_TYPES: Final = frozenset({"object", "number", "integer"})
"""Types of JSON Schema that are none of Avro's; the others are both's."""


class ApicurioApi:
    """Looks names up in the space that the record named, never in another."""

    def __init__(self, client: RegistryClient, api: Api) -> None:
        """Speak this version."""
        self._client = client
        self._content = "/content" if api is Api.APICURIO_V3 else ""

    def named(self, ref: SchemaRef, deadline: Deadline) -> Found:
        """Return the schema. A number that came without its space is a contentId (3.x default)."""
        space, name = space_of(ref)
        match space:
            case IdSpace.NUMBER | IdSpace.CONTENT:
                return self._found(ref, f"/ids/contentIds/{name}", "", deadline)
            case IdSpace.GLOBAL:
                return self._found(ref, f"/ids/globalIds/{name}", "", deadline)
            case IdSpace.HASH:
                return self._found(ref, f"/ids/contentHashes/{name}", "", deadline)
            case IdSpace.VERSION:
                group, artifact, version = name.split("/")
                return self._version(ref, group, artifact, version, deadline)
            case IdSpace.GUID:
                msg = (
                    f"schema {ref}: this record names its schema by a GUID, and"
                    " schema_registry.url speaks Apicurio's API, which has none: set it to the"
                    " registry that the record's producer uses"
                )
                raise ConfigError(msg)

    def referred(self, ref: SchemaRef, reference: Reference, deadline: Deadline) -> Found:
        """Return one version of an artifact."""
        return self._found(ref, reference.path, self._content, deadline)

    def _version(
        self, ref: SchemaRef, group: str, artifact: str, version: str, deadline: Deadline
    ) -> Found:
        path = f"/groups/{group}/artifacts/{artifact}/versions/{version}"
        return self._found(ref, path, self._content, deadline)

    def _found(self, ref: SchemaRef, path: str, content: str, deadline: Deadline) -> Found:
        asks = {"returnArtifactType": "true"}
        answer = self._got(ref, f"{path}{content}", asks, deadline)
        try:
            text = answer.body.decode("utf-8")
        except UnicodeDecodeError:
            return Found("OTHER", "")
        kind = type_named(answer.headers.get("x-registry-artifacttype") or _guessed(answer))
        if kind != AVRO:
            return Found(kind, text)
        listed = self._got(ref, f"{path}/references", {}, deadline)
        return Found(kind, text, _references(ref, document_of(listed.body)))

    def _got(self, ref: SchemaRef, path: str, query: dict[str, str], deadline: Deadline) -> Answer:
        answer = self._client.get(f"schema {ref}", path, query, deadline)
        if not answer.is_good:
            raise _refused(ref, answer, self._client.credentials)
        return answer


def _guessed(answer: Answer) -> str:
    """Return the kind of a text that comes without one; what looks like Avro is read as Avro."""
    document = document_of(answer.body)
    if document is None:
        return "PROTOBUF" if "protobuf" in answer.headers.get("content-type", "") else "OTHER"
    if isinstance(document, dict):
        kind = document.get("type")
        if "$schema" in document or (isinstance(kind, str) and kind in _JSON_SCHEMA_TYPES):
            return "JSON"
    return AVRO


def _references(ref: SchemaRef, listed: Any) -> tuple[Reference, ...]:
    if not isinstance(listed, list):
        raise nonsense(ref)
    return tuple(_reference(ref, each) for each in listed)


def _reference(ref: SchemaRef, document: Any) -> Reference:
    match document:
        case {"name": str(name), "artifactId": str(artifact), "version": str(version)}:
            group = document.get("groupId") or "default"
            parts = [in_path(ref, str(part)) for part in (group, artifact, version)]
            if not {".", ".."} & set(parts):
                return Reference(name, "/groups/{}/artifacts/{}/versions/{}".format(*parts))
        case _:
            pass
    raise nonsense(ref)


def _refused(ref: SchemaRef, answer: Answer, credentials: str) -> CdcError:
    name = mapping_of(answer.body).get("name")
    if answer.status == 404 and isinstance(name, str) and name.endswith(_UNKNOWN):
        msg = (
            f"schema {ref}: unknown to the registry (404); check schema_registry.url, and whether"
            " the converter writes contentIds or globalIds (schema_registry.payload_ids)"
        )
        return UnknownSchemaError(msg)
    return refused(f"schema {ref}", answer.status, credentials)
