"""What must be asked of the platform around pushing: sources, limits, providers, fields, rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson

from consumer.coveo.api.platform_models import (
    Field,
    FieldPage,
    Limits,
    SecurityProvider,
    Source,
    approved_of,
    fields_of,
    limits_of,
    providers_of,
    source_of,
)
from consumer.coveo.calls import Ask, Caller
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.results import Receipt, Result, receipt_of, result_of
from consumer.http.deadline import Deadline


class Right(StrEnum):
    """What a privilege allows."""

    VIEW = "VIEW"
    EDIT = "EDIT"
    CREATE = "CREATE"


@dataclass(frozen=True, slots=True)
class Privilege:
    """A right on a kind of thing, such as `VIEW` on `FIELD`; `*` stands for all of them."""

    right: Right
    domain: str
    target_id: str = "*"
    owner: str = "PLATFORM"


class PlatformApi:
    """Reads the organization's configuration; the one thing it changes is to create fields."""

    def __init__(self, caller: Caller, organization: str) -> None:
        """Call through `caller`; rights are asked for in `organization`."""
        self._caller = caller
        self._organization = organization

    def source(self, source_id: str, deadline: Deadline) -> Result[Source]:
        """Return a source as configured."""
        ask = Ask(Endpoint.SOURCE, {"source": source_id})
        return result_of(ask.endpoint, self._caller.ask(ask, deadline), source_of)

    def limits(self, deadline: Deadline) -> Result[Limits]:
        """Return what the licence allows (docs/165)."""
        return result_of(
            Endpoint.LIMITS, self._caller.ask(Ask(Endpoint.LIMITS), deadline), limits_of
        )

    def providers(self, deadline: Deadline) -> Result[tuple[SecurityProvider, ...]]:
        """Return all security providers."""
        reply = self._caller.ask(Ask(Endpoint.PROVIDERS), deadline)
        return result_of(Endpoint.PROVIDERS, reply, providers_of)

    def fields(self, deadline: Deadline, page: int = 0, per_page: int = 1_000) -> Result[FieldPage]:
        """Return one page of the index's fields, counted from 0."""
        ask = Ask(Endpoint.FIELDS, {}, {"page": str(page), "perPage": str(per_page)})
        return result_of(ask.endpoint, self._caller.ask(ask, deadline), fields_of)

    def create_fields(self, fields: Sequence[Field], deadline: Deadline) -> Result[Receipt]:
        """Create fields, all of them or none; Coveo's own client sends 500 at most."""
        ask = Ask(Endpoint.FIELDS_CREATE, body=orjson.dumps([field.body for field in fields]))
        return receipt_of(ask.endpoint, self._caller.ask(ask, deadline))

    def allows(self, privilege: Privilege, deadline: Deadline) -> Result[bool]:
        """Return whether the key has a privilege."""
        asked = {
            "type": privilege.right.value,
            "targetDomain": privilege.domain,
            "targetId": privilege.target_id,
            "owner": privilege.owner,
        }
        body = {"organizationId": self._organization, "requestedPrivilege": asked}
        ask = Ask(Endpoint.PRIVILEGE, body=orjson.dumps(body))
        return result_of(ask.endpoint, self._caller.ask(ask, deadline), approved_of)
