"""Reads schemas from a registry, with all they refer to, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from consumer.domain.errors import PoisonError
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.http.deadline import Deadline
from consumer.registry.apicurio import ApicurioApi
from consumer.registry.client import RegistryClient
from consumer.registry.confluent import ConfluentApi
from consumer.registry.found import AVRO, Found, SchemaApi
from consumer.registry.settings import Api, RegistrySettings

MAX_REFERENCES: Final = 200
MAX_DEPTH: Final = 16
MAX_TEXT_CHARACTERS: Final = 4_000_000
"""A wide table's schema has some ten thousand characters."""


class Registry(Protocol):
    """Gives schemas; may block for as long as the network does."""

    def fetch(self, ref: SchemaRef) -> WriterSchema:
        """Return the schema. Raises Retryable, Config or PoisonError: wait, mend, never usable."""
        ...


class RemoteRegistry:
    """The registry at the configured address. Not for several threads."""

    def __init__(self, settings: RegistrySettings) -> None:
        """Connect to nothing yet. Raises ConfigError: TLS files that cannot be used."""
        client = self._client = RegistryClient(settings)
        self._deadline_seconds = settings.deadline_seconds
        self._api: SchemaApi = (
            ConfluentApi(client, settings.context)
            if settings.speaks is Api.CONFLUENT
            else ApicurioApi(client, settings.speaks)
        )

    def requests(self) -> Mapping[str, int]:
        """Return how often the registry was asked, by status or `transport`; any thread."""
        return self._client.requests()

    def fetch(self, ref: SchemaRef) -> WriterSchema:
        """Return the schema. Raises Retryable, Config or PoisonError: wait, mend, never usable."""
        deadline = Deadline.after(self._deadline_seconds)
        schema = self._api.named(ref, deadline)
        found: dict[str, str] = {}
        if schema.schema_type == AVRO:  # no other kind is ever read
            self._collect(ref, schema, found, (), deadline)
        return WriterSchema(ref, schema.schema_type, schema.text, tuple(found.items()))

    def _collect(
        self,
        ref: SchemaRef,
        schema: Found,
        found: dict[str, str],
        path: tuple[str, ...],
        deadline: Deadline,
    ) -> None:
        """Add what `schema` refers to, the deepest first: the order in which to parse them."""
        for reference in schema.references:
            if reference.name in found:
                continue
            _check_bounds(ref, found, path)
            other = self._api.referred(ref, reference, deadline)
            self._collect(ref, other, found, (*path, reference.name), deadline)
            found[reference.name] = other.text


def _check_bounds(ref: SchemaRef, found: Mapping[str, str], path: tuple[str, ...]) -> None:
    # A circle is found by its depth: none of its members is ever complete.
    beyond = len(path) >= MAX_DEPTH or len(found) >= MAX_REFERENCES
    if beyond or sum(map(len, found.values())) > MAX_TEXT_CHARACTERS:
        msg = (
            f"schema {ref}: its references form a circle or exceed {MAX_REFERENCES} schemas,"
            f" {MAX_DEPTH} levels or {MAX_TEXT_CHARACTERS} characters"
        )
        reason = "schema_references"
        raise PoisonError(reason, msg)
