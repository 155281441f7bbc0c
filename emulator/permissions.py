"""Item permissions: the simplified and the complete model, read into one form.

The rules are those of docs.coveo.com/en/78. Imports: kinds, rejections, jsontext, orjson.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from emulator.jsontext import lowered
from emulator.kinds import kind_named
from emulator.rejections import BadItemError, Reason

_CACHEABLE_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Identity:
    """A reference to a security identity; provider None means the source's first provider."""

    name: str
    kind: str
    provider: str | None


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """Who is allowed and who is denied; denial prevails."""

    allow_anonymous: bool
    allowed: tuple[Identity, ...]
    denied: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class PermissionLevel:
    """Sets that decide together before the next level is asked."""

    name: str | None
    sets: tuple[PermissionSet, ...]


def read_permissions(raw: list[Any]) -> tuple[PermissionLevel, ...]:
    """Read an item's `permissions`; an array of sets becomes one nameless level.

    Raises BadItemError(INVALID_PERMISSIONS). An array that mixes sets and levels is refused, since
    no page says what it would mean.
    """
    text = orjson.dumps(raw)
    # The same few access lists come with thousands of items: read each once, keep it once.
    return _read_cached(text) if len(text) <= _CACHEABLE_BYTES else _read(raw)


def named_in(levels: Iterable[PermissionLevel]) -> Iterator[Identity]:
    """Yield every identity that is allowed or denied, as often as it is named."""
    for level in levels:
        for one in level.sets:
            yield from one.allowed
            yield from one.denied


def count_permissions(levels: Iterable[PermissionLevel]) -> int:
    """How many identity references the levels hold (the limit of docs.coveo.com/en/63)."""
    return sum(1 for _ in named_in(levels))


@lru_cache(maxsize=1024)
def _read_cached(text: bytes) -> tuple[PermissionLevel, ...]:
    return _read(orjson.loads(text))


def _read(raw: list[Any]) -> tuple[PermissionLevel, ...]:
    entries = [_object(entry, "a permission set or level") for entry in raw]
    complete = ["permissionsets" in entry for entry in entries]
    if all(complete):
        return tuple(_level(entry) for entry in entries)
    if any(complete):
        raise _bad(detail="permission sets and permission levels are mixed in one array")
    return (PermissionLevel(None, tuple(_set(entry) for entry in entries)),)


def _level(raw: dict[str, Any]) -> PermissionLevel:
    name = raw.get("name")
    if name is not None and not isinstance(name, str):
        raise _bad(detail="the name of a permission level must be a string")
    sets = _array(raw["permissionsets"], "permissionSets")
    return PermissionLevel(name, tuple(_set(_object(one, "a permission set")) for one in sets))


def _set(raw: dict[str, Any]) -> PermissionSet:
    anonymous = raw.get("allowanonymous", False)
    if not isinstance(anonymous, bool):
        raise _bad(detail="allowAnonymous must be true or false")
    allowed = _identities(raw.get("allowedpermissions"), "allowedPermissions")
    denied = _identities(raw.get("deniedpermissions"), "deniedPermissions")
    return PermissionSet(anonymous, allowed, denied)


def _identities(raw: object, where: str) -> tuple[Identity, ...]:
    if raw is None:
        return ()
    return tuple(_identity(_object(one, f"an entry of {where}")) for one in _array(raw, where))


def _identity(raw: dict[str, Any]) -> Identity:
    name, kind, provider = raw.get("identity"), raw.get("identitytype"), raw.get("securityprovider")
    if not isinstance(name, str) or not name:
        raise _bad(detail="identity must be a non-empty string")
    if not isinstance(kind, str):
        raise _bad(detail=f"identityType of '{name}' must be a string")
    known = kind_named(kind)
    if known is None:
        raise _bad(detail=f"identityType '{kind}' of '{name}' is unknown")
    if provider is not None and not isinstance(provider, str):
        raise _bad(detail=f"securityProvider of '{name}' must be a string")
    return Identity(name, known, provider)


def _object(raw: object, what: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise _bad(detail=f"{what} must be an object")
    result = lowered(raw)
    if result is None:
        raise _bad(detail=f"{what} has a key twice")
    return result


def _array(raw: object, what: str) -> list[Any]:
    if not isinstance(raw, list):
        raise _bad(detail=f"{what} must be an array")
    return raw


def _bad(detail: str) -> BadItemError:
    return BadItemError(Reason.INVALID_PERMISSIONS, detail)
