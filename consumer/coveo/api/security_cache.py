"""The security cache: pushed identities reach it by a refresh, daily or asked for (docs/1905)."""

from __future__ import annotations

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


class SecurityCacheApi:
    """Looks into the cache and asks for refreshes. Pages are counted from 0."""

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
        self,
        provider_id: str,
        deadline: Deadline,
        states: tuple[EntityState, ...] = (),
        page: int = 0,
        *,
        per_page: int = 100,
    ) -> Result[EntityPage]:
        """Return identities of a provider, all of them or those in some states."""
        query = _paging(page, per_page) | _states(states)
        return self._read(Ask(Endpoint.ENTITIES, {"provider": provider_id}, query), deadline)

    def members(
        self,
        provider_id: str,
        deadline: Deadline,
        states: tuple[EntityState, ...] = (),
        page: int = 0,
        *,
        per_page: int = 100,
    ) -> Result[EntityPage]:
        """Return the same with the state, and the last update, of each."""
        query = _paging(page, per_page) | _states(states) | {"usePageModel": "true"}
        return self._read(Ask(Endpoint.ENTITY_MEMBERS, {"provider": provider_id}, query), deadline)

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


def _paging(page: int, per_page: int) -> dict[str, str]:
    return {"page": str(page), "perPage": str(per_page)}


def _states(states: tuple[EntityState, ...]) -> dict[str, str]:
    return {"states": ",".join(state.value for state in states)} if states else {}
