"""The security cache: pushed identities reach it by a refresh, daily or asked for (docs/1905)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson

from consumer.coveo.api.entities import (
    EntityPage,
    EntityState,
    EntityType,
    entity_body,
    page_of,
)
from consumer.coveo.calls import Ask, Caller
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.results import Receipt, Result, receipt_of, result_of
from consumer.http.deadline import Deadline


@dataclass(frozen=True, slots=True)
class EntityQuery:
    """Which identities of a provider are wanted, and which page of them, counted from 0.

    Without states it is all of them.
    """

    states: tuple[EntityState, ...] = ()
    page: int = 0
    per_page: int = 100


ALL_ENTITIES: Final = EntityQuery()


class SecurityCacheApi:
    """Looks into the cache and asks for refreshes."""

    def __init__(self, caller: Caller) -> None:
        """Call through `caller`."""
        self._caller = caller

    def refresh_provider(self, provider_id: str, deadline: Deadline) -> Result[Receipt]:
        """Have the cache take over what was pushed to a provider."""
        return self._act(Ask(Endpoint.PROVIDER_REFRESH, {"provider": provider_id}), deadline)

    def refresh_entity(
        self, provider_id: str, name: str, kind: EntityType, deadline: Deadline
    ) -> Result[Receipt]:
        """Have the cache take over one identity."""
        body = orjson.dumps(entity_body(name, kind, provider_id))
        return self._act(Ask(Endpoint.ENTITY_REFRESH, body=body), deadline)

    def entities(
        self, provider_id: str, deadline: Deadline, query: EntityQuery = ALL_ENTITIES
    ) -> Result[EntityPage]:
        """Return identities of a provider."""
        ask = Ask(Endpoint.ENTITIES, {"provider": provider_id}, _parameters(query))
        return self._read(ask, deadline)

    def members(
        self, provider_id: str, deadline: Deadline, query: EntityQuery = ALL_ENTITIES
    ) -> Result[EntityPage]:
        """Return the same with the state, and the last update, of each."""
        parameters = _parameters(query) | {"usePageModel": "true"}
        ask = Ask(Endpoint.ENTITY_MEMBERS, {"provider": provider_id}, parameters)
        return self._read(ask, deadline)

    def children(
        self, provider_id: str, name: str, kind: EntityType, deadline: Deadline
    ) -> Result[EntityPage]:
        """Return who is in a group."""
        return self._relatives(Endpoint.ENTITY_CHILDREN, provider_id, name, kind, deadline)

    def parents(
        self, provider_id: str, name: str, kind: EntityType, deadline: Deadline
    ) -> Result[EntityPage]:
        """Return which groups an identity is in."""
        return self._relatives(Endpoint.ENTITY_PARENTS, provider_id, name, kind, deadline)

    def _relatives(
        self, endpoint: Endpoint, provider_id: str, name: str, kind: EntityType, deadline: Deadline
    ) -> Result[EntityPage]:
        body = orjson.dumps(entity_body(name, kind, provider_id))
        return self._read(Ask(endpoint, {"provider": provider_id}, {}, body), deadline)

    def _act(self, ask: Ask, deadline: Deadline) -> Result[Receipt]:
        return receipt_of(ask.endpoint, self._caller.ask(ask, deadline))

    def _read(self, ask: Ask, deadline: Deadline) -> Result[EntityPage]:
        return result_of(ask.endpoint, self._caller.ask(ask, deadline), page_of)


def _parameters(query: EntityQuery) -> dict[str, str]:
    paging = {"page": str(query.page), "perPage": str(query.per_page)}
    states = ",".join(state.value for state in query.states)
    return paging | {"states": states} if states else paging
