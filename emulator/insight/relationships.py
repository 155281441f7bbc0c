"""One identity with its relationships, both ways. Imports: the core.

Neighbours are those of the security cache; what the store holds and the cache does not know yet is
said beside them. Everything expects the world's lock to be held.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from emulator.identities import IdentityKey

if TYPE_CHECKING:
    from emulator.identities import Pushed
    from emulator.securitycache import Cached, SecurityCache, State
    from emulator.world import World


class Relationship(StrEnum):
    """What connects an identity with one that it belongs to."""

    MEMBER = "member"
    GRANTED = "granted"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An identity next to another one: by which relationship, and in which state."""

    key: IdentityKey
    relationship: Relationship
    state: State


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the tree above or below an identity. `again` if it is on the way to itself."""

    neighbour: Neighbour
    branches: tuple[Branch, ...] = ()
    left_out: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class IdentityDetails:
    """All about one identity. `waiting` if the store has news that no refresh took over yet."""

    key: IdentityKey
    name: str
    cached: Cached
    pushed: Pushed | None
    waiting: bool
    above: tuple[Branch, ...]
    below: tuple[Branch, ...]
    above_left_out: int
    below_left_out: int


@dataclass(frozen=True, slots=True)
class Width:
    """How much of a tree is shown: neighbours of one identity, and steps away from the first."""

    neighbours: int = 12
    steps: int = 4


def details_of(world: World, key: IdentityKey, width: Width) -> IdentityDetails | None:
    """Describe an identity; None if nobody ever named it."""
    pushed, cached = world.directory.get(key), world.cache.entities.get(key)
    if pushed is None and cached is None and not world.directory.exists(key):
        return None
    up = _Tree(world.cache, width, upwards=True)
    down = _Tree(world.cache, width, upwards=False)
    above, above_left_out = up.around(key)
    below, below_left_out = down.around(key)
    return IdentityDetails(
        key=key,
        name=world.directory.spelt(key),
        cached=world.cache.get(key),
        pushed=pushed,
        waiting=key in world.cache.waiting.get(key.provider, {}),
        above=above,
        below=below,
        above_left_out=above_left_out,
        below_left_out=below_left_out,
    )


def relationship_between(
    cache: SecurityCache, child: IdentityKey, parent: IdentityKey
) -> Relationship:
    """Say why `child` belongs to `parent`; a relation that both tell of is named once."""
    directory = cache.directory
    told = cache.get(child).relations
    if parent in set(directory.keys(child.provider, told.well_knowns)):
        return Relationship.GRANTED
    aliases = cache.get(parent).relations
    if aliases.mappings and child in set(directory.mapped(parent, aliases)):
        return Relationship.ALIAS
    return Relationship.MEMBER


@dataclass(frozen=True, slots=True)
class _Tree:
    cache: SecurityCache
    width: Width
    upwards: bool

    def around(
        self, key: IdentityKey, way: tuple[IdentityKey, ...] = ()
    ) -> tuple[tuple[Branch, ...], int]:
        """Return the branches at an identity, and how many are left out."""
        near = self.cache.parents(key) if self.upwards else self.cache.children(key)
        shown = islice(near, self.width.neighbours)
        branches = tuple(self._branch(key, one, (*way, key)) for one in shown)
        return branches, len(near) - len(branches)

    def _branch(self, key: IdentityKey, other: IdentityKey, way: tuple[IdentityKey, ...]) -> Branch:
        child, parent = (key, other) if self.upwards else (other, key)
        relationship = relationship_between(self.cache, child, parent)
        neighbour = Neighbour(other, relationship, self.cache.get(other).state)
        if other in way:
            return Branch(neighbour, again=True)
        if len(way) >= self.width.steps:
            return Branch(neighbour)
        branches, left_out = self.around(other, way)
        return Branch(neighbour, branches, left_out)
