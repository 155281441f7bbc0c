"""Security identities of a provider. The API calls them `permissions` (docs/33, docs/84).

A push replaces: members that are not listed are lost (docs/42). A deleted identity is disabled, not
removed (docs/84). Providers may have names with spaces; they are escaped.
"""

from __future__ import annotations

from consumer.coveo.calls import Ask, Caller
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.purge import DEFAULT_QUEUE_DELAY, PurgeBoundary, QueueDelay
from consumer.coveo.results import Receipt, Result, receipt_of
from consumer.http.deadline import Deadline


class IdentitiesApi:
    """Tells a provider who is in which group; bodies are those of `identities`."""

    def __init__(self, caller: Caller) -> None:
        """Call through `caller`."""
        self._caller = caller

    def put(self, provider_id: str, body: bytes, deadline: Deadline) -> Result[Receipt]:
        """Add or replace an identity with all its members."""
        return self._call(Endpoint.IDENTITY, provider_id, deadline, body=body)

    def delete(self, provider_id: str, body: bytes, deadline: Deadline) -> Result[Receipt]:
        """Disable an identity: a DELETE with a body."""
        return self._call(Endpoint.IDENTITY_DELETE, provider_id, deadline, body=body)

    def put_mapping(self, provider_id: str, body: bytes, deadline: Deadline) -> Result[Receipt]:
        """Say under which names of other providers an identity is known, too."""
        return self._call(Endpoint.IDENTITY_MAPPING, provider_id, deadline, body=body)

    def push_batch(self, provider_id: str, file_id: str, deadline: Deadline) -> Result[Receipt]:
        """Make Coveo read an uploaded batch of identities (docs/55)."""
        query = {"fileId": file_id}
        return self._call(Endpoint.IDENTITY_BATCH, provider_id, deadline, query=query)

    def disable_older(
        self,
        provider_id: str,
        boundary: PurgeBoundary,
        deadline: Deadline,
        delay: QueueDelay = DEFAULT_QUEUE_DELAY,
    ) -> Result[Receipt]:
        """Disable every identity that was pushed before `boundary` (docs/33)."""
        query = {"orderingId": str(boundary), "queueDelay": str(delay)}
        return self._call(Endpoint.IDENTITIES_OLDER, provider_id, deadline, query=query)

    def _call(
        self,
        endpoint: Endpoint,
        provider_id: str,
        deadline: Deadline,
        *,
        query: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Result[Receipt]:
        ask = Ask(endpoint, {"provider": provider_id}, query or {}, body)
        return receipt_of(endpoint, self._caller.ask(ask, deadline))
