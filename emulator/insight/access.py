"""Who can see an item, and why: every level and set with what it says. Imports: the core.

The ruling is `effective.explain`'s, as in search; here it gets all identities that the item names,
the ways by which the viewer has them, and one sentence. Expects the world's lock to be held.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from emulator.effective import Ruling
from emulator.memberships import Memberships
from emulator.settings import Visibility
from emulator.viewing import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.effective import LevelStep, SetStep
    from emulator.identities import Directory, IdentityKey
    from emulator.permissions import Identity, PermissionLevel, PermissionSet
    from emulator.sources import Item, Source
    from emulator.viewing import Viewer


@dataclass(frozen=True, slots=True)
class Mention:
    """An identity that a set names. `way` leads from the user to it; empty if they lack it."""

    key: IdentityKey
    who: Identity
    way: tuple[IdentityKey, ...] = ()


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """One set. `lets_in` is None where nobody asked it."""

    number: int
    anonymous: bool
    allowed: tuple[Mention, ...]
    denied: tuple[Mention, ...]
    lets_in: bool | None = None

    @property
    def denies(self) -> bool:
        """Whether it names one of the user's identities as denied."""
        return any(one.way for one in self.denied)


@dataclass(frozen=True, slots=True)
class LevelVerdict:
    """One level. `ruling` is None where a level before it had already decided."""

    number: int
    name: str | None
    sets: tuple[SetVerdict, ...]
    ruling: Ruling | None = None
    reason: str = ""

    @property
    def title(self) -> str:
        """Return what people call it."""
        return f"level {self.number}" if self.name is None else f"level {self.number} ({self.name})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody sees an item, the sentence that says why, and all levels."""

    visible: bool
    because: str
    levels: tuple[LevelVerdict, ...]


def judge(viewer: Viewer, source: Source, item: Item) -> Verdict:
    """Say whether the viewer sees the item, as search decides it, and why."""
    steps: tuple[LevelStep, ...] = ()
    if source.secured:
        steps = viewer.explain(source, item).levels
    levels = _levels(_Mentions(viewer.directory, source, viewer.memberships), item, steps)
    because = _without_levels(source, item) or _because(levels)
    return Verdict(viewer.sees(source, item), because, levels)


def outline(directory: Directory, source: Source, item: Item) -> tuple[LevelVerdict, ...]:
    """Return an item's levels and sets without asking them for anybody."""
    return _levels(_Mentions(directory, source, Memberships({})), item, ())


def _without_levels(source: Source, item: Item) -> str | None:
    match source.visibility:
        case Visibility.SHARED:
            return "the source is shared: its items are open to everybody"
        case Visibility.PRIVATE:
            return "the source is private: nobody who searches as a user finds its items"
        case Visibility.SECURED:
            missing = "the item has no permissions, and a secured source lets nobody in without"
            return missing if item.permissions is None else None


def _because(levels: Sequence[LevelVerdict]) -> str:
    decided = next((one for one in levels if one.ruling in _FINAL), None)
    if decided is None:
        asked = "no level names" if len(levels) != 1 else "the only level does not name"
        return f"{asked} any of the identities, and behind the last level nobody is let in"
    if decided.ruling is Ruling.ALLOWED:
        return f"{decided.title} allows: {_sets(decided)}"
    denying = next((one for one in decided.sets if one.denies), None)
    if denying is not None:
        named = next(one for one in denying.denied if one.way)
        return f"{decided.title}, set {denying.number} denies {named.who.name}, and denial prevails"
    closed = [str(one.number) for one in decided.sets if one.lets_in is False]
    return f"{decided.title} needs every set, and set {', '.join(closed)} lets nobody of them in"


_FINAL = frozenset({Ruling.ALLOWED, Ruling.DENIED})


def _sets(level: LevelVerdict) -> str:
    """Say by what each set lets in."""
    parts = []
    for one in level.sets:
        named = next((each.who.name for each in one.allowed if each.way), None)
        by = "lets everybody in" if named is None else f"allows {named}"
        parts.append(f"set {one.number} {by}")
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class _Mentions:
    """Reads what a source's items name, for somebody with these memberships."""

    directory: Directory
    source: Source
    memberships: Memberships

    def __call__(self, who: Identity) -> Mention:
        key = key_of(self.directory, self.source, who)
        return Mention(key, who, self.memberships.way(key))


def _levels(
    mentions: _Mentions, item: Item, steps: Sequence[LevelStep]
) -> tuple[LevelVerdict, ...]:
    # Levels behind the deciding one were never asked.
    asked = zip_longest(item.permissions or (), steps)
    return tuple(
        _level(number, level, step, mentions) for number, (level, step) in enumerate(asked, 1)
    )


def _level(
    number: int, level: PermissionLevel, step: LevelStep | None, mentions: _Mentions
) -> LevelVerdict:
    sets = tuple(
        _set(position, one, mentions, None if step is None else step.sets[position - 1])
        for position, one in enumerate(level.sets, 1)
    )
    if step is None:
        return LevelVerdict(number, level.name, sets)
    return LevelVerdict(number, level.name, sets, step.ruling, step.reason)


def _set(number: int, one: PermissionSet, mentions: _Mentions, step: SetStep | None) -> SetVerdict:
    return SetVerdict(
        number,
        one.allow_anonymous,
        tuple(map(mentions, one.allowed)),
        tuple(map(mentions, one.denied)),
        None if step is None else step.lets_in,
    )
