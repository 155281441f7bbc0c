"""Whoever looks at the index, and what they may see. Imports: effective, memberships."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator import effective
from emulator.memberships import Memberships, memberships_of
from emulator.settings import EMAIL_PROVIDER, Visibility

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.identities import Directory, IdentityKey
    from emulator.permissions import Identity
    from emulator.securitycache import SecurityCache
    from emulator.sources import Item, Source
    from emulator.switches import PartlyAnonymousLevel


@dataclass(frozen=True, slots=True)
class User:
    """One identity of whoever searches, as a search token names it."""

    name: str
    provider: str = EMAIL_PROVIDER
    kind: str = "USER"


def default_provider(source: Source) -> str:
    """Return the provider of identities that name none: the source's first (docs/78).

    A source without any is taken to mean the e-mail provider, as official clients do.
    """
    return source.providers[0] if source.providers else EMAIL_PROVIDER


def key_of(directory: Directory, source: Source, who: Identity) -> IdentityKey:
    """Return the key of an identity that an item's permissions name."""
    return directory.key(who.provider or default_provider(source), who.kind, who.name)


@dataclass(slots=True)
class Viewer:
    """Somebody with all identities they have, good for as long as the cache does not change.

    `everything` looks past all permissions, as `viewAllContent` does.
    """

    directory: Directory
    switch: PartlyAnonymousLevel
    memberships: Memberships
    everything: bool = False
    # The same few access lists come with thousands of items.
    _answers: dict[tuple[str, int], tuple[object, bool]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, cache: SecurityCache, switch: PartlyAnonymousLevel, users: Iterable[User]
    ) -> Viewer:
        """Expand what a user is to all they belong to; no user at all is an anonymous visitor."""
        directory = cache.directory
        keys = [directory.key(one.provider, one.kind, one.name) for one in users]
        return cls(directory, switch, memberships_of(cache, keys))

    def holds(self, source: Source, who: Identity) -> bool:
        """Whether an identity that an item names is one of the viewer's."""
        return self.memberships.holds(key_of(self.directory, source, who))

    def sees(self, source: Source, item: Item) -> bool:
        """Whether the viewer finds this item."""
        if self.everything or source.visibility is Visibility.SHARED:
            return True
        if source.visibility is Visibility.PRIVATE or item.permissions is None:
            return False
        # The object is kept beside the answer, so that its id cannot be given to another.
        known = self._answers.get((source.name, id(item.permissions)))
        if known is None:
            known = (item.permissions, self.explain(source, item).allowed)
            self._answers[source.name, id(item.permissions)] = known
        return known[1]

    def explain(self, source: Source, item: Item) -> effective.Explanation:
        """Say step by step what the item's permissions mean for the viewer."""
        levels = item.permissions or ()
        return effective.explain(levels, lambda who: self.holds(source, who), self.switch)
