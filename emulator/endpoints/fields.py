"""Fields of the index: listed, created, changed, deleted. Imports: the core, no HTTP library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import errors
from emulator.calls import Reply
from emulator.endpoints.common import json_reply, object_body, page_reply, parsed_body
from emulator.fields import NAME, TYPES

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.world import World


def list_fields(world: World, call: Call) -> Reply:
    """List fields in pages, by text in the name, type and origin."""
    wanted, kind = call.query.get("filter", "").lower(), call.query.get("type", "").upper()
    origin = call.query.get("origin", "ALL").upper()
    found = [
        one
        for one in world.fields.models()
        if wanted in one["name"]
        and kind in {"", one["type"]}
        and (origin == "ALL" or (origin == "SYSTEM") == (one.get("system") is True))
    ]
    return page_reply(call, found, lambda one: one)


def create_fields(world: World, call: Call) -> Reply:
    """Create several fields, or none if one of them cannot be."""
    raw = parsed_body(call)
    if not isinstance(raw, list):
        raise errors.invalid_request(detail="The body must be an array of fields.")
    return _create(world, [_checked(one) for one in raw])


def create_field(world: World, call: Call) -> Reply:
    """Create one field."""
    return _create(world, [_checked(object_body(call))])


def read_field(world: World, call: Call) -> Reply:
    """Read one field."""
    name = _existing(world, call)
    return json_reply(next(one for one in world.fields.models() if one["name"] == name))


def update_field(world: World, call: Call) -> Reply:
    """Replace a field's settings."""
    name = _existing(world, call)
    world.fields.put(_checked({**object_body(call), "name": name}))
    return Reply(204)


def delete_field(world: World, call: Call) -> Reply:
    """Delete a field that somebody created."""
    name = _existing(world, call)
    if name not in world.fields.created:
        raise errors.invalid_request(detail=f"'{name}' is a system field.")
    del world.fields.created[name]
    return Reply(204)


def _create(world: World, models: list[dict[str, Any]]) -> Reply:
    for name in (one["name"] for one in models):
        if world.fields.type_of(name) is not None:
            raise errors.already_exists(code="FIELD_ALREADY_EXISTS", what=f"a field '{name}'")
    for one in models:
        world.fields.put(one)
    return Reply(204)


def _existing(world: World, call: Call) -> str:
    name = call.parts["field"]
    if world.fields.type_of(name) is None:
        raise errors.not_found(code="FIELD_NOT_FOUND", what=f"field '{name}'")
    return name


def _checked(raw: Any) -> dict[str, Any]:
    name = raw.get("name") if isinstance(raw, dict) else None
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        raise errors.invalid_request(
            detail="A field's name is a lower-case letter, then letters, digits and underscores."
        )
    kind = str(raw.get("type") or "STRING").upper()
    if kind not in TYPES:
        raise errors.invalid_request(
            detail=f"The type of '{name}' must be one of {', '.join(TYPES)}."
        )
    return {**raw, "type": kind, "system": False}
