"""Who may see an item: Coveo's permission model, denied by default. Standard library only.

Levels, sets and the rule by which they are read: reference `push-api.md` §2.7.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_CONTROL: Final = "Cc"


class IdentityType(StrEnum):
    """Kinds of identity, in the spelling that the official clients send for items."""

    USER = "User"
    GROUP = "Group"
    VIRTUAL_GROUP = "VirtualGroup"


@dataclass(frozen=True, slots=True)
class SecurityIdentity:
    """A user, group or virtual group of a provider (`None` = the source's first provider)."""

    name: str
    type: IdentityType
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """One set: with neither allowed identities nor anonymous access it lets nobody in."""

    allowed: tuple[SecurityIdentity, ...] = ()
    denied: tuple[SecurityIdentity, ...] = ()
    allow_anonymous: bool = False


@dataclass(frozen=True, slots=True)
class PermissionLevel:
    """Sets of one level; earlier levels are asked first."""

    sets: tuple[PermissionSet, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Permissions:
    """All levels of an item."""

    levels: tuple[PermissionLevel, ...]


def is_name(text: str) -> bool:
    """Return whether a text can be somebody's name as it stands.

    Blank or padded, with a character that nobody sees at either end, or with a control character
    anywhere, it would match nobody: also where it is to keep somebody out.
    """
    ends = text[:1] + text[-1:]
    is_bare = bool(ends) and ends.isprintable() and not any(end.isspace() for end in ends)
    return is_bare and not any(unicodedata.category(one) == _CONTROL for one in text)


DENIED_TO_ALL = Permissions((PermissionLevel((PermissionSet(),)),))
"""What an item gets when nothing said who may see it."""
