"""One call of each endpoint that the client knows, which succeeds with what it needs beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from consumer.coveo.api.entities import EntityType
from consumer.coveo.api.logs import LogQuery
from consumer.coveo.api.platform import Privilege, Right
from consumer.coveo.api.platform_models import Field, FieldType
from consumer.coveo.api.streams import Collection, StreamTarget
from consumer.coveo.client import CoveoClient
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import FileContainer
from consumer.coveo.identities import (
    Alias,
    DisableIdentity,
    Identity,
    MapIdentity,
    PutIdentity,
    encode_identity,
    identity_batch,
)
from consumer.coveo.purge import purge_boundary
from consumer.coveo.results import Done
from consumer.coveo.service_time import ServiceTime
from consumer.domain.access import IdentityType
from consumer.domain.operations import DocumentId
from consumer.domain.source_status import SourceStatus
from tests.contract.coveo.pushing import soon
from tests.contract.coveo.services import CATALOG, CRM, SOURCE

SALES = Identity("sales", IdentityType.GROUP)
DORA = Identity("dora", IdentityType.USER)
PUT = encode_identity(PutIdentity(SALES, (DORA,))).payload
MAP = encode_identity(MapIdentity(DORA, (Alias(DORA, "Email Security Provider"),))).payload
DELETE = encode_identity(DisableIdentity(SALES)).payload
ITEMS = b'{"addOrUpdate":[{"documentId":"kb://a","data":""}],"delete":[]}'
TARGET = StreamTarget(CATALOG)
OTHER_NAME = StreamTarget(CATALOG, Collection.DATA_COLLECTIONS)


@dataclass(frozen=True)
class Caller:
    """A client with what its calls need beforehand."""

    client: CoveoClient
    now_ms: int

    def container(self) -> FileContainer:
        """Return an empty container."""
        created = self.client.files.create(soon())
        assert isinstance(created, Done)
        return created.value

    def file(self, body: bytes) -> str:
        """Return the id of a container that holds this."""
        container = self.container()
        assert isinstance(self.client.files.upload(container, body, soon()), Done)
        return container.file_id

    def stream(self, target: StreamTarget) -> str:
        """Return the id of a stream that is open."""
        opened = self.client.streams.open(target, soon())
        assert isinstance(opened, Done)
        return opened.value.stream_id

    def sales(self) -> CoveoClient:
        """Return the client after a group was pushed and refreshed."""
        assert isinstance(self.client.identities.put(CRM, PUT, soon()), Done)
        assert isinstance(self.client.security_cache.refresh_provider(CRM, soon()), Done)
        return self.client

    @property
    def span(self) -> LogQuery:
        """Return the day before now."""
        until = datetime.fromtimestamp(self.now_ms / 1000, UTC)
        return LogQuery(until - timedelta(days=1), until)


CALLS: dict[Endpoint, Callable[[Caller], object]] = {
    Endpoint.FILES: lambda c: c.client.files.create(soon()),
    Endpoint.UPLOAD: lambda c: c.client.files.upload(c.container(), ITEMS, soon()),
    Endpoint.ITEM: lambda c: c.client.items.push(
        SOURCE, DocumentId("kb://a"), b'{"documentId":"kb://a","data":""}', soon()
    ),
    Endpoint.ITEM_DELETE: lambda c: c.client.items.delete(
        SOURCE, DocumentId("kb://a"), soon(), children=True
    ),
    Endpoint.BATCH: lambda c: c.client.items.push_batch(SOURCE, c.file(ITEMS), soon()),
    Endpoint.ITEMS_OLDER: lambda c: c.client.items.delete_older(
        SOURCE, purge_boundary(ServiceTime(c.now_ms), 60.0), soon()
    ),
    Endpoint.STATUS: lambda c: c.client.items.set_status(SOURCE, SourceStatus.REBUILD, soon()),
    Endpoint.IDENTITY: lambda c: c.client.identities.put(CRM, PUT, soon()),
    Endpoint.IDENTITY_DELETE: lambda c: c.client.identities.delete(CRM, DELETE, soon()),
    Endpoint.IDENTITY_MAPPING: lambda c: c.client.identities.put_mapping(CRM, MAP, soon()),
    Endpoint.IDENTITY_BATCH: lambda c: c.client.identities.push_batch(
        CRM, c.file(identity_batch([encode_identity(PutIdentity(SALES))])), soon()
    ),
    Endpoint.IDENTITIES_OLDER: lambda c: c.client.identities.disable_older(
        CRM, purge_boundary(ServiceTime(c.now_ms), 60.0), soon()
    ),
    Endpoint.STREAM_OPEN: lambda c: c.client.streams.open(OTHER_NAME, soon()),
    Endpoint.STREAM_CHUNK: lambda c: c.client.streams.chunk(TARGET, c.stream(TARGET), soon()),
    Endpoint.STREAM_CLOSE: lambda c: c.client.streams.close(OTHER_NAME, c.stream(TARGET), soon()),
    Endpoint.STREAM_UPDATE: lambda c: c.client.streams.update(TARGET, c.file(ITEMS), soon()),
    Endpoint.STREAM_MERGE: lambda c: c.client.streams.merge(OTHER_NAME, c.file(ITEMS), soon()),
    Endpoint.STREAM_OLDER: lambda c: c.client.streams.delete_older(
        TARGET, purge_boundary(ServiceTime(c.now_ms), 60.0), soon()
    ),
    Endpoint.LOGS: lambda c: c.client.logs.page(c.span, soon()),
    Endpoint.LOG_FACETS: lambda c: c.client.logs.facets(c.span, soon()),
    Endpoint.PROVIDER_REFRESH: lambda c: c.client.security_cache.refresh_provider(CRM, soon()),
    Endpoint.ENTITY_REFRESH: lambda c: c.sales().security_cache.refresh_entity(
        CRM, "sales", EntityType.GROUP, soon()
    ),
    Endpoint.ENTITIES: lambda c: c.sales().security_cache.entities(CRM, soon()),
    Endpoint.ENTITY_MEMBERS: lambda c: c.sales().security_cache.members(CRM, soon()),
    Endpoint.ENTITY_CHILDREN: lambda c: c.sales().security_cache.children(
        CRM, "sales", EntityType.GROUP, soon()
    ),
    Endpoint.ENTITY_PARENTS: lambda c: c.sales().security_cache.parents(
        CRM, "dora", EntityType.USER, soon()
    ),
    Endpoint.SOURCE: lambda c: c.client.platform.source(SOURCE, soon()),
    Endpoint.LIMITS: lambda c: c.client.platform.limits(soon()),
    Endpoint.PROVIDERS: lambda c: c.client.platform.providers(soon()),
    Endpoint.FIELDS: lambda c: c.client.platform.fields(soon()),
    Endpoint.FIELDS_CREATE: lambda c: c.client.platform.create_fields(
        [Field("made_by_a_test", FieldType.STRING)], soon()
    ),
    Endpoint.PRIVILEGE: lambda c: c.client.platform.allows(Privilege(Right.VIEW, "FIELD"), soon()),
}
