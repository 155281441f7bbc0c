"""Security providers: created, read, changed, deleted. Imports: the core, no HTTP library.

Shapes are those of Coveo's OpenAPI document of the Security Cache API and docs.coveo.com/en/85.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import errors
from emulator.calls import Reply
from emulator.clock import iso
from emulator.endpoints.common import json_reply, object_body, page_reply
from emulator.securitycache import State
from emulator.settings import EMAIL_PROVIDER, Cascade, ProviderSpec

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.identities import Provider
    from emulator.world import World


def list_providers(world: World, _: Call) -> Reply:
    """List all providers."""
    return json_reply([provider_model(world, one) for one in world.directory.providers.values()])


def page_providers(world: World, call: Call) -> Reply:
    """List providers whose name contains the filter, in pages."""
    wanted = call.query.get("filter", "").casefold()
    named = [one for one in world.directory.providers.values() if wanted in one.name.casefold()]
    return page_reply(call, named, lambda one: provider_model(world, one))


def create_provider(world: World, call: Call) -> Reply:
    """Create a provider."""
    body = object_body(call)
    spec = _spec(body, _text(body, "id"))
    if spec.id in world.directory.providers:
        code = "SECURITY_PROVIDER_ALREADY_EXISTS"
        raise errors.already_exists(code, f"a security provider '{spec.id}'")
    return _put(world, spec, body)


def update_provider(world: World, call: Call) -> Reply:
    """Change a provider, or create it, as this call formerly did."""
    body = object_body(call)
    return _put(world, _spec(body, call.parts["provider"]), body)


def read_provider(world: World, call: Call) -> Reply:
    """Read one provider with the state of its identities."""
    return json_reply(provider_model(world, found_provider(world, call)))


def delete_provider(world: World, call: Call) -> Reply:
    """Delete a provider with all its identities."""
    provider = found_provider(world, call)
    if provider.spec.id == EMAIL_PROVIDER:
        raise errors.invalid_request(detail="The e-mail provider cannot be deleted.")
    world.delete_provider(provider.spec.id)
    return Reply(204)


def list_schedules(world: World, call: Call) -> Reply:
    """List the schedule of a provider, or of all: there is one, and it cannot be changed."""
    if "provider" in call.parts:
        found_provider(world, call)
    seconds = round(world.settings.cache_refresh_seconds)
    daily = seconds % 86_400 == 0
    frequency = {
        "type": "DAILY" if daily else "MINUTELY",
        "value": max(1, seconds // (86_400 if daily else 60)),
    }
    schedule = {
        "id": "emulator",
        "refreshType": "SECURITY_CACHE_REFRESH",
        "scheduleType": "SECURITY_CACHE",
        "enabled": True,
        "frequency": frequency,
        "organizationId": call.organization,
    }
    return json_reply([schedule])


def found_provider(world: World, call: Call) -> Provider:
    """Return the provider that the path names, by id or name."""
    name = call.parts.get("provider", "")
    found = world.directory.find(name)
    if found is None:
        raise errors.not_found(
            code="SECURITY_PROVIDER_NOT_FOUND", what=f"security provider '{name}'"
        )
    return found


def provider_model(world: World, provider: Provider) -> dict[str, Any]:
    """Show a provider with the sources that refer to it and the state of its identities."""
    spec = provider.spec
    counts = world.cache.counts(spec.id)
    total = sum(counts.values())
    failed = counts[State.IN_ERROR]
    return {
        "id": spec.id,
        "name": spec.id,
        "displayName": provider.name,
        "organizationId": world.settings.organization,
        "type": spec.type,
        "nodeRequired": spec.node_required,
        "caseSensitive": spec.case_sensitive,
        "cascadingSecurityProviders": {
            one.name: {"id": one.id, "name": one.id, "type": one.type} for one in spec.cascades
        },
        "referencedBy": _references(world, spec.id),
        "currentStatus": {
            "type": "IDLE",
            "numberOfEntitiesInError": failed,
            "totalNumberOfEntities": total,
        },
        "statistics": {
            "numberOfEntitiesByState": counts,
            "totalNumberOfEntities": total,
            "numberOfEntitiesInError": failed,
        },
        "lastRefreshOperation": _last_run(world, spec.id),
    }


def _references(world: World, provider: str) -> list[dict[str, Any]]:
    return [
        {"id": one.name, "type": "SOURCE", "attributes": {"id": one.name, "name": one.title}}
        for one in world.sources.values()
        if provider in one.providers
    ]


def _last_run(world: World, provider: str) -> dict[str, Any] | None:
    runs = [one for one in world.cache.runs if one.provider == provider]
    if not runs:
        return None
    return {
        "id": f"{provider}-{runs[-1].at_ms}",
        "operationType": "SECURITY_PROVIDER_REFRESH",
        "timestamp": iso(runs[-1].at_ms),
        "result": "SUCCESS" if runs[-1].failed == 0 else "ERROR",
        "numberOfEntitiesProcessed": runs[-1].processed,
    }


def _put(world: World, spec: ProviderSpec, body: dict[str, Any]) -> Reply:
    provider = world.put_provider(spec)
    references = body.get("referencedBy")
    if references is not None:
        _refer(world, spec.id, references)
    return json_reply(provider_model(world, provider))


def _refer(world: World, provider: str, references: Any) -> None:
    if not isinstance(references, list) or not all(isinstance(one, dict) for one in references):
        raise errors.invalid_request(detail="referencedBy must be an array of objects.")
    named = {one.get("id") for one in references if one.get("type", "SOURCE") == "SOURCE"}
    for source in world.sources.values():
        if source.name in named and provider not in source.providers:
            source.providers = (*source.providers, provider)
        elif source.name not in named:
            source.providers = tuple(one for one in source.providers if one != provider)


def _spec(body: dict[str, Any], provider_id: str) -> ProviderSpec:
    sensitive = body.get("caseSensitive")
    if sensitive is not None and not isinstance(sensitive, bool):
        raise errors.invalid_request(detail="caseSensitive must be true or false.")
    name = body.get("displayName") or body.get("name") or provider_id
    cascades = body.get("cascadingSecurityProviders") or {}
    if not isinstance(cascades, dict):
        raise errors.invalid_request(detail="cascadingSecurityProviders must be an object.")
    return ProviderSpec(
        provider_id,
        str(name),
        str(body.get("type") or "EXPANDED"),
        sensitive,
        tuple(_cascade(name, one) for name, one in cascades.items()),
        body.get("nodeRequired") is True,
    )


def _cascade(name: str, raw: Any) -> Cascade:
    if not isinstance(raw, dict):
        raise errors.invalid_request(detail="cascadingSecurityProviders must hold objects.")
    return Cascade(
        str(raw.get("id") or raw.get("name") or name), name, str(raw.get("type", "EMAIL"))
    )


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise errors.invalid_request(detail=f"{name} must be a non-empty string.")
    return value
