"""Every endpoint's method, address and body on the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from consumer.coveo.api.entities import EntityState, EntityType
from consumer.coveo.api.items import Compression
from consumer.coveo.api.log_entries import LogOperation, LogResult, LogTask
from consumer.coveo.api.logs import LogQuery, LogWords, Matching
from consumer.coveo.api.platform import Privilege, Right
from consumer.coveo.api.platform_models import Field, FieldType
from consumer.coveo.api.security_cache import EntityQuery
from consumer.coveo.api.streams import Collection, StreamTarget, shard
from consumer.coveo.client import CoveoClient
from consumer.coveo.endpoints import ROUTES, Endpoint
from consumer.coveo.exchange import Failure, FailureKind, Reply
from consumer.coveo.purge import PurgeBoundary, queue_delay
from consumer.coveo.regions import Region
from consumer.domain.operations import DocumentId
from consumer.domain.source_status import SourceStatus
from tests.unit.coveo.builders import CONTAINER, soon
from tests.unit.coveo.recorder import Recorder

ID = DocumentId("kb://a?x=1&y=a+b#z%20")
CRM = "My Secured/Provider"
OLD = PurgeBoundary(17)
CATALOG = StreamTarget("c/1")
COLLECTION = StreamTarget("c1", Collection.DATA_COLLECTIONS)
QUERY = LogQuery(
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 11, 2, 3, 4, 5, 678_000, UTC),
    LogWords(
        ("src/1",),
        (LogOperation.DELETE,),
        (LogTask.CONSUMING, LogTask.INDEXING),
        (LogResult.REJECTED,),
        ("extension",),
    ),
    LogWords(
        ("src2",), (LogOperation.ADD,), (LogTask.MAPPING,), (LogResult.COMPLETED,), ("other",)
    ),
    ID,
    Matching.PARTIAL,
)
SPAN = "from=2026-11-01T00%3A00%3A00.000Z&to=2026-11-02T03%3A04%3A05.678Z"
FILTERS = (
    '{"sourcesIds":["src/1"],"operations":["DELETE"],"tasks":["CONSUMING","INDEXING"],'
    '"results":["REJECTED"],"resourceIds":["extension"],"excludeSourceIds":["src2"],'
    '"excludeOperations":["ADD"],"excludeTasks":["MAPPING"],"excludeResults":["COMPLETED"],'
    '"excludeResourceIds":["other"]}'
)
ESCAPED_ID = "kb%3A%2F%2Fa%3Fx%3D1%26y%3Da%2Bb%23z%2520"
ENTITY = '{"name":"sales","type":"GROUP","infos":[],"provider":"My Secured/Provider"}'

PUSH = "https://api.invalid/push/v1/organizations/my%20org"
LOGS = "https://api.invalid/logs/v1/organizations/my%20org"
REST = "https://platform.invalid/rest/organizations/my%20org"
PROVIDER = f"{PUSH}/providers/My%20Secured%2FProvider"
CACHE = f"{REST}/securitycache"

Call = Callable[[CoveoClient], object]

CALLS: dict[Endpoint, tuple[Call, str, str]] = {
    Endpoint.FILES: (
        lambda c: c.files.create(soon()),
        f"POST {PUSH}/files?useVirtualHostedStyleUrl=true",
        "",
    ),
    Endpoint.UPLOAD: (
        lambda c: c.files.upload(CONTAINER, b"body", soon()),
        f"PUT {CONTAINER.upload_uri}",
        "body",
    ),
    Endpoint.ITEM: (
        lambda c: c.items.push("s", ID, b"{}", soon(), compression=Compression.GZIP),
        f"PUT {PUSH}/sources/s/documents?documentId={ESCAPED_ID}&compressionType=GZIP",
        "{}",
    ),
    Endpoint.ITEM_DELETE: (
        lambda c: c.items.delete("s", DocumentId("kb://a b"), soon(), children=True),
        f"DELETE {PUSH}/sources/s/documents?documentId=kb%3A%2F%2Fa%20b&deleteChildren=true",
        "",
    ),
    Endpoint.BATCH: (
        lambda c: c.items.push_batch("src/1", "f-1", soon()),
        f"PUT {PUSH}/sources/src%2F1/documents/batch?fileId=f-1",
        "",
    ),
    Endpoint.ITEMS_OLDER: (
        lambda c: c.items.delete_older("s", OLD, soon()),
        f"DELETE {PUSH}/sources/s/documents/olderthan?orderingId=17&queueDelay=15",
        "",
    ),
    Endpoint.STATUS: (
        lambda c: c.items.set_status("s", SourceStatus.INCREMENTAL, soon()),
        f"POST {PUSH}/sources/s/status?statusType=INCREMENTAL",
        "",
    ),
    Endpoint.IDENTITY: (
        lambda c: c.identities.put(CRM, b'{"a":1}', soon()),
        f"PUT {PROVIDER}/permissions",
        '{"a":1}',
    ),
    Endpoint.IDENTITY_DELETE: (
        lambda c: c.identities.delete(CRM, b'{"a":1}', soon()),
        f"DELETE {PROVIDER}/permissions",
        '{"a":1}',
    ),
    Endpoint.IDENTITY_MAPPING: (
        lambda c: c.identities.put_mapping(CRM, b'{"a":1}', soon()),
        f"PUT {PROVIDER}/mappings",
        '{"a":1}',
    ),
    Endpoint.IDENTITY_BATCH: (
        lambda c: c.identities.push_batch(CRM, "f-1", soon()),
        f"PUT {PROVIDER}/permissions/batch?fileId=f-1",
        "",
    ),
    Endpoint.IDENTITIES_OLDER: (
        lambda c: c.identities.disable_older(CRM, OLD, soon(), queue_delay(0)),
        f"DELETE {PROVIDER}/permissions/olderthan?orderingId=17&queueDelay=0",
        "",
    ),
    Endpoint.STREAM_OPEN: (
        lambda c: c.streams.open(CATALOG, soon()),
        f"POST {PUSH}/sources/c%2F1/stream/open",
        "",
    ),
    Endpoint.STREAM_CHUNK: (
        lambda c: c.streams.chunk(CATALOG, "st/1", soon()),
        f"POST {PUSH}/sources/c%2F1/stream/st%2F1/chunk",
        "",
    ),
    Endpoint.STREAM_CLOSE: (
        lambda c: c.streams.close(COLLECTION, "st", soon()),
        f"POST {PUSH}/data-collections/c1/stream/st/close",
        "",
    ),
    Endpoint.STREAM_UPDATE: (
        lambda c: c.streams.update(COLLECTION, "f-1", soon(), shard=shard("tenant7")),
        f"PUT {PUSH}/data-collections/c1/stream/update?fileId=f-1&shard=tenant7",
        "",
    ),
    Endpoint.STREAM_MERGE: (
        lambda c: c.streams.merge(CATALOG, "f-1", soon()),
        f"PUT {PUSH}/sources/c%2F1/stream/merge?fileId=f-1",
        "",
    ),
    Endpoint.STREAM_OLDER: (
        lambda c: c.streams.delete_older(CATALOG, OLD, soon(), queue_delay(1_440)),
        f"POST {PUSH}/sources/c%2F1/stream/deleteolderthan/17?queueDelay=1440",
        "",
    ),
    Endpoint.LOGS: (
        lambda c: c.logs.page(QUERY, soon(), 2, 50),
        f"POST {LOGS}?{SPAN}&documentId={ESCAPED_ID}&documentIdMatching=PARTIAL&page=2&perPage=50",
        FILTERS,
    ),
    Endpoint.LOG_FACETS: (
        lambda c: c.logs.facets(QUERY, soon()),
        f"POST {LOGS}/facetsStats?{SPAN}&documentId={ESCAPED_ID}&documentIdMatching=PARTIAL",
        FILTERS,
    ),
    Endpoint.PROVIDER_REFRESH: (
        lambda c: c.security_cache.refresh_provider(CRM, soon()),
        f"POST {CACHE}/My%20Secured%2FProvider/refresh",
        "",
    ),
    Endpoint.ENTITY_REFRESH: (
        lambda c: c.security_cache.refresh_entity(CRM, "sales", EntityType.GROUP, soon()),
        f"POST {CACHE}/refresh/entity",
        ENTITY,
    ),
    Endpoint.ENTITIES: (
        lambda c: c.security_cache.entities(
            CRM, soon(), EntityQuery((EntityState.DISABLED, EntityState.IN_ERROR))
        ),
        (
            f"GET {CACHE}/entities/My%20Secured%2FProvider"
            "?page=0&perPage=100&states=DISABLED%2CIN_ERROR"
        ),
        "",
    ),
    Endpoint.ENTITY_MEMBERS: (
        lambda c: c.security_cache.members(CRM, soon(), EntityQuery(page=3, per_page=10)),
        f"GET {CACHE}/entities/My%20Secured%2FProvider/members?page=3&perPage=10&usePageModel=true",
        "",
    ),
    Endpoint.ENTITY_CHILDREN: (
        lambda c: c.security_cache.children(CRM, "sales", EntityType.GROUP, soon()),
        f"POST {CACHE}/entities/My%20Secured%2FProvider/members/children",
        ENTITY,
    ),
    Endpoint.ENTITY_PARENTS: (
        lambda c: c.security_cache.parents(CRM, "sales", EntityType.GROUP, soon()),
        f"POST {CACHE}/entities/My%20Secured%2FProvider/members/parents",
        ENTITY,
    ),
    Endpoint.SOURCE: (
        lambda c: c.platform.source("src/1", soon()),
        f"GET {REST}/sources/src%2F1",
        "",
    ),
    Endpoint.LIMITS: (lambda c: c.platform.limits(soon()), f"GET {REST}/limits", ""),
    Endpoint.PROVIDERS: (
        lambda c: c.platform.providers(soon()),
        f"GET {REST}/securityproviders",
        "",
    ),
    Endpoint.FIELDS: (
        lambda c: c.platform.fields(soon(), 1),
        f"GET {REST}/indexes/page/fields?page=1&perPage=1000",
        "",
    ),
    Endpoint.FIELDS_CREATE: (
        lambda c: c.platform.create_fields([Field("tags", FieldType.STRING, True)], soon()),  # noqa: FBT003
        f"POST {REST}/indexes/fields/batch/create",
        (
            '[{"name":"tags","type":"STRING","description":"","includeInQuery":true,'
            '"includeInResults":true,"facet":false,"multiValueFacet":true,"sort":false}]'
        ),
    ),
    Endpoint.PRIVILEGE: (
        lambda c: c.platform.allows(Privilege(Right.VIEW, "FIELD"), soon()),
        "POST https://platform.invalid/rest/privilege/evaluate",
        (
            '{"organizationId":"my org","requestedPrivilege":{"type":"VIEW","targetDomain":"FIELD",'
            '"targetId":"*","owner":"PLATFORM"}}'
        ),
    ),
}


@pytest.mark.parametrize("endpoint", Endpoint)
def test_each_endpoint_has_its_method_address_and_body(endpoint: Endpoint) -> None:
    """Names are escaped so that none can change the path or add a parameter."""
    call, asked, body = CALLS[endpoint]
    recorder = Recorder()
    call(recorder.client())
    (request,) = recorder.requests
    assert f"{request.method} {request.url}" == asked
    assert request.content.decode() == body


@pytest.mark.parametrize("endpoint", Endpoint)
def test_each_call_is_told_once_with_its_own_name(endpoint: Endpoint) -> None:
    """Codes and ids of every call are what a support case is made of."""
    told: list[tuple[Endpoint, Reply]] = []
    CALLS[endpoint][0](Recorder().client(told=lambda name, reply: told.append((name, reply))))
    ((name, reply),) = told
    assert name is endpoint
    assert reply.asked is not None
    assert reply.asked.method == ROUTES[endpoint].method
    assert (reply.asked.path == "") is (endpoint is Endpoint.UPLOAD)
    assert "kb" not in repr(reply)
    assert "s3cret" not in repr(reply)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_stands_for_a_folder_is_never_sent(name: str) -> None:
    """Escaping does not help: a path with `..` in it leads to another endpoint."""
    recorder = Recorder()
    result = recorder.client().identities.put(name, b"{}", soon())
    assert isinstance(result, Failure)
    assert result.kind is FailureKind.UNSENDABLE
    assert recorder.requests == []


def test_regions_have_their_documented_hosts() -> None:
    """The Push API does not serve organization-specific hosts."""
    assert [(region.push_url, region.platform_url) for region in Region] == [
        ("https://api.cloud.coveo.com", "https://platform.cloud.coveo.com"),
        ("https://api-ca.cloud.coveo.com", "https://platform-ca.cloud.coveo.com"),
        ("https://api-eu.cloud.coveo.com", "https://platform-eu.cloud.coveo.com"),
        ("https://api-au.cloud.coveo.com", "https://platform-au.cloud.coveo.com"),
        ("https://apihipaa.cloud.coveo.com", "https://platformhipaa.cloud.coveo.com"),
    ]


@pytest.mark.parametrize("minutes", [-1, 1_441])
def test_a_delay_that_the_service_does_not_take_is_a_bug(minutes: int) -> None:
    """It would be a 412 only after everything was pushed."""
    with pytest.raises(ValueError, match="1440 minutes"):
        queue_delay(minutes)
