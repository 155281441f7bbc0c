"""All of Coveo's interface over one pool of connections; and the steps of an attempt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

import httpx

from consumer.coveo.api import files
from consumer.coveo.api.files import FilesApi
from consumer.coveo.api.identities import IdentitiesApi
from consumer.coveo.api.items import (
    Compression,
    ItemsApi,
    batch_ask,
    delete_ask,
    item_ask,
    status_ask,
)
from consumer.coveo.api.logs import LogsApi
from consumer.coveo.api.platform import PlatformApi
from consumer.coveo.api.security_cache import SecurityCacheApi
from consumer.coveo.api.streams import StreamsApi, StreamTarget, update_ask
from consumer.coveo.calls import Addresses, Caller, Clocks, Told
from consumer.coveo.exchange import (
    CreateContainer,
    PushBatch,
    PushDelete,
    PushItem,
    Reply,
    Step,
    UpdateCatalog,
    Upload,
)
from consumer.domain.operations import TargetId
from consumer.domain.source_status import SourceStatus
from consumer.http.deadline import Deadline
from consumer.http.transport import DeadlineTransport


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Whom to call: base URLs without a path of the API.

    `source_ids` has the source behind each target's configured name. Without an address of its own
    the platform is at the Push API's: then the key never goes where nobody sent it.
    """

    organization: str
    push_url: str
    source_ids: Mapping[TargetId, str]
    max_connections: int = 8
    platform_url: str | None = None

    @property
    def addresses(self) -> Addresses:
        """Return whom to call."""
        return Addresses(self.organization, self.push_url, self.platform_url or self.push_url)


class CoveoClient:
    """Calls Coveo from any number of threads. Raises nothing for what the other side does."""

    def __init__(
        self,
        settings: ClientSettings,
        secret: Callable[[], str],
        transport: httpx.BaseTransport | None = None,
        told: Told | None = None,
        clocks: Clocks | None = None,
    ) -> None:
        """Open nothing yet; `told` learns of every call but the steps of attempts."""
        transport = transport or DeadlineTransport(settings.max_connections)
        self._caller: Final = Caller(settings.addresses, secret, transport, told, clocks)
        self._source_ids: Final = settings.source_ids
        self.files: Final = FilesApi(self._caller)
        self.items: Final = ItemsApi(self._caller)
        self.identities: Final = IdentitiesApi(self._caller)
        self.streams: Final = StreamsApi(self._caller)
        self.logs: Final = LogsApi(self._caller)
        self.security_cache: Final = SecurityCacheApi(self._caller)
        self.platform: Final = PlatformApi(self._caller, settings.organization)

    def close(self) -> None:
        """Close every connection."""
        self._caller.close()

    def perform(self, step: Step, deadline: Deadline) -> Reply:
        """Carry out one step of an attempt, which tells of it itself."""
        match step:
            case CreateContainer():
                return self._caller.exchange(files.CREATE, deadline)
            case Upload(container, body):
                return self._caller.upload(container, body, deadline)
            case PushBatch(target, file_id):
                ask = batch_ask(self._source_ids[target], file_id)
                return self._caller.exchange(ask, deadline)
            case UpdateCatalog(target, file_id):
                ask = update_ask(StreamTarget(self._source_ids[target]), file_id)
                return self._caller.exchange(ask, deadline)
            case PushItem(target, document_id, body):
                # What `payload.encode` compresses is always this, and a text ignores it.
                source_id, compression = self._source_ids[target], Compression.ZLIB
                ask = item_ask(source_id, document_id, body, compression)
                return self._caller.exchange(ask, deadline)
            case PushDelete(target, document_id, children):
                ask = delete_ask(self._source_ids[target], document_id, children=children)
                return self._caller.exchange(ask, deadline)
            case _:
                assert_never(step)

    def tell_status(self, target: TargetId, status: SourceStatus, deadline: Deadline) -> Reply:
        """Say what the source behind a target is doing; whoever asked tells of it."""
        return self._caller.exchange(status_ask(self._source_ids[target], status), deadline)
