"""Which method and path leads to which endpoint, and who may call it.

Paths are those of Coveo's OpenAPI documents and of the requests that its clients send. Imports:
the endpoints, no HTTP library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator import errors
from emulator.authorization import Access, authorize
from emulator.calls import Call, Endpoint, Reply, push_error_reply, storage_error_reply
from emulator.endpoints import documents, files, identities
from emulator.errors import PushApiError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.world import World

_BASE = "/push/v1/organizations/{organization}"
_SOURCE = f"{_BASE}/sources/{{source}}"
_PROVIDER = f"{_BASE}/providers/{{provider}}"


@dataclass(frozen=True, slots=True)
class Route:
    """One way to an endpoint."""

    method: str
    path: str
    endpoint: Endpoint
    handle: Callable[[World, Call], Reply]
    access: Access = Access.PUSH


ROUTES: tuple[Route, ...] = (
    Route("POST", f"{_BASE}/files", Endpoint.CREATE_FILE, files.create_file),
    Route(
        "PUT", "/_s3/{organization}/{file_id}", Endpoint.UPLOAD_FILE, files.upload, Access.SIGNED
    ),
    Route("PUT", f"{_SOURCE}/documents", Endpoint.PUSH_ITEM, documents.push_item),
    Route("DELETE", f"{_SOURCE}/documents", Endpoint.DELETE_ITEM, documents.delete_item),
    Route("PUT", f"{_SOURCE}/documents/batch", Endpoint.PUSH_BATCH, documents.push_batch),
    Route(
        "DELETE",
        f"{_SOURCE}/documents/olderthan",
        Endpoint.DELETE_OLDER_THAN,
        documents.delete_older_than,
    ),
    Route("POST", f"{_SOURCE}/status", Endpoint.SOURCE_STATUS, documents.source_status),
    Route("PUT", f"{_PROVIDER}/permissions", Endpoint.PUSH_IDENTITY, identities.push_identity),
    Route(
        "DELETE", f"{_PROVIDER}/permissions", Endpoint.DELETE_IDENTITY, identities.delete_identity
    ),
    Route("PUT", f"{_PROVIDER}/mappings", Endpoint.PUSH_ALIAS, identities.push_alias),
    Route(
        "PUT",
        f"{_PROVIDER}/permissions/batch",
        Endpoint.PUSH_IDENTITY_BATCH,
        identities.push_identity_batch,
    ),
    Route(
        "DELETE",
        f"{_PROVIDER}/permissions/olderthan",
        Endpoint.DISABLE_OLDER_THAN,
        identities.disable_older_than,
    ),
)
# Parts of the real service that are known but not served: refused by name with a 501.
UNSUPPORTED: tuple[str, ...] = (
    f"{_SOURCE}/stream/{{rest:path}}",
    f"{_BASE}/data-collections/{{rest:path}}",
    "/logs/v1/{rest:path}",
    "/rest/{rest:path}",
)
_BY_ENDPOINT = {one.endpoint: one for one in ROUTES}


def answer(world: World, call: Call) -> Reply:
    """Handle one request and say what the client gets; never raises for a bad request."""
    route = _BY_ENDPOINT.get(call.endpoint)
    with world.lock:
        try:
            if route is None:
                raise errors.not_implemented(what=f"'{call.path}'")
            authorize(world, call, route.access)
            return route.handle(world, call)
        except PushApiError as error:
            return push_error_reply(error)
        except StorageError as error:
            return storage_error_reply(error)
