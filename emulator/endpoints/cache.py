"""The security cache's own calls: refresh, states, relations. Imports: the core, no HTTP library.

Shapes are those of Coveo's OpenAPI document of the Security Cache API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import errors
from emulator.calls import Reply
from emulator.clock import iso
from emulator.endpoints.common import json_reply, object_body, page_reply
from emulator.endpoints.providers import found_provider
from emulator.kinds import kind_named, platform_type
from emulator.parameters import boolean
from emulator.securitycache import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.calls import Call
    from emulator.identities import IdentityKey
    from emulator.world import World


def refresh_all(world: World, _: Call) -> Reply:
    """Refresh every provider now."""
    world.cache.refresh_all(world.clock.now_ms())
    return Reply(204)


def refresh_provider(world: World, call: Call) -> Reply:
    """Refresh one provider now."""
    provider = found_provider(world, call)
    world.cache.refresh(provider.spec.id, world.clock.now_ms())
    return Reply(204)


def refresh_identity(world: World, call: Call) -> Reply:
    """Refresh one identity now."""
    body = object_body(call)
    key = _key(world, str(body.get("provider") or ""), body)
    world.cache.refresh_one(key, world.clock.now_ms())
    return Reply(204)


def enable_disabled(world: World, call: Call) -> Reply:
    """Enable all disabled identities of a provider, or of every one; a refresh shows it."""
    found = found_provider(world, call) if "provider" in call.parts else None
    for provider in world.directory.providers.values() if found is None else (found,):
        for key, pushed in list(provider.identities.items()):
            if pushed.disabled:
                world.enrolment.enable(key, world.clock.now_ms())
    return Reply(204)


def list_identities(world: World, call: Call) -> Reply:
    """List a provider's identities by name only, in pages, filtered by state."""
    keys = _keys(world, call)
    return page_reply(
        call, keys, lambda key: {"provider": key.provider, "data": world.directory.spelt(key)}
    )


def list_members(world: World, call: Call) -> Reply:
    """List a provider's identities with their states, in pages, filtered by state."""
    return page_reply(call, _keys(world, call), _shower(world))


def find_identities(world: World, call: Call) -> Reply:
    """List identities of several providers whose name contains a term."""
    body = object_body(call)
    term, prefix = (
        str(body.get("filterTerm") or "").casefold(),
        body.get("filteringMode") == "PREFIX",
    )
    kinds = {_kind(one) for one in body.get("identityTypes") or ()}
    keys = [
        key
        for provider in body.get("providerIds") or world.directory.providers
        for key in _all(world, str(provider))
        if (not kinds or key.kind in kinds)
        and _fits(world.directory.spelt(key).casefold(), term, prefix=prefix)
    ]
    return page_reply(call, keys, _shower(world))


def read_identity(world: World, call: Call) -> Reply:
    """Read one identity with its state."""
    provider = found_provider(world, call).spec.id
    key = _key(world, provider, object_body(call))
    if not world.directory.exists(key):
        raise errors.not_found(code="IDENTITY_NOT_FOUND", what=f"such identity in '{provider}'")
    return json_reply(identity_model(world, key))


def list_children(world: World, call: Call) -> Reply:
    """List what belongs to an identity."""
    return _related(world, call, world.cache.children)


def list_parents(world: World, call: Call) -> Reply:
    """List what an identity belongs to."""
    return _related(world, call, world.cache.parents)


def cache_status(world: World, _: Call) -> Reply:
    """Count the identities of all providers by state."""
    providers = world.directory.providers
    totals = world.cache.counts_of(
        key for provider in providers for key in world.directory.all_keys(provider)
    )
    statistics = {
        "numberOfProviders": len(providers),
        "numberOfEntitiesByState": totals,
        "totalNumberOfEntities": sum(totals.values()),
        "numberOfEntitiesInError": totals[State.IN_ERROR],
    }
    return json_reply({"currentStatus": {"type": "IDLE"}, "statistics": statistics})


def is_listing_supported(_world: World, _: Call) -> Reply:
    """Say that identities can be found by name."""
    return json_reply(value=True)


def identity_model(world: World, key: IdentityKey) -> dict[str, Any]:
    """Show an identity with its state in the cache."""
    cached, pushed = world.cache.get(key), world.directory.get(key)
    info = () if pushed is None else pushed.named.info
    result = "NONE" if cached.tried_ms is None else "SUCCESS"
    return {
        "name": world.directory.spelt(key),
        "type": platform_type(key.kind),
        "provider": key.provider,
        "infos": [{"key": name, "value": value} for name, value in info],
        "state": cached.state,
        "lastUpdateDate": None if cached.updated_ms is None else iso(cached.updated_ms),
        "lastUpdateResult": result if cached.failure is None else "ENTITY_IS_INVALID",
        "lastUpdateErrorDetail": cached.failure,
    }


def _related(world: World, call: Call, relation: Callable[..., list[IdentityKey]]) -> Reply:
    key = _key(world, found_provider(world, call).spec.id, object_body(call))
    keys = relation(key, recursive=boolean(call.query, "recursive"))
    return page_reply(call, keys, _shower(world))


def _shower(world: World) -> Callable[[IdentityKey], dict[str, Any]]:
    return lambda key: identity_model(world, key)


def _keys(world: World, call: Call) -> list[IdentityKey]:
    keys = world.directory.all_keys(found_provider(world, call).spec.id)
    states = {one for one in call.query.get("states", "").upper().split(",") if one}
    unknown = states - set(State)
    if unknown:
        raise errors.invalid_request(detail=f"{', '.join(sorted(unknown))}: no such state.")
    return [key for key in keys if not states or world.cache.get(key).state in states]


def _all(world: World, provider: str) -> list[IdentityKey]:
    return world.directory.all_keys(provider) if provider in world.directory.providers else []


def _key(world: World, provider: str, body: dict[str, Any]) -> IdentityKey:
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise errors.invalid_request(detail="name must be a non-empty string.")
    return world.directory.key(provider, _kind(body.get("type") or "User"), name)


def _kind(raw: Any) -> str:
    known = kind_named(str(raw))
    if known is None:
        raise errors.invalid_request(detail=f"'{raw}' is no type of identity.")
    return known


def _fits(name: str, term: str, *, prefix: bool) -> bool:
    return name.startswith(term) if prefix else term in name
