"""Who may call what: keys, organizations, quota, media types. Imports: the core, no HTTP library.

The order of the checks is the emulator's own.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from emulator import errors, searchtokens

if TYPE_CHECKING:
    from emulator.calls import Call
    from emulator.viewing import User
    from emulator.world import World


class Access(Enum):
    """What a caller needs."""

    SIGNED = auto()
    """No key: the address itself is signed."""
    PUSH = auto()
    """A key that may write; counts against the request quota."""
    WRITE = auto()
    """A key that may write."""
    READ = auto()
    """Any known key."""
    SEARCH = auto()
    """Any known key, or a search token; the organization is named in the query, if at all."""
    EVALUATE = auto()
    """Any known key; the organization is named in the body."""

    @property
    def changes(self) -> bool:
        """Whether such a call may change the state."""
        return self in {Access.SIGNED, Access.PUSH, Access.WRITE}


def identify(world: World, call: Call, access: Access) -> None:
    """Raise PushApiError unless the caller may make such calls; changes nothing."""
    if access is not Access.SIGNED:
        _check_key(world, call, access)


def admit(world: World, call: Call, access: Access) -> None:
    """Count the call, and raise PushApiError if it is too many, too large or no JSON."""
    if access is Access.SIGNED:
        return
    if access is Access.PUSH:
        world.meter.take_request(world.clock.now_ms())
    if call.oversize:
        raise errors.request_too_large(world.settings.limits.max_request_bytes)
    _check_media_type(call)


def bearer_token(call: Call) -> str:
    """Return the token of the request; raises UNAUTHORIZED or INVALID_TOKEN."""
    header = call.headers.get("authorization")
    if not header:
        raise errors.unauthorized()
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise errors.invalid_token()
    return token


def is_known_key(world: World, token: str) -> bool:
    """Whether the token is an API key."""
    settings = world.settings
    return settings.api_keys is None or token in settings.api_keys | settings.read_only_keys


def _check_key(world: World, call: Call, access: Access) -> None:
    settings, token = world.settings, bearer_token(call)
    if access is Access.SEARCH and searchtokens.looks_like_one(token):
        searching_users(world, call)
    elif not is_known_key(world, token):
        raise errors.invalid_token()
    organization = _organization(world, call, access)
    if organization != settings.organization:
        raise errors.organization_not_found(organization)
    if access in {Access.PUSH, Access.WRITE} and token in settings.read_only_keys:
        raise errors.access_denied(detail="the key may not push.")


def searching_users(world: World, call: Call) -> list[User] | None:
    """Return whom a search token names, None for a key; raises INVALID_TOKEN."""
    token = bearer_token(call)
    if not searchtokens.looks_like_one(token):
        return None
    users = searchtokens.read(world.signer.secret, token, world.clock.now_ms())
    if users is None:
        raise errors.invalid_token()
    return users


def _organization(world: World, call: Call, access: Access) -> str:
    if access is Access.EVALUATE:
        return world.settings.organization
    if access is Access.SEARCH:
        return call.query.get("organizationId", world.settings.organization)
    return call.organization


def _check_media_type(call: Call) -> None:
    given = call.headers.get("content-type")
    media_type = (given or "").partition(";")[0].strip().lower()
    if call.body and media_type != "application/json":
        raise errors.unsupported_media_type(given)
