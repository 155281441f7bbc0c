"""An item's permissions, as pushed and as the cache expands them. Imports: the core.

The shapes and the id that is encoded twice are those of Coveo's platform client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from emulator import errors
from emulator.calls import Reply
from emulator.clock import iso
from emulator.endpoints.common import json_reply, page_of
from emulator.kinds import platform_type
from emulator.viewing import key_of

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.identities import IdentityKey
    from emulator.permissions import Identity, PermissionLevel
    from emulator.sources import Item, Source
    from emulator.world import World

_INCLUDED = {"ALL": (True, False), "ALLOWED": (True,), "DENIED": (False,)}


def item_permissions(world: World, call: Call) -> Reply:
    """Show levels and sets, with the state of each identity."""
    source, item = _find(world, call)
    levels = [_level(world, source, one) for one in item.permissions or ()]
    return json_reply(
        {"state": "VALID", "lastUpdatedDate": item.indexed_ms, "permissionLevels": levels}
    )


def effective_permissions(world: World, call: Call) -> Reply:
    """List who is allowed or denied once groups and aliases are expanded."""
    source, item = _find(world, call)
    included = _INCLUDED.get(call.query.get("includedEntities", "ALL").upper())
    if included is None:
        raise errors.invalid_request(detail="includedEntities must be ALL, ALLOWED or DENIED.")
    states = {one for one in call.query.get("states", "").upper().split(",") if one}
    entries = [
        _single(world, key, allowed=allowed)
        for key, allowed in _expanded(world, source, item)
        if allowed in included
    ]
    entries = [one for one in entries if not states or one["state"] in states]
    shown, pages = page_of(call, entries)
    return json_reply(
        {
            "items": list(shown),
            "totalEntries": len(entries),
            "totalPages": pages,
            "anonymousAllowed": world.viewer(()).sees(source, item),
        }
    )


def _find(world: World, call: Call) -> tuple[Source, Item]:
    name = call.parts.get("document", "")
    for document_id in (unquote(name), name):
        for source in world.sources.values():
            item = source.items.get(document_id)
            if item is not None:
                return source, item
    raise errors.not_found(code="DOCUMENT_NOT_FOUND", what="such document")


def _expanded(world: World, source: Source, item: Item) -> list[tuple[IdentityKey, bool]]:
    found: dict[tuple[IdentityKey, bool], None] = {}
    for level in item.permissions or ():
        for one in level.sets:
            for allowed, identities in ((True, one.allowed), (False, one.denied)):
                for who in identities:
                    within = world.cache.within(key_of(world.directory, source, who))
                    found.update(dict.fromkeys((key, allowed) for key in sorted(within)))
    return list(found)


def _level(world: World, source: Source, level: PermissionLevel) -> dict[str, Any]:
    def entries(identities: tuple[Identity, ...], *, allowed: bool) -> list[dict[str, Any]]:
        keys = [key_of(world.directory, source, who) for who in identities]
        return [_single(world, key, allowed=allowed) for key in keys]

    sets = [
        {
            "anonymousAllowed": one.allow_anonymous,
            "permissions": [
                *entries(one.allowed, allowed=True),
                *entries(one.denied, allowed=False),
            ],
        }
        for one in level.sets
    ]
    return {"name": level.name, "permissionSets": sets}


def _single(world: World, key: IdentityKey, *, allowed: bool) -> dict[str, Any]:
    cached = world.cache.get(key)
    return {
        "identity": world.directory.spelt(key),
        "identityType": platform_type(key.kind),
        "securityProvider": key.provider,
        "allowed": allowed,
        "state": cached.state,
        "lastUpdateDate": None if cached.updated_ms is None else iso(cached.updated_ms),
        "lastUpdateErrorDetail": cached.failure,
    }
