"""Users for whom an item's permissions mean something, and which of them see it. Imports: core.

Groups are followed down to the users in them. Both the walk and the answer are bounded, since a
group may hold a whole company. Everything expects the world's lock to be held.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.insight.access import judge
from emulator.permissions import named_in
from emulator.viewing import User, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.identities import IdentityKey
    from emulator.insight.access import Verdict
    from emulator.sources import Item, Source
    from emulator.world import World

_MAX_VISITED = 2_000


@dataclass(frozen=True, slots=True)
class UserVerdict:
    """A user, and what the item's permissions mean for them alone."""

    key: IdentityKey
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Audience:
    """Some users whom an item's permissions reach; `complete` if there are no others."""

    users: tuple[UserVerdict, ...]
    complete: bool


def audience_of(world: World, source: Source, item: Item, limit: int) -> Audience:
    """Judge up to `limit` users whom the item's sets allow or deny, directly or by a group."""
    named = [key_of(world.directory, source, who) for who in named_in(item.permissions or ())]
    keys, complete = _users_within(world, named, limit)
    users = (User(key.name, key.provider, key.kind) for key in keys)
    verdicts = (judge(world.viewer([one]), source, item) for one in users)
    return Audience(tuple(map(UserVerdict, keys, verdicts)), complete)


def _users_within(
    world: World, keys: Iterable[IdentityKey], limit: int
) -> tuple[list[IdentityKey], bool]:
    seen: set[IdentityKey] = set()
    users: list[IdentityKey] = []
    ahead = deque(keys)
    while ahead:
        key = ahead.popleft()
        if key in seen:
            continue
        if len(users) == limit or len(seen) == _MAX_VISITED:
            return users, False
        seen.add(key)
        if key.kind == "USER":
            users.append(key)
        ahead.extend(world.cache.children(key))
    return users, True
