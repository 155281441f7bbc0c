"""An item's permissions as JSON, refused whenever they would let in the wrong ones (INV-6).

Forms and rule of evaluation: docs/78, docs/2007. Pure. Imports the domain only.
"""

from __future__ import annotations

from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.limits import MAX_PERMISSIONS
from consumer.coveo.targets import TargetTraits
from consumer.domain.access import PermissionLevel, Permissions, PermissionSet, SecurityIdentity
from consumer.domain.errors import PoisonError
from consumer.domain.operations import JsonValue


def permissions_of(permissions: Permissions | None, traits: TargetTraits) -> JsonValue:
    """Return `permissions` in the simplified form if one level says it all, else the complete one.

    `None` where the target looks at no permissions. Raises PoisonError for permissions that are
    missing where they are needed, would not be enforced, or cannot be relied upon.
    """
    if permissions is None:
        if traits.secured:
            msg = "an item of a secured target needs permissions: it would be rejected later"
            raise PoisonError(ItemFlaw.PERMISSIONS_MISSING, msg)
        return None
    if not traits.secured:
        # Such a source shows its items regardless: what the mapping withholds, everyone would see.
        msg = "the target is not secured, so the item's permissions would not be enforced"
        raise PoisonError(ItemFlaw.PERMISSIONS_NOT_ENFORCED, msg)
    _check(permissions)
    match permissions.levels:
        case (PermissionLevel(sets=sets, name=None),):
            return [_set(each) for each in sets]
        case levels:
            return [_level(each) for each in levels]


def _check(permissions: Permissions) -> None:
    # A level lets in whoever every one of its sets lets in: without a set, that would be anyone.
    if not permissions.levels or not all(level.sets for level in permissions.levels):
        msg = "permissions without a level, or a level without a set, restrict nobody"
        raise PoisonError(ItemFlaw.PERMISSIONS_EMPTY, msg)
    count = sum(
        len(each.allowed) + len(each.denied) for level in permissions.levels for each in level.sets
    )
    if count > MAX_PERMISSIONS:
        msg = f"the item has {count} permissions, at most {MAX_PERMISSIONS} are taken"
        raise PoisonError(ItemFlaw.PERMISSIONS_TOO_MANY, msg)


def _level(level: PermissionLevel) -> dict[str, JsonValue]:
    encoded: dict[str, JsonValue] = {} if level.name is None else {"name": level.name}
    encoded["permissionSets"] = [_set(each) for each in level.sets]
    return encoded


def _set(permission_set: PermissionSet) -> dict[str, JsonValue]:
    return {
        "allowAnonymous": permission_set.allow_anonymous,
        "allowedPermissions": [_identity(each) for each in permission_set.allowed],
        "deniedPermissions": [_identity(each) for each in permission_set.denied],
    }


def _identity(identity: SecurityIdentity) -> dict[str, JsonValue]:
    if not identity.name.strip() or identity.provider == "":
        msg = "a permission's identity has no name, or its provider none"
        raise PoisonError(ItemFlaw.IDENTITY, msg)
    encoded: dict[str, JsonValue] = {"identity": identity.name, "identityType": identity.type}
    if identity.provider is not None:
        encoded["securityProvider"] = identity.provider
    return encoded
