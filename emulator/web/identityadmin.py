"""Looking at identities and at who sees what, under `/__admin`. Imports: starlette, the core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from emulator import identityinspection
from emulator.kinds import kind_named
from emulator.settings import EMAIL_PROVIDER
from emulator.viewing import User
from emulator.web.asking import after_and_limit, bad, json_response, nothing_known, selection

if TYPE_CHECKING:
    from starlette.requests import Request

    from emulator.identities import Provider
    from emulator.world import World


class IdentityAdmin:
    """The admin calls about identities. Plain functions run in threads."""

    def __init__(self, world: World) -> None:
        """Look at this world."""
        self._world = world

    def routes(self) -> list[Route]:
        """All routes, with their full paths."""
        provider = "/__admin/providers/{provider}"
        access = "/__admin/sources/{source}/items/access"
        return [
            Route("/__admin/providers", self._providers, methods=["GET"]),
            Route(f"{provider}/identities", self._identities, methods=["GET"]),
            Route(f"{provider}/identities/one", self._one, methods=["GET"]),
            Route(f"{provider}/log", self._log, methods=["GET"]),
            Route(access, self._access, methods=["GET"]),
        ]

    def _providers(self, _: Request) -> Response:
        return json_response({"providers": identityinspection.list_providers(self._world)})

    def _identities(self, request: Request) -> Response:
        provider, wanted = self._provider(request), selection(request)
        return json_response(identityinspection.list_identities(self._world, provider, wanted))

    def _one(self, request: Request) -> Response:
        name, kind = request.query_params.get("name", ""), _kind(request)
        key = self._world.directory.key(self._provider(request).spec.id, kind, name)
        found = identityinspection.show_identity(self._world, key)
        if found is None:
            raise nothing_known(what=f"Nothing is known about '{name}'.")
        return json_response(found)

    def _log(self, request: Request) -> Response:
        provider, (after, limit) = self._provider(request).spec.id, after_and_limit(request)
        entries = identityinspection.list_identity_log(self._world, provider, after, limit)
        return json_response({"entries": entries})

    def _access(self, request: Request) -> Response:
        source = self._world.sources.get(request.path_params["source"])
        name, query = request.query_params.get("user", ""), request.query_params
        users = [User(name, query.get("provider", EMAIL_PROVIDER), _kind(request))] if name else []
        document_id = query.get("id", "")
        found = None
        if source is not None:
            found = identityinspection.explain_access(self._world, source, document_id, users)
        if found is None:
            raise nothing_known(what=f"'{document_id}' is not indexed.")
        return json_response(found)

    def _provider(self, request: Request) -> Provider:
        name = request.path_params["provider"]
        with self._world.lock:
            found = self._world.directory.find(name)
        if found is None:
            raise nothing_known(what=f"There is no security provider '{name}'.")
        return found


def _kind(request: Request) -> str:
    text = request.query_params.get("type", "USER")
    known = kind_named(text)
    if known is None:
        raise bad(detail=f"'{text}' is no type of identity")
    return known
