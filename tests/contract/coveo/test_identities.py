"""Security identities: what is pushed, what it means, and when the cache learns of it."""

from __future__ import annotations

from consumer.coveo.api.entities import Entity, EntityState, EntityType
from consumer.coveo.api.security_cache import EntityQuery
from consumer.coveo.client import CoveoClient
from consumer.coveo.identities import (
    Alias,
    DisableIdentity,
    Identity,
    IdentityOperation,
    MapIdentity,
    PutIdentity,
    encode_identity,
    identity_batch,
)
from consumer.coveo.purge import purge_boundary, queue_delay
from consumer.coveo.results import Done
from consumer.domain.access import IdentityType
from tests.contract.coveo.pushing import soon
from tests.contract.coveo.services import CRM, Emulator

DORA, EMIL = (Identity(name, IdentityType.USER) for name in ("dora", "emil"))
SALES = Identity("sales team", IdentityType.GROUP)
STAFF = Identity("staff", IdentityType.VIRTUAL_GROUP)


def pushed(client: CoveoClient, *operations: IdentityOperation) -> None:
    """Push identities as one batch and have the cache take them over."""
    container = client.files.create(soon())
    assert isinstance(container, Done)
    body = identity_batch([encode_identity(each) for each in operations])
    assert isinstance(client.files.upload(container.value, body, soon()), Done)
    file_id = container.value.file_id
    assert isinstance(client.identities.push_batch(CRM, file_id, soon()), Done)
    assert isinstance(client.security_cache.refresh_provider(CRM, soon()), Done)


def members_of(client: CoveoClient, group: Identity = SALES) -> set[str]:
    """Return who is in a group by the cache."""
    kind = EntityType[group.type.name]
    page = client.security_cache.children(CRM, group.name, kind, soon())
    assert isinstance(page, Done)
    return {each.name for each in page.value.entities}


def known(client: CoveoClient, *states: EntityState) -> dict[str, Entity]:
    """Return the cache's identities in these states, by name."""
    page = client.security_cache.members(CRM, soon(), EntityQuery(states))
    assert isinstance(page, Done)
    return {each.name: each for each in page.value.entities}


def test_a_group_has_the_members_of_its_last_push(emulator: Emulator) -> None:
    """A push replaces: a row of a join table is not enough."""
    client = emulator.client()
    pushed(client, PutIdentity(SALES, (DORA, EMIL)))
    assert members_of(client) == {"dora", "emil"}
    pushed(client, PutIdentity(SALES, (EMIL,)))
    assert members_of(client) == {"emil"}


def test_a_membership_can_be_declared_by_the_member(emulator: Emulator) -> None:
    """For groups whose members cannot all be listed."""
    client = emulator.client()
    pushed(client, PutIdentity(DORA, (), (STAFF,)))
    parents = client.security_cache.parents(CRM, "dora", EntityType.USER, soon())
    assert isinstance(parents, Done)
    assert {each.name for each in parents.value.entities} == {"staff"}


def test_single_calls_do_what_a_batch_does(emulator: Emulator) -> None:
    """A DELETE has a body, and the provider's name has a space."""
    client = emulator.client()
    put = encode_identity(PutIdentity(SALES, (DORA,))).payload
    assert isinstance(client.identities.put(CRM, put, soon()), Done)
    aliases = (Alias(Identity("dora@example.com", IdentityType.USER), "Email Security Provider"),)
    mapping = encode_identity(MapIdentity(DORA, aliases)).payload
    assert isinstance(client.identities.put_mapping(CRM, mapping, soon()), Done)
    assert isinstance(client.security_cache.refresh_provider(CRM, soon()), Done)
    assert members_of(client) == {"dora"}
    delete = encode_identity(DisableIdentity(SALES)).payload
    assert isinstance(client.identities.delete(CRM, delete, soon()), Done)
    assert isinstance(client.security_cache.refresh_provider(CRM, soon()), Done)
    assert known(client, EntityState.DISABLED)["sales team"].type is EntityType.GROUP


def test_the_cache_learns_by_a_refresh_only(emulator: Emulator) -> None:
    """Until then a new identity is known by name at best."""
    client = emulator.client()
    put = encode_identity(PutIdentity(SALES, (DORA,))).payload
    assert isinstance(client.identities.put(CRM, put, soon()), Done)
    assert "sales team" not in known(client, EntityState.UP_TO_DATE)
    refreshed = client.security_cache.refresh_entity(CRM, SALES.name, EntityType.GROUP, soon())
    assert isinstance(refreshed, Done)
    assert "sales team" in known(client, EntityState.UP_TO_DATE)


def test_older_identities_are_disabled_after_the_delay(emulator: Emulator) -> None:
    """By the service's own time, which came with an answer."""
    client = emulator.client()
    pushed(client, PutIdentity(SALES, (DORA,)))
    emulator.advance(60.0)
    now = client.identities.put(CRM, encode_identity(PutIdentity(STAFF)).payload, soon())
    assert isinstance(now, Done)
    assert now.value.at == emulator.now_ms()
    boundary = purge_boundary(now.value.at, 5.0)
    result = client.identities.disable_older(CRM, boundary, soon(), queue_delay(1))
    assert isinstance(result, Done)
    emulator.advance(61.0)
    assert isinstance(client.security_cache.refresh_provider(CRM, soon()), Done)
    assert set(known(client, EntityState.DISABLED)) == {"sales team"}
