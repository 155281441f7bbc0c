"""Every call of Coveo's that this project knows: one table. Pure. Standard library only.

Paths, methods and statuses: Coveo's OpenAPI documents (Push, Source Logs, Security Cache, Source,
Field, Limits) and docs/78; privileges: docs/78, 33, 59, 98.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from consumer.coveo.limits import MAX_PAGE_BYTES, MAX_RESPONSE_BYTES


class Endpoint(StrEnum):
    """The calls, as logs and metrics name them."""

    FILES = "files"
    UPLOAD = "upload"
    ITEM = "documents"
    ITEM_DELETE = "documents/delete"
    BATCH = "documents/batch"
    ITEMS_OLDER = "documents/olderthan"
    STATUS = "status"
    IDENTITY = "permissions"
    IDENTITY_DELETE = "permissions/delete"
    IDENTITY_MAPPING = "mappings"
    IDENTITY_BATCH = "permissions/batch"
    IDENTITIES_OLDER = "permissions/olderthan"
    STREAM_OPEN = "stream/open"
    STREAM_CHUNK = "stream/chunk"
    STREAM_CLOSE = "stream/close"
    STREAM_UPDATE = "stream/update"
    STREAM_MERGE = "stream/merge"
    STREAM_OLDER = "stream/deleteolderthan"
    LOGS = "logs"
    LOG_FACETS = "logs/facets"
    PROVIDER_REFRESH = "securitycache/refresh"
    ENTITY_REFRESH = "securitycache/refresh/entity"
    ENTITIES = "securitycache/entities"
    ENTITY_MEMBERS = "securitycache/members"
    ENTITY_CHILDREN = "securitycache/children"
    ENTITY_PARENTS = "securitycache/parents"
    SOURCE = "sources"
    LIMITS = "limits"
    PROVIDERS = "securityproviders"
    FIELDS = "fields"
    FIELDS_CREATE = "fields/create"
    PRIVILEGE = "privilege"


class Host(StrEnum):
    """Who answers a call."""

    PUSH = "push"
    PLATFORM = "platform"
    STORAGE = "storage"
    """The host of an upload URI; it never gets the API key."""


@dataclass(frozen=True, slots=True)
class Route:
    """How an endpoint is called, and what its success looks like."""

    method: str
    host: Host
    template: str
    """Path with `{names}`; that of an upload comes with its container."""
    successes: frozenset[int]
    privilege: str
    """What the API key needs, as the console calls it."""
    changes: bool = True
    """Whether a call may have changed something although its answer was lost."""
    max_response_bytes: int = MAX_RESPONSE_BYTES


_PUSH: Final = "/push/v1/organizations/{organization}"
_SOURCE: Final = f"{_PUSH}/sources/{{source}}"
_PROVIDER: Final = f"{_PUSH}/providers/{{provider}}"
_STREAM: Final = f"{_PUSH}/{{collection}}/{{source}}/stream"
_LOGS: Final = "/logs/v1/organizations/{organization}"
_REST: Final = "/rest/organizations/{organization}"
_CACHE: Final = f"{_REST}/securitycache"

_EDIT_SOURCE: Final = "Sources - Edit on this source"
_EDIT_IDENTITIES: Final = "Security identities - Edit and Organization - View"
_SEE_IDENTITIES: Final = "Security identities - View"
_SEE_LOGS: Final = "Organization - View and Sources - View all"
_SEE_ORGANIZATION: Final = "Organization - View"


def _push(method: str, path: str, *successes: int, changes: bool = True) -> Route:
    return Route(method, Host.PUSH, path, frozenset(successes), _EDIT_SOURCE, changes)


def _identities(method: str, path: str) -> Route:
    template = f"{_PROVIDER}/{path}"
    return Route(method, Host.PUSH, template, frozenset({202}), _EDIT_IDENTITIES)


def _reading(method: str, host: Host, path: str, privilege: str) -> Route:
    return Route(method, host, path, frozenset({200}), privilege, False, MAX_PAGE_BYTES)  # noqa: FBT003


_OK: Final = frozenset({200, 201, 202, 204})
"""For calls of the platform that start something; its documents name no other success."""

ROUTES: Final[Mapping[Endpoint, Route]] = {
    # 200 by an older page (docs/43).
    Endpoint.FILES: _push("POST", f"{_PUSH}/files", 200, 201, changes=False),
    Endpoint.UPLOAD: Route("PUT", Host.STORAGE, "", frozenset({200}), "none", changes=False),
    Endpoint.ITEM: _push("PUT", f"{_SOURCE}/documents", 202),
    Endpoint.ITEM_DELETE: _push("DELETE", f"{_SOURCE}/documents", 202),
    Endpoint.BATCH: _push("PUT", f"{_SOURCE}/documents/batch", 202),
    Endpoint.ITEMS_OLDER: _push("DELETE", f"{_SOURCE}/documents/olderthan", 202),
    Endpoint.STATUS: _push("POST", f"{_SOURCE}/status", 201),
    Endpoint.IDENTITY: _identities("PUT", "permissions"),
    Endpoint.IDENTITY_DELETE: _identities("DELETE", "permissions"),
    Endpoint.IDENTITY_MAPPING: _identities("PUT", "mappings"),
    Endpoint.IDENTITY_BATCH: _identities("PUT", "permissions/batch"),
    Endpoint.IDENTITIES_OLDER: _identities("DELETE", "permissions/olderthan"),
    Endpoint.STREAM_OPEN: _push("POST", f"{_STREAM}/open", 201, changes=False),
    Endpoint.STREAM_CHUNK: _push("POST", f"{_STREAM}/{{stream}}/chunk", 200, 201, changes=False),
    Endpoint.STREAM_CLOSE: _push("POST", f"{_STREAM}/{{stream}}/close", 200, 201),
    Endpoint.STREAM_UPDATE: _push("PUT", f"{_STREAM}/update", 202),
    Endpoint.STREAM_MERGE: _push("PUT", f"{_STREAM}/merge", 202),
    Endpoint.STREAM_OLDER: _push("POST", f"{_STREAM}/deleteolderthan/{{boundary}}", 200, 201, 202),
    Endpoint.LOGS: _reading("POST", Host.PUSH, _LOGS, _SEE_LOGS),
    Endpoint.LOG_FACETS: _reading("POST", Host.PUSH, f"{_LOGS}/facetsStats", _SEE_LOGS),
    Endpoint.PROVIDER_REFRESH: Route(
        "POST", Host.PLATFORM, f"{_CACHE}/{{provider}}/refresh", _OK, _EDIT_IDENTITIES
    ),
    Endpoint.ENTITY_REFRESH: Route(
        "POST", Host.PLATFORM, f"{_CACHE}/refresh/entity", _OK, _EDIT_IDENTITIES
    ),
    Endpoint.ENTITIES: _reading(
        "GET", Host.PLATFORM, f"{_CACHE}/entities/{{provider}}", _SEE_IDENTITIES
    ),
    Endpoint.ENTITY_MEMBERS: _reading(
        "GET", Host.PLATFORM, f"{_CACHE}/entities/{{provider}}/members", _SEE_IDENTITIES
    ),
    Endpoint.ENTITY_CHILDREN: _reading(
        "POST", Host.PLATFORM, f"{_CACHE}/entities/{{provider}}/members/children", _SEE_IDENTITIES
    ),
    Endpoint.ENTITY_PARENTS: _reading(
        "POST", Host.PLATFORM, f"{_CACHE}/entities/{{provider}}/members/parents", _SEE_IDENTITIES
    ),
    Endpoint.SOURCE: _reading(
        "GET", Host.PLATFORM, f"{_REST}/sources/{{source}}", "Sources - View on this source"
    ),
    Endpoint.LIMITS: _reading("GET", Host.PLATFORM, f"{_REST}/limits", _SEE_ORGANIZATION),
    Endpoint.PROVIDERS: _reading(
        "GET", Host.PLATFORM, f"{_REST}/securityproviders", "Security identity providers - View"
    ),
    Endpoint.FIELDS: _reading(
        "GET", Host.PLATFORM, f"{_REST}/indexes/page/fields", "Fields - View"
    ),
    Endpoint.FIELDS_CREATE: Route(
        "POST", Host.PLATFORM, f"{_REST}/indexes/fields/batch/create", _OK, "Fields - Create"
    ),
    Endpoint.PRIVILEGE: _reading("POST", Host.PLATFORM, "/rest/privilege/evaluate", "none"),
}


def path_of(endpoint: Endpoint, names: Mapping[str, str]) -> str | None:
    """Return an endpoint's path, its names escaped so that none can lead elsewhere.

    `None` for a name that no escaping saves: an empty one, or one that stands for a folder.
    """
    if any(not name.strip(".") for name in names.values()):
        return None
    escaped = {key: quote(name, safe="") for key, name in names.items()}
    return ROUTES[endpoint].template.format_map(escaped)
