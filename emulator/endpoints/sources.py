"""Sources of the platform: created, read, changed, deleted. Imports: the core, no HTTP library.

Shapes are those of Coveo's OpenAPI document of the Source API, as far as clients read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import errors
from emulator.calls import Reply
from emulator.clock import iso
from emulator.endpoints.common import json_reply, object_body, page_of
from emulator.parameters import required
from emulator.settings import SourceSpec, Visibility

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.sources import Source
    from emulator.world import World

OPERATIONS = {
    "REBUILD": "REBUILD",
    "REFRESH": "FULL_REFRESH",
    "INCREMENTAL": "INCREMENTAL_REFRESH",
}
"""The platform's word for each status of the Push API (docs.coveo.com/en/35)."""


def list_sources(world: World, _: Call) -> Reply:
    """List all sources."""
    return json_reply([source_model(world, one) for one in world.sources.values()])


def page_sources(world: World, call: Call) -> Reply:
    """List sources whose name contains the filter, in pages."""
    wanted = call.query.get("filter", "").casefold()
    named = [one for one in world.sources.values() if wanted in one.title.casefold()]
    shown, pages = page_of(call, named)
    models = [source_model(world, one) for one in shown]
    return json_reply({"sourceModels": models, "totalEntries": len(named), "totalPages": pages})


def create_source(world: World, call: Call) -> Reply:
    """Create a source and give it an id."""
    body = object_body(call)
    if not isinstance(body.get("name"), str) or not body["name"]:
        raise errors.invalid_request(detail="name must be a non-empty string.")
    if any(one.title == body["name"] for one in world.sources.values()):
        raise errors.already_exists(code="SOURCE_ALREADY_EXISTS", what=f"a source '{body['name']}'")
    kind = str(body.get("sourceType") or "PUSH").upper()
    default = SourceSpec(
        world.new_source_id(),
        push_enabled=kind == "PUSH",
        type=kind,
        stream_enabled=kind == "CATALOG",
    )
    source = world.put_source(_changed(world, default, body))
    return json_reply({"id": source.name, **source_model(world, source)}, 201)


def read_source(world: World, call: Call) -> Reply:
    """Read one source with its status and counts."""
    return json_reply(source_model(world, _found(world, call)))


def update_source(world: World, call: Call) -> Reply:
    """Change what the body names; the rest stays."""
    source = _found(world, call)
    world.put_source(_changed(world, source.spec, object_body(call)))
    return json_reply(source_model(world, source))


def delete_source(world: World, call: Call) -> Reply:
    """Delete a source with all its items."""
    world.delete_source(_found(world, call).name)
    return Reply(204)


def push_refresh(world: World, call: Call) -> Reply:
    """Say what the source is doing: the platform's twin of the Push API's status."""
    source = _found(world, call)
    operation = required(call.query, "activityOperation").upper()
    statuses = {known: status for status, known in OPERATIONS.items()} | {"IDLE": "IDLE"}
    if operation not in statuses:
        raise errors.invalid_request(detail=f"activityOperation must be one of {sorted(statuses)}.")
    source.set_status(statuses[operation], world.clock.now_ms())
    return json_reply({})


def read_mappings(world: World, call: Call) -> Reply:
    """Read the mapping rules; the emulator keeps them, but indexes what was sent."""
    return json_reply(_found(world, call).mappings)


def update_mappings(world: World, call: Call) -> Reply:
    """Replace the mapping rules."""
    source, body = _found(world, call), object_body(call)
    source.mappings = {"common": {"rules": []}, "types": [], **body}
    return json_reply(source.mappings)


def source_model(world: World, source: Source) -> dict[str, Any]:
    """Show a source as the platform does."""
    return {
        "id": source.name,
        "name": source.title,
        "sourceType": source.type,
        "sourceVisibility": source.visibility,
        "pushEnabled": source.push_enabled,
        "streamEnabled": source.stream_enabled,
        "onPremisesEnabled": False,
        "securityProviderReferences": list(source.providers),
        "createdDate": iso(source.created_ms),
        "mappings": [],
        "resourceId": source.name,
        "information": {
            "sourceStatus": _status(source),
            "numberOfDocuments": len(source.items),
            "documentsTotalSize": sum(len(one.body) for one in source.items.values()),
            "rebuildRequired": False,
        },
        "owner": world.settings.organization,
    }


def _status(source: Source) -> dict[str, Any]:
    refresh = OPERATIONS.get(source.status)
    # Without any status call a source always shows "ready to receive content".
    kind = "PUSH_READY" if not source.activities else "IDLE"
    return {"type": "REFRESHING" if refresh else kind, "refreshType": refresh}


def _found(world: World, call: Call) -> Source:
    name = call.source or ""
    found = world.sources.get(name)
    if found is None:
        raise errors.not_found(code="SOURCE_NOT_FOUND", what=f"source '{name}'")
    return found


def _changed(world: World, spec: SourceSpec, body: dict[str, Any]) -> SourceSpec:
    providers = body.get("securityProviderReferences", list(spec.providers))
    if not isinstance(providers, list):
        raise errors.invalid_request(detail="securityProviderReferences must be an array.")
    known = [world.directory.find(str(one)) for one in providers]
    if None in known:
        raise errors.invalid_request(detail="securityProviderReferences names an unknown provider.")
    return SourceSpec(
        spec.name,
        _visibility(body.get("sourceVisibility", spec.visibility)),
        _flag(body, "pushEnabled", default=spec.push_enabled),
        tuple(one.spec.id for one in known if one is not None),
        str(body.get("sourceType", spec.type)).upper(),
        _flag(body, "streamEnabled", default=spec.stream_enabled),
        str(body.get("name") or spec.title),
    )


def _visibility(name: object) -> Visibility:
    try:
        return Visibility(str(name).upper())
    except ValueError as error:
        detail = f"sourceVisibility must be one of {', '.join(Visibility)}."
        raise errors.invalid_request(detail) from error


def _flag(body: dict[str, Any], name: str, *, default: bool) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise errors.invalid_request(detail=f"{name} must be true or false.")
    return value
