"""What the security cache knows of identities, as values (Coveo's Security Cache API)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from consumer.coveo.reading import (
    integer_of,
    listed,
    object_of,
    text_of,
    value_of,
    word_of,
)


class EntityState(StrEnum):
    """Whether an identity grants anything."""

    UP_TO_DATE = "UP_TO_DATE"
    NOT_UPDATED = "NOT_UPDATED"
    """Known by name only, until the next refresh."""
    OUT_OF_DATE = "OUT_OF_DATE"
    """Its last update failed, an earlier one was good."""
    IN_ERROR = "IN_ERROR"
    DISABLED = "DISABLED"
    UNKNOWN = "UNKNOWN"


class EntityType(StrEnum):
    """Kinds of identity, in the spelling of this API."""

    USER = "USER"
    GROUP = "GROUP"
    VIRTUAL_GROUP = "VIRTUAL_GROUP"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Entity:
    """One identity in the cache."""

    name: str = field(repr=False)
    type: EntityType
    provider: str | None
    state: EntityState
    last_update_result: str | None
    last_update_error: str | None = field(repr=False)
    infos: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class EntityPage:
    """One page of identities, and how many there are in all, if that was said."""

    entities: tuple[Entity, ...]
    total: int | None
    pages: int | None


def page_of(body: bytes) -> EntityPage | None:
    """Return the page that an answer is: a page model, or a bare list; `None` if neither."""
    value = value_of(body)
    if isinstance(value, list):
        return EntityPage(listed(value, _entity), None, None)
    match object_of(body):
        case {"items": list(items), **others}:
            total, pages = (integer_of(others.get(key)) for key in ("totalEntries", "totalPages"))
            return EntityPage(listed(items, _entity), total, pages)
        case _:
            return None


def _entity(said: Mapping[str, object]) -> Entity | None:
    # The listing of entities calls the name `data`, that of members `name`.
    name = text_of(said.get("name")) or text_of(said.get("data"))
    if name is None:
        return None
    return Entity(
        name,
        _type(said.get("type")),
        text_of(said.get("provider")),
        word_of(said.get("state"), EntityState, EntityState.UNKNOWN),
        text_of(said.get("lastUpdateResult")),
        text_of(said.get("lastUpdateErrorDetail")),
        dict(listed(said.get("infos"), _info)),
    )


def _type(value: object) -> EntityType:
    """Read both spellings: `VirtualGroup` and `VIRTUAL_GROUP`."""
    plain = value.upper().replace("_", "") if isinstance(value, str) else ""
    known = {word.value.replace("_", ""): word for word in EntityType}
    return known.get(plain, EntityType.UNKNOWN)


def _info(said: Mapping[str, object]) -> tuple[str, str] | None:
    key, value = text_of(said.get("key")), said.get("value")
    return (key, value) if key is not None and isinstance(value, str) else None


def entity_body(name: str, kind: EntityType, provider: str | None) -> Mapping[str, object]:
    """Return how a call names one identity."""
    said: dict[str, object] = {"name": name, "type": kind.value, "infos": []}
    return said if provider is None else said | {"provider": provider}
