"""Who may see an item: levels and sets, against the rule written out a second time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.effective import Ruling, explain
from emulator.permissions import Identity, PermissionLevel, PermissionSet
from emulator.switches import PartlyAnonymousLevel

IDENTITIES = [Identity(name, "USER", None) for name in "abc"]
SETS = st.builds(
    PermissionSet,
    st.booleans(),
    st.lists(st.sampled_from(IDENTITIES), max_size=2).map(tuple),
    st.lists(st.sampled_from(IDENTITIES), max_size=1).map(tuple),
)
LEVELS = st.lists(
    st.builds(PermissionLevel, st.none(), st.lists(SETS, max_size=3).map(tuple)), max_size=3
)


def model(levels: list[PermissionLevel], mine: set[str]) -> bool:
    """Apply the documented rule, sentence by sentence."""
    for level in levels:
        allowed = [{one.name for one in each.allowed} & mine for each in level.sets]
        denied = [{one.name for one in each.denied} & mine for each in level.sets]
        if any(denied):
            return False
        passed = [
            bool(a) or each.allow_anonymous for a, each in zip(allowed, level.sets, strict=True)
        ]
        if passed and all(passed):
            return True
        if any(allowed):
            return False
    return False


def may_see(levels: list[PermissionLevel], mine: set[str]) -> bool:
    """Ask whether somebody with these names sees the item."""
    return explain(levels, lambda who: who.name in mine).allowed


@given(LEVELS, st.sets(st.sampled_from("abc")))
def test_the_rule_holds_for_any_permissions(levels: list[PermissionLevel], mine: set[str]) -> None:
    """Whatever is asked, in whatever order it is written."""
    assert may_see(levels, mine) == model(levels, mine)


@given(LEVELS, st.sets(st.sampled_from("abc")))
def test_whoever_is_denied_in_the_first_level_never_sees_it(
    levels: list[PermissionLevel], mine: set[str]
) -> None:
    """Denial prevails, whatever else is said."""
    denied = PermissionLevel(
        None, (PermissionSet(allow_anonymous=True, allowed=(), denied=tuple(IDENTITIES)),)
    )
    assert not may_see([denied, *levels], mine) or not mine


def allow(*names: str, anonymous: bool = False, deny: str = "") -> PermissionSet:
    """A set that allows some and denies others."""
    allowed = tuple(Identity(name, "USER", None) for name in names)
    return PermissionSet(anonymous, allowed, tuple(Identity(n, "USER", None) for n in deny))


def rulings(*levels: tuple[PermissionSet, ...], mine: str) -> list[Ruling]:
    """Return what each level that was asked said."""
    asked = [PermissionLevel(None, sets) for sets in levels]
    return [one.ruling for one in explain(asked, lambda who: who.name in mine).levels]


def test_every_set_of_a_level_must_let_somebody_in() -> None:
    """Not necessarily by the same identity."""
    sets = (allow("a"), allow("b"))
    assert rulings(sets, mine="ab") == [Ruling.ALLOWED]
    assert rulings(sets, mine="a") == [Ruling.DENIED]


def test_a_level_that_names_nobody_leaves_it_to_the_next() -> None:
    """And the last one denies."""
    assert rulings((allow("b"),), (allow("a"),), mine="a") == [Ruling.UNDECIDED, Ruling.ALLOWED]
    assert rulings((allow("b"),), (allow("c"),), mine="a") == [Ruling.UNDECIDED] * 2


def test_a_later_level_cannot_open_what_an_earlier_one_closed() -> None:
    """The first level that decides is the one."""
    assert rulings((allow("a", deny="a"),), (allow(anonymous=True),), mine="a") == [Ruling.DENIED]


@pytest.mark.parametrize("mine", ["", "a"])
def test_a_level_without_sets_lets_nobody_in(mine: str) -> None:
    """An empty conjunction must not be a way in."""
    assert not may_see([PermissionLevel(None, ())], set(mine))


def test_a_visitor_needs_every_set_to_be_anonymous() -> None:
    """The documented example of somebody who passes one set and is refused."""
    sets = (allow(anonymous=True), allow("a"))
    assert not may_see([PermissionLevel(None, sets)], set())


def test_a_partly_anonymous_level_denies_if_so_switched() -> None:
    """The stricter of two readings."""
    levels = [
        PermissionLevel(None, (allow(anonymous=True), allow("b"))),
        PermissionLevel(None, (allow("a"),)),
    ]
    answers = [
        explain(levels, lambda who: who.name == "a", one).allowed for one in PartlyAnonymousLevel
    ]
    assert dict(zip(PartlyAnonymousLevel, answers, strict=True)) == {
        PartlyAnonymousLevel.NEXT_LEVEL: True,
        PartlyAnonymousLevel.DENY: False,
    }
