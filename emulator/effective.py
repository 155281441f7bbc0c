"""Who may see an item: permission levels and sets, evaluated step by step.

The rule is that of docs.coveo.com/en/2007, 1526 and 78. Imports: permissions, switches; nothing
here knows where the identities come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from emulator.switches import PartlyAnonymousLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulator.permissions import Identity, PermissionLevel, PermissionSet

    Holds = Callable[[Identity], bool]


class Ruling(StrEnum):
    """What a level says about a user."""

    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    UNDECIDED = "UNDECIDED"


@dataclass(frozen=True, slots=True)
class SetStep:
    """What one set says: who of the user's identities it names, and whether it lets them in."""

    allowed_by: tuple[Identity, ...]
    denied_by: tuple[Identity, ...]
    anonymous: bool

    @property
    def lets_in(self) -> bool:
        """Whether this set alone would let the user in; denial prevails."""
        return not self.denied_by and (self.anonymous or bool(self.allowed_by))


@dataclass(frozen=True, slots=True)
class LevelStep:
    """What one level says, and why."""

    name: str | None
    ruling: Ruling
    reason: str
    sets: tuple[SetStep, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a user sees an item, with the levels that were asked, the deciding one last."""

    allowed: bool
    levels: tuple[LevelStep, ...]


def explain(
    levels: Sequence[PermissionLevel],
    holds: Holds,
    switch: PartlyAnonymousLevel = PartlyAnonymousLevel.NEXT_LEVEL,
) -> Explanation:
    """Say whether somebody who holds the identities for which `holds` is true sees the item."""
    steps = []
    for level in levels:
        sets = [_step(one, holds) for one in level.sets]
        ruling, reason = _rule(sets, switch)
        steps.append(LevelStep(level.name, ruling, reason, tuple(sets)))
        if ruling is not Ruling.UNDECIDED:
            return Explanation(ruling is Ruling.ALLOWED, tuple(steps))
    return Explanation(allowed=False, levels=tuple(steps))


def _step(one: PermissionSet, holds: Holds) -> SetStep:
    return SetStep(
        tuple(who for who in one.allowed if holds(who)),
        tuple(who for who in one.denied if holds(who)),
        one.allow_anonymous,
    )


def _rule(sets: Sequence[SetStep], switch: PartlyAnonymousLevel) -> tuple[Ruling, str]:
    if any(one.denied_by for one in sets):
        return Ruling.DENIED, "a set denies one of the identities, and denial prevails"
    # A level without sets names nobody: it must not let everybody in.
    if sets and all(one.lets_in for one in sets):
        return Ruling.ALLOWED, "every set lets one of the identities in"
    if not any(one.allowed_by for one in sets):
        partly = any(one.anonymous for one in sets)
        if partly and switch is PartlyAnonymousLevel.DENY:
            return Ruling.DENIED, "some sets let anyone in, but not all"
        return Ruling.UNDECIDED, "no set names one of the identities"
    return Ruling.DENIED, "some sets let one of the identities in, but not all"
