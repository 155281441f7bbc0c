"""Providers, identities and the security cache, from and to records. Imports: the core."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from emulator.identities import IdentityKey, Pushed
from emulator.identitybodies import IdentityAction
from emulator.identitylog import IdentityLogEntry
from emulator.operations import Result
from emulator.securitycache import Cached, RefreshRun
from emulator.settings import Cascade, ProviderSpec
from emulator.state.values import (
    Record,
    read_named,
    read_relations,
    show_named,
    show_relations,
    without_kind,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.identities import Provider
    from emulator.world import World


def directory_records(world: World) -> Iterator[Record]:
    """Yield every provider, then all identities, then what the cache holds of them."""
    for provider in world.directory.providers.values():
        yield _provider(provider)
    for provider in world.directory.providers.values():
        for key in sorted(provider.identities):
            yield _identity(key, provider.identities[key])
    for key in sorted(world.cache.entities):
        yield _cached(key, world.cache.entities[key])
    for provider_id in sorted(world.cache.waiting):
        for key in sorted(world.cache.waiting[provider_id]):
            yield {"kind": "waiting", **_key(key)}
    for run in world.cache.runs:
        yield {"kind": "refresh", **asdict(run)}


def identity_log_records(world: World) -> Iterator[Record]:
    """Yield the identity log."""
    for entry in world.identity_log.entries:
        yield {"kind": "identityLog", "identityType": entry.kind, **without_kind(asdict(entry))}


def load_provider(world: World, record: Record) -> None:
    """Create a provider, or change the one of that id."""
    cascades = tuple(Cascade(**one) for one in record.get("cascades") or ())
    provider = world.put_provider(
        ProviderSpec(
            record["id"],
            record.get("name", ""),
            record.get("type", "EXPANDED"),
            record.get("caseSensitive"),
            cascades,
            record.get("nodeRequired", False),
        )
    )
    provider.barrier = record.get("barrier")
    provider.ordering.last = record.get("lastOrderingId")


def load_identity(world: World, record: Record) -> None:
    """Put an identity into the store; a record without details is as if it was pushed now."""
    now_ms, named = world.clock.now_ms(), read_named(record["identity"])
    key = world.directory.key(record["provider"], named.kind, named.name)
    pushed = Pushed(
        named,
        read_relations(record),
        record.get("orderingId", now_ms),
        record.get("receivedMs", now_ms),
        record.get("processedMs", now_ms),
        record.get("request", 0),
        record.get("disabled", False),
    )
    world.directory.store(key, pushed)
    if "orderingId" not in record:
        world.cache.touch(key)
        for other in world.directory.related(key, pushed.relations):
            world.cache.touch(other)


def load_cached(world: World, record: Record) -> None:
    """Put an identity into the cache."""
    cached = Cached(
        read_relations(record),
        record["disabled"],
        record["updatedMs"],
        record["triedMs"],
        record["failure"],
    )
    world.cache.put(_read_key(record), cached)


def load_waiting(world: World, record: Record) -> None:
    """Note that an identity waits for the next refresh."""
    world.cache.touch(_read_key(record))


def load_refresh(world: World, record: Record) -> None:
    """Note a refresh that is over; one without details is done now, for all providers."""
    if "provider" not in record:
        world.cache.refresh_all(world.clock.now_ms())
        return
    world.cache.runs.append(RefreshRun(**without_kind(record)))


def load_identity_log_entry(world: World, record: Record) -> None:
    """Put an entry into the identity log."""
    fields = without_kind(record)
    fields["kind"] = fields.pop("identityType")
    fields["action"] = IdentityAction(fields["action"])
    fields["result"] = Result(fields["result"])
    world.identity_log.entries.append(IdentityLogEntry(**fields))


def _provider(provider: Provider) -> Record:
    spec = provider.spec
    return {
        "kind": "provider",
        "id": spec.id,
        "name": spec.name,
        "type": spec.type,
        "caseSensitive": spec.case_sensitive,
        "cascades": [asdict(one) for one in spec.cascades],
        "nodeRequired": spec.node_required,
        "barrier": provider.barrier,
        "lastOrderingId": provider.ordering.last,
    }


def _identity(key: IdentityKey, pushed: Pushed) -> Record:
    return {
        "kind": "identity",
        "provider": key.provider,
        "identity": show_named(pushed.named),
        **show_relations(pushed.relations),
        "orderingId": pushed.ordering_id,
        "receivedMs": pushed.received_ms,
        "processedMs": pushed.processed_ms,
        "request": pushed.request,
        "disabled": pushed.disabled,
    }


def _cached(key: IdentityKey, cached: Cached) -> Record:
    return {
        "kind": "cached",
        **_key(key),
        **show_relations(cached.relations),
        "disabled": cached.disabled,
        "updatedMs": cached.updated_ms,
        "triedMs": cached.tried_ms,
        "failure": cached.failure,
    }


def _key(key: IdentityKey) -> Record:
    return {"provider": key.provider, "type": key.kind, "key": key.name}


def _read_key(record: Record) -> IdentityKey:
    return IdentityKey(record["provider"], record["type"], record["key"])
