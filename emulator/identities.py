"""Security identities as pushed: providers, relations, ordering.

Imports: ordering, settings, switches. The rules are those of docs.coveo.com/en/42, 55, 78, 84
and 87. Nothing here says who may see an item: that is what the security cache makes of it, later.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from emulator.ordering import OrderingIds
from emulator.settings import EMAIL_PROVIDER, ProviderSpec
from emulator.switches import EqualOrdering

if TYPE_CHECKING:
    from collections.abc import Iterator


class IdentityKey(NamedTuple):
    """What tells identities apart; the name is folded where the provider ignores case."""

    provider: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """An identity as it is spelt in a body; provider None means the one of the request."""

    name: str
    kind: str
    info: tuple[tuple[str, str], ...] = ()
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Relations:
    """What an identity is connected with. `well_knowns` are the identities it is granted."""

    members: tuple[Named, ...] = ()
    mappings: tuple[Named, ...] = ()
    well_knowns: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Pushed:
    """The newest state of an identity in the store behind the Push API."""

    named: Named
    relations: Relations
    ordering_id: int
    received_ms: int
    processed_ms: int
    request: int
    disabled: bool = False


class Provider:
    """One security provider. All methods expect the world's lock to be held."""

    __slots__ = ("barrier", "identities", "ordering", "spec")

    def __init__(self, spec: ProviderSpec) -> None:
        """Start without identities."""
        self.spec = spec
        self.identities: dict[IdentityKey, Pushed] = {}
        self.barrier: int | None = None
        self.ordering = OrderingIds()

    @property
    def name(self) -> str:
        """What people call it."""
        return self.spec.name or self.spec.id

    def admits(self, key: IdentityKey, ordering_id: int, equal: EqualOrdering) -> bool:
        """Whether an operation is new enough; a disabled identity still has its ordering id."""
        if self.barrier is not None and ordering_id < self.barrier:
            return False
        former = self.identities.get(key)
        if former is None or ordering_id > former.ordering_id:
            return True
        return ordering_id == former.ordering_id and equal is EqualOrdering.APPLY

    def older_than(self, ordering_id: int) -> list[IdentityKey]:
        """List identities that are enabled and have a strictly lower ordering id, in order."""
        return sorted(
            key
            for key, one in self.identities.items()
            if one.ordering_id < ordering_id and not one.disabled
        )

    def raise_barrier(self, ordering_id: int) -> None:
        """Let nothing older in from now on."""
        self.barrier = ordering_id if self.barrier is None else max(self.barrier, ordering_id)


class Directory:
    """All security providers of an organization, and which identities are known in them."""

    __slots__ = ("_case_sensitive", "named_by_others", "providers")

    def __init__(self, *, case_sensitive: bool) -> None:
        """Start with the e-mail provider, which every organization has."""
        self._case_sensitive = case_sensitive
        self.providers: dict[str, Provider] = {}
        # Identities that exist because another one, or an item, names them; how often.
        self.named_by_others: Counter[IdentityKey] = Counter()
        self.put(ProviderSpec(EMAIL_PROVIDER, type="EMAIL", case_sensitive=False))

    def put(self, spec: ProviderSpec) -> Provider:
        """Create a provider, or change what it is; its identities stay."""
        if spec.case_sensitive is None:
            sensitive = self._case_sensitive and spec.type != "EMAIL"
            spec = replace(spec, case_sensitive=sensitive)
        found = self.providers.get(spec.id)
        if found is None:
            found = self.providers[spec.id] = Provider(spec)
        found.spec = spec
        return found

    def find(self, name: str) -> Provider | None:
        """Find a provider by id, else by name: items and aliases use either."""
        found = self.providers.get(name)
        if found is not None:
            return found
        return next((one for one in self.providers.values() if one.name == name), None)

    def key(self, provider: str, kind: str, name: str) -> IdentityKey:
        """Return the key of an identity of the provider with that id or name, there or not."""
        found = self.find(provider)
        if found is None:
            return IdentityKey(provider, kind, name)
        return IdentityKey(found.spec.id, kind, name if _sensitive(found) else name.casefold())

    def get(self, key: IdentityKey) -> Pushed | None:
        """Return an identity that was pushed, disabled or not."""
        provider = self.providers.get(key.provider)
        return None if provider is None else provider.identities.get(key)

    def spelt(self, key: IdentityKey) -> str:
        """Return an identity's name as it was last pushed, else as its key has it."""
        pushed = self.get(key)
        return key.name if pushed is None else pushed.named.name

    def store(self, key: IdentityKey, pushed: Pushed) -> None:
        """Keep an admitted identity in place of its former state."""
        identities = self.providers[key.provider].identities
        former = identities.get(key)
        if former is not None:
            self.named_by_others.subtract(self.related(key, former.relations))
        identities[key] = pushed
        self.named_by_others.update(self.related(key, pushed.relations))

    def related(self, key: IdentityKey, relations: Relations) -> Iterator[IdentityKey]:
        """Return the keys of everything an identity names."""
        yield from self.keys(key.provider, relations.members)
        yield from self.mapped(key, relations)
        yield from self.keys(key.provider, relations.well_knowns)

    def keys(self, provider: str, named: tuple[Named, ...]) -> Iterator[IdentityKey]:
        """Return the keys of identities of one provider."""
        return (self.key(provider, one.kind, one.name) for one in named)

    def mapped(self, key: IdentityKey, relations: Relations) -> Iterator[IdentityKey]:
        """Return the keys of an identity's aliases, whether their providers exist or not."""
        for one in relations.mappings:
            yield self.key(self.alias_provider(key.provider, one) or "", one.kind, one.name)

    def alias_provider(self, provider: str, alias: Named) -> str | None:
        """Return the id of the provider an alias leads to; None if there is no way.

        A provider must cascade to it; with one such provider it need not be named.
        """
        cascades = self.providers[provider].spec.cascades
        if alias.provider is None:
            found = cascades[0].id if len(cascades) == 1 else None
        else:
            fitting = (one.id for one in cascades if alias.provider in {one.id, one.name})
            found = next(fitting, None)
        return found if found in self.providers else None

    def exists(self, key: IdentityKey) -> bool:
        """Whether it was pushed, or another identity names it."""
        return self.get(key) is not None or self.named_by_others[key] > 0

    def all_keys(self, provider: str) -> list[IdentityKey]:
        """List the identities of a provider, pushed or named by others, in order of name."""
        keys = set(self.providers[provider].identities)
        keys.update(k for k, n in self.named_by_others.items() if n > 0 and k.provider == provider)
        return sorted(keys, key=lambda key: (key.name, key.kind))


def _sensitive(provider: Provider) -> bool:
    return provider.spec.case_sensitive is True
