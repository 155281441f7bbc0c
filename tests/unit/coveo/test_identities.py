"""Identities become exactly these bytes, or a reason why not."""

from __future__ import annotations

import pytest

from consumer.coveo.identities import (
    Alias,
    DisableIdentity,
    Identity,
    IdentityList,
    IdentityOperation,
    MapIdentity,
    PutIdentity,
    encode_identity,
    identity_batch,
    identity_batch_bytes,
)
from consumer.domain.access import IdentityType
from consumer.domain.errors import PoisonError

DORA = Identity("dora@example.com", IdentityType.USER)
SALES = Identity("sales-team", IdentityType.GROUP)
STAFF = Identity("all staff", IdentityType.VIRTUAL_GROUP, {"server": "one"})
MANY = tuple(Identity("x" * 1_000, IdentityType.USER) for _ in range(6_000))


def reason(operation: IdentityOperation) -> str:
    """Return why it cannot be sent."""
    with pytest.raises(PoisonError) as caught:
        encode_identity(operation)
    return caught.value.reason


def test_a_group_is_written_with_all_its_members() -> None:
    """A push replaces: whoever is not in it is not in the group any more."""
    made = encode_identity(PutIdentity(SALES, (DORA,), (STAFF,)))
    assert made.list is IdentityList.MEMBERS
    assert made.payload.decode() == (
        '{"identity":{"name":"sales-team","type":"GROUP"},'
        '"members":[{"name":"dora@example.com","type":"USER"}],'
        '"wellKnowns":[{"name":"all staff","type":"VIRTUAL_GROUP",'
        '"additionalInfo":{"server":"one"}}]}'
    )


def test_an_alias_names_its_provider_unless_there_is_only_one() -> None:
    """Names of providers have spaces."""
    aliases = (Alias(DORA, "Email Security Provider"), Alias(DORA))
    made = encode_identity(MapIdentity(Identity("dora", IdentityType.USER), aliases))
    assert made.list is IdentityList.MAPPINGS
    assert made.payload.decode() == (
        '{"identity":{"name":"dora","type":"USER"},'
        '"mappings":[{"name":"dora@example.com","type":"USER",'
        '"provider":"Email Security Provider"},{"name":"dora@example.com","type":"USER"}],'
        '"wellKnowns":[]}'
    )


def test_a_disabled_identity_is_wrapped() -> None:
    """One official client sends it bare, which contradicts the documentation."""
    made = encode_identity(DisableIdentity(SALES))
    assert made.payload == b'{"identity":{"name":"sales-team","type":"GROUP"}}'


def test_a_batch_has_three_lists_and_its_size_is_known_before() -> None:
    """Literal, because every batch is one of these."""
    operations = [encode_identity(DisableIdentity(each)) for each in (DORA, SALES)]
    body = identity_batch(operations)
    assert body == (
        b'{"members":[],"mappings":[],"deleted":['
        b'{"identity":{"name":"dora@example.com","type":"USER"}},'
        b'{"identity":{"name":"sales-team","type":"GROUP"}}]}'
    )
    assert identity_batch_bytes(operations) == len(body)
    assert identity_batch_bytes([]) == len(identity_batch([]))


@pytest.mark.parametrize(
    "operation",
    [
        DisableIdentity(Identity(" ", IdentityType.USER)),
        PutIdentity(SALES, (Identity("", IdentityType.USER),)),
        PutIdentity(SALES, (), (DORA,)),
        MapIdentity(SALES, (Alias(DORA, " "),)),
        DisableIdentity(Identity("a", IdentityType.USER, {"": "x"})),
    ],
)
def test_what_names_nobody_is_refused(operation: IdentityOperation) -> None:
    """It would be accepted, and be in error later."""
    assert reason(operation) == "identity_invalid"


def test_sizes_and_texts_are_checked_without_quoting_anything() -> None:
    """Names are data."""
    assert reason(PutIdentity(SALES, MANY)) == "identity_too_large"
    assert reason(DisableIdentity(Identity("secret\ud800", IdentityType.USER))) == "text_invalid"
    assert "dora" not in repr(PutIdentity(SALES, (DORA,)))


def test_a_batch_beyond_a_container_is_a_bug() -> None:
    """Whoever makes batches asks for their size first."""
    made = encode_identity(PutIdentity(SALES, MANY[:5_000]))
    with pytest.raises(ValueError, match="240000000"):
        identity_batch([made] * 50)
