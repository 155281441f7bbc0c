"""Which method and path leads to which endpoint, and who may call it.

Paths are those of Coveo's OpenAPI documents and of the requests that its clients send. Imports:
the endpoints, no HTTP library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator import errors
from emulator.authorization import Access, admit, identify
from emulator.calls import Call, Endpoint, Reply, push_error_reply, storage_error_reply
from emulator.endpoints import (
    cache,
    documents,
    fields,
    files,
    identities,
    itempermissions,
    logs,
    organization,
    providers,
    search,
    sources,
    streams,
)
from emulator.errors import PushApiError, StorageError
from emulator.routing import Route

if TYPE_CHECKING:
    from emulator.world import World

E, READ, WRITE, SEARCH = Endpoint, Access.READ, Access.WRITE, Access.SEARCH
_PUSH = "/push/v1/organizations/{organization}"
_SOURCE = f"{_PUSH}/sources/{{source}}"
_PROVIDER = f"{_PUSH}/providers/{{provider}}"
_REST = "/rest/organizations/{organization}"
_SOURCES = f"{_REST}/sources"
_FIELDS = f"{_REST}/indexes/fields"
_PROVIDERS = f"{_REST}/securityproviders"
_CACHE = f"{_REST}/securitycache"
_ENTITIES = f"{_CACHE}/entities"
_DOCUMENT = f"{_REST}/indexes/{{index}}/documents/{{document:path}}"
_LOGS = "/logs/v1/organizations/{organization}"
_SEARCH = "/rest/search/v2"

# fmt: off
ITEM_ROUTES = (
    Route("POST", f"{_PUSH}/files", E.CREATE_FILE, files.create_file),
    Route("PUT", "/_s3/{organization}/{file_id}", E.UPLOAD_FILE, files.upload, Access.SIGNED),
    Route("PUT", f"{_SOURCE}/documents", E.PUSH_ITEM, documents.push_item),
    Route("DELETE", f"{_SOURCE}/documents", E.DELETE_ITEM, documents.delete_item),
    Route("PUT", f"{_SOURCE}/documents/batch", E.PUSH_BATCH, documents.push_batch),
    Route("DELETE", f"{_SOURCE}/documents/olderthan", E.DELETE_OLDER_THAN,
          documents.delete_older_than),
    Route("POST", f"{_SOURCE}/status", E.SOURCE_STATUS, documents.source_status),
)
IDENTITY_ROUTES = (
    Route("PUT", f"{_PROVIDER}/permissions", E.PUSH_IDENTITY, identities.push_identity),
    Route("DELETE", f"{_PROVIDER}/permissions", E.DELETE_IDENTITY, identities.delete_identity),
    Route("PUT", f"{_PROVIDER}/mappings", E.PUSH_ALIAS, identities.push_alias),
    Route("PUT", f"{_PROVIDER}/permissions/batch", E.PUSH_IDENTITY_BATCH,
          identities.push_identity_batch),
    Route("DELETE", f"{_PROVIDER}/permissions/olderthan", E.DISABLE_OLDER_THAN,
          identities.disable_older_than),
)
SOURCE_ROUTES = (
    Route("GET", _SOURCES, E.LIST_SOURCES, sources.list_sources, READ),
    Route("POST", _SOURCES, E.CREATE_SOURCE, sources.create_source, WRITE),
    Route("GET", f"{_SOURCES}/pages", E.LIST_SOURCES, sources.page_sources, READ),
    Route("GET", f"{_SOURCES}/page/fields", E.LIST_FIELDS, fields.list_fields, READ),
    Route("GET", f"{_SOURCES}/{{source}}", E.READ_SOURCE, sources.read_source, READ),
    Route("PUT", f"{_SOURCES}/{{source}}", E.UPDATE_SOURCE, sources.update_source, WRITE),
    Route("DELETE", f"{_SOURCES}/{{source}}", E.DELETE_SOURCE, sources.delete_source, WRITE),
    Route("POST", f"{_SOURCES}/{{source}}/pushRefresh", E.PUSH_REFRESH, sources.push_refresh,
          WRITE),
    Route("GET", f"{_SOURCES}/{{source}}/mappings", E.READ_MAPPINGS, sources.read_mappings, READ),
    Route("PUT", f"{_SOURCES}/{{source}}/mappings", E.UPDATE_MAPPINGS, sources.update_mappings,
          WRITE),
)
FIELD_ROUTES = (
    Route("GET", f"{_REST}/indexes/page/fields", E.LIST_FIELDS, fields.list_fields, READ),
    Route("POST", f"{_FIELDS}/batch/create", E.CREATE_FIELDS, fields.create_fields, WRITE),
    Route("POST", _FIELDS, E.CREATE_FIELD, fields.create_field, WRITE),
    Route("GET", f"{_FIELDS}/{{field}}", E.READ_FIELD, fields.read_field, READ),
    Route("PUT", f"{_FIELDS}/{{field}}", E.UPDATE_FIELD, fields.update_field, WRITE),
    Route("DELETE", f"{_FIELDS}/{{field}}", E.DELETE_FIELD, fields.delete_field, WRITE),
)
PROVIDER_ROUTES = (
    Route("GET", _PROVIDERS, E.LIST_PROVIDERS, providers.list_providers, READ),
    Route("POST", _PROVIDERS, E.CREATE_PROVIDER, providers.create_provider, WRITE),
    Route("GET", f"{_PROVIDERS}/page", E.LIST_PROVIDERS, providers.page_providers, READ),
    Route("GET", f"{_PROVIDERS}/{{provider}}", E.READ_PROVIDER, providers.read_provider, READ),
    Route("PUT", f"{_PROVIDERS}/{{provider}}", E.UPDATE_PROVIDER, providers.update_provider,
          WRITE),
    Route("DELETE", f"{_PROVIDERS}/{{provider}}", E.DELETE_PROVIDER, providers.delete_provider,
          WRITE),
    Route("GET", f"{_PROVIDERS}/{{provider}}/schedules", E.LIST_SCHEDULES,
          providers.list_schedules, READ),
)
CACHE_ROUTES = (
    Route("GET", f"{_CACHE}/status", E.CACHE_STATUS, cache.cache_status, READ),
    Route("GET", f"{_CACHE}/schedules", E.LIST_SCHEDULES, providers.list_schedules, READ),
    Route("POST", f"{_CACHE}/refresh", E.REFRESH_CACHE, cache.refresh_all, WRITE),
    Route("POST", f"{_CACHE}/refresh/entity", E.REFRESH_IDENTITY, cache.refresh_identity, WRITE),
    Route("POST", f"{_CACHE}/disabled/enable", E.ENABLE_IDENTITIES, cache.enable_disabled, WRITE),
    Route("POST", f"{_CACHE}/{{provider}}/refresh", E.REFRESH_CACHE, cache.refresh_provider,
          WRITE),
    Route("POST", f"{_CACHE}/{{provider}}/disabled/enable", E.ENABLE_IDENTITIES,
          cache.enable_disabled, WRITE),
    Route("POST", f"{_ENTITIES}/list", E.LIST_IDENTITIES, cache.find_identities, READ),
    Route("GET", f"{_ENTITIES}/list/is_supported", E.CACHE_STATUS, cache.is_listing_supported,
          READ),
    Route("GET", f"{_ENTITIES}/{{provider}}", E.LIST_IDENTITIES, cache.list_identities, READ),
    Route("GET", f"{_ENTITIES}/{{provider}}/members", E.LIST_IDENTITIES, cache.list_members, READ),
    Route("POST", f"{_ENTITIES}/{{provider}}/entity", E.READ_IDENTITY, cache.read_identity, READ),
    Route("POST", f"{_ENTITIES}/{{provider}}/members/children", E.LIST_RELATIVES,
          cache.list_children, READ),
    Route("POST", f"{_ENTITIES}/{{provider}}/members/parents", E.LIST_RELATIVES,
          cache.list_parents, READ),
)
SEARCH_ROUTES = (
    Route("GET", _SEARCH, E.SEARCH, search.query, SEARCH),
    Route("POST", _SEARCH, E.SEARCH, search.query, SEARCH),
    Route("POST", f"{_SEARCH}/token", E.CREATE_SEARCH_TOKEN, search.create_token, Access.EVALUATE),
    Route("GET", f"{_SEARCH}/document", E.READ_DOCUMENT, search.read_document, SEARCH),
    Route("GET", f"{_SEARCH}/html", E.DOCUMENT_HTML, search.document_html, SEARCH),
    Route("GET", f"{_SEARCH}/text", E.DOCUMENT_TEXT, search.document_text, SEARCH),
    Route("GET", f"{_DOCUMENT}/permissions", E.ITEM_PERMISSIONS,
          itempermissions.item_permissions, READ),
    Route("GET", f"{_DOCUMENT}/permissions/effective", E.EFFECTIVE_PERMISSIONS,
          itempermissions.effective_permissions, READ),
)
STREAM_ROUTES = tuple(
    route
    for base in (f"{_SOURCE}/stream", f"{_PUSH}/data-collections/{{source}}/stream")
    for route in (
        Route("POST", f"{base}/open", E.OPEN_STREAM, streams.open_stream),
        Route("POST", f"{base}/{{stream}}/chunk", E.ADD_CHUNK, streams.add_chunk),
        Route("POST", f"{base}/{{stream}}/close", E.CLOSE_STREAM, streams.close_stream),
        Route("PUT", f"{base}/update", E.UPDATE_STREAM, streams.update_stream),
        Route("PUT", f"{base}/merge", E.MERGE_STREAM, streams.merge_stream),
        Route("POST", f"{base}/deleteolderthan/{{epochMilliseconds}}", E.DELETE_OLDER_ITEMS,
              streams.delete_older_items),
    )
)
LOG_ROUTES = (
    Route("POST", _LOGS, E.READ_LOGS, logs.read_logs, READ),
    Route("GET", _LOGS, E.READ_LOGS, logs.read_logs, READ),
    Route("POST", f"{_LOGS}/facets", E.READ_LOG_FACETS, logs.read_facets, READ),
    Route("POST", f"{_LOGS}/facetsStats", E.READ_LOG_FACETS, logs.read_facet_counts, READ),
)
ORGANIZATION_ROUTES = (
    Route("GET", f"{_REST}/limits", E.READ_LIMITS, organization.read_limits, READ),
    Route("GET", f"{_REST}/limits/{{section}}", E.READ_LIMITS, organization.read_limits, READ),
    Route("POST", "/rest/privilege/evaluate", E.EVALUATE_PRIVILEGE,
          organization.evaluate_privilege, Access.EVALUATE),
    Route("POST", f"{_REST}/activities/public", E.LIST_ACTIVITIES, organization.list_activities,
          READ),
)
# fmt: on
ROUTES: tuple[Route, ...] = (
    *ITEM_ROUTES,
    *IDENTITY_ROUTES,
    *STREAM_ROUTES,
    *LOG_ROUTES,
    *SOURCE_ROUTES,
    *FIELD_ROUTES,
    *PROVIDER_ROUTES,
    *CACHE_ROUTES,
    *SEARCH_ROUTES,
    *ORGANIZATION_ROUTES,
)
# Parts of the real service that are known but not served: refused by name with a 501.
UNSUPPORTED: tuple[str, ...] = ("/rest/{rest:path}",)
_FIRST = {one.endpoint: one for one in reversed(ROUTES)}


def answer(world: World, call: Call, route: Route | None = None) -> Reply:
    """Handle one request and say what the client gets; never raises for a bad request.

    Without a route, the first one of the call's endpoint is taken.
    """
    route = route or _FIRST.get(call.endpoint)
    with world.lock, world.clock.held():
        try:
            if route is None:
                raise errors.not_implemented(what=f"'{call.path}'")
            identify(world, call, route.access)
            # What is due comes first, so that the state depends on calls and times alone.
            world.turn()
            if world.recorder is not None and route.access.changes:
                world.recorder.record_call(call, route)
            return perform(world, call, route)
        except PushApiError as error:
            return push_error_reply(error)


def perform(world: World, call: Call, route: Route) -> Reply:
    """Handle a call of somebody who may make it. It expects the world's lock."""
    try:
        admit(world, call, route.access)
        return route.handle(world, call)
    except PushApiError as error:
        return push_error_reply(error)
    except StorageError as error:
        return storage_error_reply(error)
