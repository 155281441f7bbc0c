"""Whoever looks at the index: chosen in a form, kept in the address. Imports: core, forms."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING

from emulator.kinds import KINDS, kind_words
from emulator.settings import EMAIL_PROVIDER
from emulator.viewing import User
from emulator.web import forms
from emulator.web.markup import Markup, join

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.identities import IdentityKey
    from emulator.viewing import Viewer
    from emulator.web.view import Query
    from emulator.world import World

_SUGGESTIONS = 50


class As(StrEnum):
    """How somebody looks at the index."""

    EVERYTHING = "everything"
    USER = "user"
    ANONYMOUS = "anonymous"


_WORDS = {
    As.EVERYTHING: "everything, past all permissions",
    As.USER: "this identity",
    As.ANONYMOUS: "an anonymous visitor",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody chosen on a page."""

    how: As
    user: User

    @property
    def users(self) -> list[User]:
        """Return the identities they have from the start."""
        return [self.user] if self.how is As.USER else []

    @property
    def words(self) -> str:
        """Name them in a sentence."""
        match self.how:
            case As.USER:
                return self.user.name
            case As.ANONYMOUS:
                return "an anonymous visitor"
            case As.EVERYTHING:
                return "somebody whom no permission stops"

    def viewer(self, world: World) -> Viewer:
        """Return what they may see."""
        return world.viewer(self.users, everything=self.how is As.EVERYTHING)

    def parameters(self) -> dict[str, str]:
        """Return what keeps them in an address."""
        if self.how is not As.USER:
            return {"as": self.how}
        one = self.user
        return {"as": self.how, "user": one.name, "provider": one.provider, "kind": one.kind}


def chosen(query: Query, default: As) -> Person:
    """Read who was chosen; a name alone means an identity of the e-mail provider."""
    user = User(
        query.text("user"),
        query.asked("provider") or EMAIL_PROVIDER,
        query.one_of("kind", KINDS) or "USER",
    )
    asked = query.one_of("as", As)
    how = As(asked) if asked else (As.USER if user.name else default)
    # Nobody can be chosen without a name.
    return Person(default if how is As.USER and not user.name else how, user)


def fields(world: World, person: Person, ways: Iterable[As]) -> Markup:
    """Build the fields to choose somebody with."""
    with world.lock:
        providers = [(one.spec.id, one.name) for one in world.directory.providers.values()]
        names = _known_users(world)
    kinds = [(one, kind_words(one)) for one in KINDS]
    words = [(one, _WORDS[one]) for one in ways]
    return join(
        (
            forms.choice("as", "See as", words, person.how),
            forms.entry("user", "Identity", person.user.name, suggestions=names),
            forms.choice("provider", "Provider", providers, person.user.provider),
            forms.choice("kind", "Kind", kinds, person.user.kind),
        )
    )


def _known_users(world: World) -> list[str]:
    keys: Iterable[IdentityKey] = chain(world.cache.entities, world.directory.named_by_others)
    users = (world.directory.spelt(key) for key in keys if key.kind == "USER")
    return sorted(set(islice(users, _SUGGESTIONS)))
