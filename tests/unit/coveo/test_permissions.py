"""Permissions are sent so that they hold, or the item is not sent."""

from __future__ import annotations

import orjson
import pytest

from consumer.coveo import payload
from consumer.coveo.permissions import permissions_of
from consumer.coveo.targets import TargetTraits
from consumer.domain.access import (
    DENIED_TO_ALL,
    IdentityType,
    PermissionLevel,
    Permissions,
    PermissionSet,
    SecurityIdentity,
)
from consumer.domain.errors import PoisonError
from consumer.domain.operations import DocumentId, UpsertItem
from tests.unit.coveo.builders import KB, OPEN, SECURED

ANN = SecurityIdentity("ann@example.com", IdentityType.USER)
STAFF = SecurityIdentity("staff", IdentityType.VIRTUAL_GROUP, "CRM")


def sent(permissions: Permissions) -> bytes:
    """Return what is sent for a secured source."""
    return orjson.dumps(permissions_of(permissions, SECURED))


def reason(permissions: Permissions | None, traits: TargetTraits = SECURED) -> str:
    """Return why the item cannot be sent."""
    with pytest.raises(PoisonError) as caught:
        permissions_of(permissions, traits)
    return caught.value.reason


def test_one_level_takes_the_simplified_form() -> None:
    """An array of sets, anonymous access always said: the default must not decide."""
    level = PermissionLevel((PermissionSet((ANN,), (STAFF,)), PermissionSet(allow_anonymous=True)))
    assert sent(Permissions((level,))) == (
        b'[{"allowAnonymous":false,'
        b'"allowedPermissions":[{"identity":"ann@example.com","identityType":"User"}],'
        b'"deniedPermissions":[{"identity":"staff","identityType":"VirtualGroup",'
        b'"securityProvider":"CRM"}]},'
        b'{"allowAnonymous":true,"allowedPermissions":[],"deniedPermissions":[]}]'
    )


def test_several_levels_or_a_name_take_the_complete_form() -> None:
    """Only levels can say that earlier ones are asked first."""
    closed = b'{"allowAnonymous":false,"allowedPermissions":[],"deniedPermissions":[]}'
    named = PermissionLevel((PermissionSet(),), "Owner")
    plain = PermissionLevel((PermissionSet(),))
    assert sent(Permissions((named, plain))) == (
        b'[{"name":"Owner","permissionSets":[%b]},{"permissionSets":[%b]}]' % (closed, closed)
    )
    assert sent(Permissions((named,))) == b'[{"name":"Owner","permissionSets":[%b]}]' % closed


def test_denied_to_all_is_one_closed_set() -> None:
    """What an item gets when nothing says who may see it."""
    assert sent(DENIED_TO_ALL) == (
        b'[{"allowAnonymous":false,"allowedPermissions":[],"deniedPermissions":[]}]'
    )


def test_a_secured_target_needs_permissions() -> None:
    """The service would take the item and lose it, or a later default would show it."""
    assert reason(None) == "permissions_missing"
    item = UpsertItem(KB, DocumentId("kb://1"))
    with pytest.raises(PoisonError, match="secured target needs permissions"):
        payload.encode(item, SECURED)


def test_another_target_must_not_have_them() -> None:
    """It would show to everybody what the mapping withholds."""
    assert permissions_of(None, OPEN) is None
    assert reason(DENIED_TO_ALL, OPEN) == "permissions_not_enforced"


@pytest.mark.parametrize(
    "empty",
    [
        Permissions(()),
        Permissions((PermissionLevel(()),)),
        Permissions((PermissionLevel((PermissionSet(),)), PermissionLevel(()))),
    ],
)
def test_a_level_without_a_set_is_refused(empty: Permissions) -> None:
    """Every set of it would let everyone in, there being none."""
    assert reason(empty) == "permissions_empty"


def test_permissions_are_counted_over_all_levels() -> None:
    """Above 5,000 the service accepts now and rejects later."""
    half = PermissionLevel((PermissionSet((ANN,) * 2_000, (STAFF,) * 500),))
    sent(Permissions((half, half)))
    more = PermissionLevel((PermissionSet((ANN,)),))
    assert reason(Permissions((half, half, more))) == "permissions_too_many"


@pytest.mark.parametrize(
    "bad", [SecurityIdentity(" ", IdentityType.USER), SecurityIdentity("a", IdentityType.USER, "")]
)
def test_an_identity_has_a_name(bad: SecurityIdentity) -> None:
    """A nameless one makes the service reject the item later."""
    level = PermissionLevel((PermissionSet((bad,)),))
    assert reason(Permissions((level,))) == "identity_invalid"
