"""Reads schemas from a registry, with all they refer to. May import `confluent_kafka`.

Registry content is untrusted: references are followed within bounds.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeVar

from confluent_kafka.schema_registry import SchemaRegistryClient, SchemaRegistryError
from confluent_kafka.schema_registry.schema_registry_client import (
    RegisteredSchema,
    Schema,
)

from consumer.domain.errors import CdcError, ConfigError, PoisonError, RetryableError
from consumer.domain.schemas import SchemaRef, WriterSchema

MAX_REFERENCES: Final = 200
MAX_DEPTH: Final = 16
MAX_TEXT_CHARACTERS: Final = 4_000_000
"""A wide table's schema has some ten thousand characters."""

_UNKNOWN: Final = (
    "unknown to the registry; check its url and context, and which kind of id the producer writes"
)
_PASSING: Final = frozenset({408, 425, 429})
_ANSWERED: Final = "200"
_UNANSWERED: Final = "transport"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """Where the registry is. `options` are the client's own settings and may hold secrets."""

    url: str
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict, repr=False)
    cache_directory: Path | None = None
    timeout_seconds: float = 10.0


class UnknownSchemaError(ConfigError):
    """The registry answers, and knows no such schema: what the disk has may be another one's."""


class Registry(Protocol):
    """Gives schemas; may block for as long as the network does."""

    def fetch(self, ref: SchemaRef) -> WriterSchema:
        """Return the schema. Raises Retryable, Config or PoisonError: wait, mend, never usable."""
        ...


class ConfluentRegistry:
    """A registry that speaks Confluent's API (Apicurio's `ccompat` does too)."""

    def __init__(self, settings: RegistrySettings) -> None:
        """Make the client; nothing is connected yet. Raises ConfigError."""
        # The client's own tries are off: the cache above waits, in the open, for as long as it
        # takes. Its default time-out is none at all.
        conf = {"timeout": settings.timeout_seconds, **settings.options}
        try:
            self._client = SchemaRegistryClient({**conf, "url": settings.url, "max.retries": 0})
        except Exception as error:  # noqa: BLE001 - TLS libraries have errors of their own
            raise _refused(settings, error) from None
        self._requests = Counter({_ANSWERED: 0})

    def requests(self) -> Mapping[str, int]:
        """Return how often the registry was asked, by status or `transport`; any thread."""
        return dict(self._requests)

    def fetch(self, ref: SchemaRef) -> WriterSchema:
        """Return the schema. Raises Retryable, Config or PoisonError: wait, mend, never usable."""
        try:
            return self._resolved(ref)
        except CdcError:
            raise
        except Exception as error:  # noqa: BLE001 - what its HTTP, OAuth and JSON libraries raise
            raise translate(ref, error) from None

    def _resolved(self, ref: SchemaRef) -> WriterSchema:
        schema = self._read(ref)
        found: dict[str, str] = {}
        self._collect(ref, schema, found, ())
        references = tuple(found.items())
        return WriterSchema(ref, schema.schema_type or "AVRO", schema.schema_str or "", references)

    def _read(self, ref: SchemaRef) -> Schema:
        kind, _, name = ref.partition("/")
        if kind == "guid":
            guid = str(uuid.UUID(hex=name))
            return self._asked(lambda: self._client.get_schema_by_guid(guid))
        return self._asked(lambda: self._client.get_schema(int(name)))

    def _asked(self, ask: Callable[[], _T]) -> _T:
        """Ask, and count how that ended."""
        code = _UNANSWERED
        try:
            answer = ask()
            code = _ANSWERED
        except SchemaRegistryError as error:
            code = str(error.http_status_code)
            raise
        finally:
            self._requests[code] += 1
        return answer

    def _collect(
        self, ref: SchemaRef, schema: Schema, found: dict[str, str], path: tuple[str, ...]
    ) -> None:
        """Add what `schema` refers to, the deepest first: the order in which to parse them."""
        for reference in schema.references or ():
            name = str(reference.name)
            if name in found:
                continue
            self._check_bounds(ref, found, path)
            subject, number = str(reference.subject), int(reference.version or 1)
            version = self._version(subject, number)
            self._collect(ref, version.schema, found, (*path, name))
            found[name] = version.schema.schema_str or ""

    def _version(self, subject: str, number: int) -> RegisteredSchema:
        return self._asked(lambda: self._client.get_version(subject, number, deleted=True))

    def _check_bounds(
        self, ref: SchemaRef, found: Mapping[str, str], path: tuple[str, ...]
    ) -> None:
        # A circle is found by its depth: none of its members is ever complete.
        beyond = len(path) >= MAX_DEPTH or len(found) >= MAX_REFERENCES
        if beyond or sum(map(len, found.values())) > MAX_TEXT_CHARACTERS:
            msg = (
                f"schema {ref}: its references form a circle or exceed {MAX_REFERENCES} schemas,"
                f" {MAX_DEPTH} levels or {MAX_TEXT_CHARACTERS} characters"
            )
            reason = "schema_references"
            raise PoisonError(reason, msg)


def _refused(settings: RegistrySettings, error: Exception) -> ConfigError:
    """Name what was given. The client's own words are left out: they quote addresses and values."""
    circumstance = error.strerror if isinstance(error, OSError) else None
    given = f" ({', '.join(sorted(settings.options))})" if settings.options else ""
    msg = (
        f"schema_registry: the client refuses 'url' or 'settings'{given}:"
        f" {circumstance or type(error).__name__}; check names and values in its documentation"
    )
    return ConfigError(msg)


def translate(ref: SchemaRef, error: Exception) -> CdcError:
    """Return our error for one of the client's. Its text is left out: it may quote anything."""
    if not isinstance(error, SchemaRegistryError):
        msg = f"schema {ref}: the registry is not reachable: {type(error).__name__}"
        return RetryableError(msg)
    status = error.http_status_code
    answer = f"schema {ref}: the registry answered {status}, code {error.error_code}"
    if status in _PASSING or status >= 500:
        return RetryableError(answer)
    if status == 404:
        return UnknownSchemaError(f"{answer}: {_UNKNOWN}")
    if status in (401, 403):
        return ConfigError(f"{answer}: check the registry's credentials and rights")
    return ConfigError(f"{answer}: check the registry's url")
