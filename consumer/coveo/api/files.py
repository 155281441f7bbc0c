"""File containers: one upload each, then one use (docs/43)."""

from __future__ import annotations

from typing import Final

from consumer.coveo.calls import Ask, Caller
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import FileContainer, container_of
from consumer.coveo.results import Receipt, Result, receipt_of, result_of
from consumer.http.deadline import Deadline

# Virtual-hosted URIs are the documented future (docs/78).
CREATE: Final = Ask(Endpoint.FILES, {}, {"useVirtualHostedStyleUrl": "true"})


class FilesApi:
    """Makes containers and fills them."""

    def __init__(self, caller: Caller) -> None:
        """Call through `caller`."""
        self._caller = caller

    def create(self, deadline: Deadline) -> Result[FileContainer]:
        """Ask for an upload slot. It is gone after 60 minutes."""
        return result_of(Endpoint.FILES, self._caller.ask(CREATE, deadline), container_of)

    def upload(self, container: FileContainer, body: bytes, deadline: Deadline) -> Result[Receipt]:
        """Fill it, once: a batch body, or the raw compressed bytes of one item's content."""
        return receipt_of(Endpoint.UPLOAD, self._caller.put(container, body, deadline))
