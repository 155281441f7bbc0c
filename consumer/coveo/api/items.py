"""Items of a push source. Their ordering id is left to the service, always (docs/147)."""

from __future__ import annotations

from enum import StrEnum

from consumer.coveo.calls import Ask, Caller
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.purge import DEFAULT_QUEUE_DELAY, PurgeBoundary, QueueDelay
from consumer.coveo.results import Receipt, Result, receipt_of
from consumer.domain.operations import DocumentId
from consumer.domain.source_status import SourceStatus
from consumer.http.deadline import Deadline


class Compression(StrEnum):
    """How a single item's content is compressed (docs/164)."""

    UNCOMPRESSED = "UNCOMPRESSED"
    DEFLATE = "DEFLATE"
    GZIP = "GZIP"
    LZMA = "LZMA"
    ZLIB = "ZLIB"


def batch_ask(source_id: str, file_id: str) -> Ask:
    """Return the call that makes Coveo read an uploaded batch (docs/90)."""
    return Ask(Endpoint.BATCH, {"source": source_id}, {"fileId": file_id})


def status_ask(source_id: str, status: SourceStatus) -> Ask:
    """Return the call that says what a source is doing (docs/35)."""
    return Ask(Endpoint.STATUS, {"source": source_id}, {"statusType": status.value})


def item_ask(source_id: str, document_id: DocumentId, body: bytes, compression: Compression) -> Ask:
    """Return the call that pushes one item; its compression is said in the query (docs/164)."""
    query = {"documentId": document_id, "compressionType": compression.value}
    return Ask(Endpoint.ITEM, {"source": source_id}, query, body)


def delete_ask(source_id: str, document_id: DocumentId, *, children: bool) -> Ask:
    """Return the call that deletes one item, or with it everything below its id (docs/171)."""
    query = {"documentId": document_id, "deleteChildren": str(children).lower()}
    return Ask(Endpoint.ITEM_DELETE, {"source": source_id}, query)


class ItemsApi:
    """Adds, replaces and deletes items, one or many."""

    def __init__(self, caller: Caller) -> None:
        """Call through `caller`."""
        self._caller = caller

    def push(
        self,
        source_id: str,
        document_id: DocumentId,
        payload: bytes,
        deadline: Deadline,
        *,
        compression: Compression = Compression.ZLIB,
    ) -> Result[Receipt]:
        """Push one item as `payload.encode` made it (docs/133).

        Its compression is said in the query, where a single call has it; the item says it, too.
        """
        return self._call(item_ask(source_id, document_id, payload, compression), deadline)

    def delete(
        self, source_id: str, document_id: DocumentId, deadline: Deadline, *, children: bool
    ) -> Result[Receipt]:
        """Delete an item; `children` are all whose id starts with its id and `/` (docs/171)."""
        return self._call(delete_ask(source_id, document_id, children=children), deadline)

    def push_batch(self, source_id: str, file_id: str, deadline: Deadline) -> Result[Receipt]:
        """Make Coveo read an uploaded batch; the container is used up by it (docs/90)."""
        return self._call(batch_ask(source_id, file_id), deadline)

    def delete_older(
        self,
        source_id: str,
        boundary: PurgeBoundary,
        deadline: Deadline,
        delay: QueueDelay = DEFAULT_QUEUE_DELAY,
    ) -> Result[Receipt]:
        """Delete what was pushed before `boundary`.

        It is a barrier, too: whatever is pushed below it later is rejected (docs/131, docs/147).
        """
        query = {"orderingId": str(boundary), "queueDelay": str(delay)}
        return self._call(Ask(Endpoint.ITEMS_OLDER, {"source": source_id}, query), deadline)

    def set_status(
        self, source_id: str, status: SourceStatus, deadline: Deadline
    ) -> Result[Receipt]:
        """Say what the source is doing (docs/35)."""
        return self._call(status_ask(source_id, status), deadline)

    def _call(self, ask: Ask, deadline: Deadline) -> Result[Receipt]:
        return receipt_of(ask.endpoint, self._caller.ask(ask, deadline))
