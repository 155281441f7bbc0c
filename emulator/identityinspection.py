"""Providers, identities and who sees what, as JSON values for the admin calls.

Every function settles what is due before it looks. Imports: the core, insight.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from emulator.clock import iso
from emulator.insight.access import judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.identities import IdentityKey, Named, Provider
    from emulator.insight.access import LevelVerdict, Mention, SetVerdict
    from emulator.inspection import Selection
    from emulator.sources import Source
    from emulator.viewing import User
    from emulator.world import World


def list_providers(world: World) -> list[dict[str, Any]]:
    """All providers, with their identities by state and how many wait for a refresh."""
    world.turn()
    with world.lock:
        return [_provider(world, one) for one in world.directory.providers.values()]


def list_identities(world: World, provider: Provider, wanted: Selection) -> dict[str, Any]:
    """List a page of a provider's identities in order of name."""
    world.turn()
    with world.lock:
        keys = world.directory.all_keys(provider.spec.id)
        if wanted.text:
            keys = [key for key in keys if wanted.text.casefold() in key.name.casefold()]
        return wanted.part_of(keys, "identities", lambda key: _line(world, key))


def show_identity(world: World, key: IdentityKey) -> dict[str, Any] | None:
    """All that is known about an identity: what was pushed, and what the cache makes of it."""
    world.turn()
    with world.lock:
        if not world.directory.exists(key):
            return None
        pushed = world.directory.get(key)
        relations = None if pushed is None else pushed.relations
        return {
            **_line(world, key),
            "orderingId": None if pushed is None else pushed.ordering_id,
            "request": None if pushed is None else pushed.request,
            "pushed": None
            if relations is None
            else {
                "members": [_named(one) for one in relations.members],
                "mappings": [_named(one) for one in relations.mappings],
                "wellKnowns": [_named(one) for one in relations.well_knowns],
            },
            "belongsTo": [_line(world, one) for one in world.cache.parents(key)],
            "contains": [_line(world, one) for one in world.cache.children(key)],
        }


def list_identity_log(world: World, provider: str, after: int, limit: int) -> list[dict[str, Any]]:
    """List the identity log of a provider, oldest first, behind entry number `after`."""
    world.turn()
    with world.lock:
        found = (
            one
            for one in world.identity_log.entries
            if one.number > after and one.provider == provider
        )
        return [_entry(asdict(one)) for one in islice(found, limit)]


def explain_access(
    world: World, source: Source, document_id: str, users: Iterable[User]
) -> dict[str, Any] | None:
    """Say who sees an item and why, step by step; None if it is not indexed."""
    world.turn()
    with world.lock:
        item = source.items.get(document_id)
        if item is None:
            return None
        viewer = world.viewer(users)
        verdict = judge(viewer, source, item)
        return {
            "documentId": document_id,
            "visible": verdict.visible,
            "because": verdict.because,
            "visibility": source.visibility,
            "identities": [_line(world, key) for key in sorted(viewer.memberships.came_from)],
            "levels": [_level(one) for one in verdict.levels if one.ruling is not None],
        }


def _provider(world: World, provider: Provider) -> dict[str, Any]:
    spec = provider.spec
    return {
        "id": spec.id,
        "name": provider.name,
        "type": spec.type,
        "caseSensitive": spec.case_sensitive,
        "cascadesTo": [one.id for one in spec.cascades],
        "sources": [one.name for one in world.sources.values() if spec.id in one.providers],
        "states": world.cache.counts(spec.id),
        "waiting": len(world.cache.waiting.get(spec.id, ())),
        "barrier": provider.barrier,
    }


def _line(world: World, key: IdentityKey) -> dict[str, Any]:
    pushed, cached = world.directory.get(key), world.cache.get(key)
    return {
        "name": world.directory.spelt(key),
        "type": key.kind,
        "provider": key.provider,
        "state": cached.state,
        "failure": cached.failure,
        "refreshedAt": None if cached.updated_ms is None else iso(cached.updated_ms),
        "disabledInStore": pushed is not None and pushed.disabled,
        "additionalInfo": {} if pushed is None else dict(pushed.named.info),
    }


def _named(named: Named) -> dict[str, Any]:
    return {"name": named.name, "type": named.kind, "provider": named.provider}


def _entry(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": fields["number"],
        "provider": fields["provider"],
        "name": fields["name"],
        "type": fields["kind"],
        "action": fields["action"],
        "result": fields["result"],
        "reason": fields["reason"],
        "detail": fields["detail"],
        "receivedAt": iso(fields["received_ms"]),
        "processedAt": iso(fields["processed_ms"]),
        "orderingId": fields["ordering_id"],
        "request": fields["request"],
    }


def _level(level: LevelVerdict) -> dict[str, Any]:
    return {
        "name": level.name,
        "ruling": level.ruling,
        "reason": level.reason,
        "sets": [_set(one) for one in level.sets],
    }


def _set(one: SetVerdict) -> dict[str, Any]:
    return {
        "letsIn": one.lets_in,
        "allowAnonymous": one.anonymous,
        "allowedBy": _held(one.allowed),
        "deniedBy": _held(one.denied),
    }


def _held(mentions: Iterable[Mention]) -> list[dict[str, Any]]:
    """List those of the named identities that are the viewer's."""
    named = [one.who for one in mentions if one.way]
    return [{"name": one.name, "type": one.kind, "provider": one.provider} for one in named]
