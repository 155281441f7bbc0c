"""What the platform says of sources, limits, providers and fields, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from consumer.coveo.reading import (
    flag_of,
    integer_of,
    listed,
    mapping_of,
    object_of,
    text_of,
    value_of,
    word_of,
)


class SourceType(StrEnum):
    """Kinds of source that this project may write to; every other is a product's own."""

    PUSH = "PUSH"
    CATALOG = "CATALOG"
    OTHER = "OTHER"


class SourceVisibility(StrEnum):
    """Who may see a source's items; only SECURED ones look at item permissions (docs/78)."""

    SECURED = "SECURED"
    SHARED = "SHARED"
    PRIVATE = "PRIVATE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Source:
    """A source as configured; a flag or a number that was not said is `None`."""

    id: str
    name: str | None
    type: SourceType
    type_name: str | None
    """The platform's own word, whatever `type` makes of it."""
    visibility: SourceVisibility
    push_enabled: bool | None
    stream_enabled: bool | None
    crawling_module_id: str | None
    security_provider_ids: tuple[str, ...]
    status: str | None
    items: int | None


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of the licence: what is used, if said, and what is allowed."""

    used: int | None
    allowed: int | None


Limits = Mapping[str, Limit]
"""Limits by name, as `section.key` where the platform has them in sections."""


@dataclass(frozen=True, slots=True)
class SecurityProvider:
    """A store of identities."""

    id: str
    name: str | None
    type: str | None
    case_sensitive: bool | None
    source_ids: tuple[str, ...]
    """Sources that reference it."""
    cascades_to: tuple[str, ...]
    """Providers in which its identities have aliases."""


class FieldType(StrEnum):
    """Types of a field (docs/1833); LONG has 32 bits."""

    STRING = "STRING"
    LONG = "LONG"
    LONG_64 = "LONG_64"
    DOUBLE = "DOUBLE"
    DATE = "DATE"
    VECTOR = "VECTOR"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the index."""

    name: str
    type: FieldType
    multi_value: bool = False
    facet: bool = False
    sort: bool = False
    description: str | None = field(default=None, repr=False)

    @property
    def body(self) -> Mapping[str, object]:
        """Return how a call that creates it says it."""
        return {
            "name": self.name,
            "type": self.type.value,
            "description": self.description or "",
            "includeInQuery": True,
            "includeInResults": True,
            "facet": self.facet,
            "multiValueFacet": self.multi_value,
            "sort": self.sort,
        }


@dataclass(frozen=True, slots=True)
class FieldPage:
    """One page of fields, and how many there are in all, if that was said."""

    fields: tuple[Field, ...]
    total: int | None
    pages: int | None


def source_of(body: bytes) -> Source | None:
    """Return the source that an answer describes, `None` if it is none."""
    said = object_of(body) or {}
    source_id = text_of(said.get("id"))
    if source_id is None:
        return None
    information = mapping_of(said.get("information")) or {}
    status = mapping_of(information.get("sourceStatus")) or {}
    type_name = text_of(said.get("sourceType"))
    return Source(
        source_id,
        text_of(said.get("name")),
        word_of(type_name, SourceType, SourceType.OTHER),
        type_name,
        word_of(said.get("sourceVisibility"), SourceVisibility, SourceVisibility.UNKNOWN),
        flag_of(said.get("pushEnabled")),
        flag_of(said.get("streamEnabled")),
        text_of(said.get("crawlingModuleId")),
        _ids(said.get("securityProviderReferences")),
        text_of(status.get("type")),
        integer_of(information.get("numberOfDocuments")),
    )


def _ids(value: object) -> tuple[str, ...]:
    """Read references that are plain ids, or objects with one."""
    found = (_id(each) for each in value) if isinstance(value, list) else ()
    return tuple(each for each in found if each is not None)


def _id(value: object) -> str | None:
    said = mapping_of(value)
    if said is None:
        return text_of(value)
    return text_of(said.get("id")) or text_of(said.get("securityProviderId"))


def limits_of(body: bytes) -> Limits | None:
    """Return the limits that an answer lists, in sections or not; `None` if it is no list."""
    said = object_of(body)
    return None if said is None else dict(_limits(said, "", deep=False))


def _limits(said: Mapping[str, object], prefix: str, *, deep: bool) -> list[tuple[str, Limit]]:
    found = []
    for key, value in said.items():
        match value:
            case {"limit": allowed, **others}:
                used = integer_of(others.get("actualCount"))
                found.append((f"{prefix}{key}", Limit(used, integer_of(allowed))))
            case dict() if not deep:
                found += _limits(value, f"{key}.", deep=True)
            case _:
                pass
    return found


def providers_of(body: bytes) -> tuple[SecurityProvider, ...] | None:
    """Return the providers that an answer lists, `None` if it is no list."""
    value = value_of(body)
    return listed(value, _provider) if isinstance(value, list) else None


def _provider(said: Mapping[str, object]) -> SecurityProvider | None:
    provider_id = text_of(said.get("id"))
    if provider_id is None:
        return None
    cascades = mapping_of(said.get("cascadingSecurityProviders")) or {}
    return SecurityProvider(
        provider_id,
        text_of(said.get("displayName")) or text_of(said.get("name")),
        text_of(said.get("type")),
        flag_of(said.get("caseSensitive")),
        listed(said.get("referencedBy"), _source_reference),
        _ids([*cascades.values()]),
    )


def _source_reference(said: Mapping[str, object]) -> str | None:
    return text_of(said.get("id")) if said.get("type") == "SOURCE" else None


def fields_of(body: bytes) -> FieldPage | None:
    """Return the page of fields that an answer is, `None` if it is none."""
    match object_of(body):
        case {"items": list(items), **others}:
            total, pages = (integer_of(others.get(key)) for key in ("totalEntries", "totalPages"))
            return FieldPage(listed(items, _field), total, pages)
        case _:
            return None


def _field(said: Mapping[str, object]) -> Field | None:
    name = text_of(said.get("name"))
    if name is None:
        return None
    return Field(
        name,
        word_of(said.get("type"), FieldType, FieldType.UNKNOWN),
        multi_value=bool(flag_of(said.get("multiValueFacet"))),
        facet=bool(flag_of(said.get("facet"))),
        sort=bool(flag_of(said.get("sort"))),
        description=text_of(said.get("description")),
    )


def approved_of(body: bytes) -> bool | None:
    """Return whether a privilege is granted, `None` if that was not said."""
    return flag_of((object_of(body) or {}).get("approved"))
