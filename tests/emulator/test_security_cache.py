"""The security cache: what a refresh takes over, and who belongs to what."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.identities import IdentityKey
from emulator.memberships import memberships_of
from emulator.settings import EMAIL_PROVIDER, Cascade, ProviderSpec
from emulator.switches import IdentityChanges, Switches
from tests.emulator.directory import Identities, group, user
from tests.emulator.driver import CRM, Driver

MAIL = user("dora@example.com")


@pytest.fixture
def crm(driver: Driver) -> Identities:
    """The identities of the provider CRM."""
    return Identities(driver)


def belongs(identities: Identities, key: IdentityKey) -> list[str]:
    """Return the names of all that somebody belongs to, in order."""
    return sorted(
        one.name for one in memberships_of(identities.driver.world.cache, [key]).came_from
    )


def test_a_pushed_identity_waits_for_a_refresh(crm: Identities) -> None:
    """Until then it changes nothing."""
    crm.put(group("sales"), [user("dora")])
    assert (crm.state("sales", "GROUP"), belongs(crm, crm.key("dora"))) == ("NOT_UPDATED", ["dora"])
    crm.refresh()
    assert crm.state("sales", "GROUP") == "UP_TO_DATE"
    assert belongs(crm, crm.key("dora")) == ["dora", "sales"]


def test_the_cache_is_refreshed_every_day(crm: Identities) -> None:
    """At midnight of the emulator's clock, which is 6,400 seconds away at its start."""
    crm.put(group("sales"), [user("dora")])
    crm.driver.world.advance(6_399)
    assert crm.state("sales", "GROUP") == "NOT_UPDATED"
    crm.driver.world.advance(1)
    assert crm.state("sales", "GROUP") == "UP_TO_DATE"
    crm.put(group("later"))
    crm.driver.world.advance(86_400)
    assert crm.state("later", "GROUP") == "UP_TO_DATE"


def test_identities_change_what_people_see_at_once_if_so_switched() -> None:
    """For whoever does not want to wait."""
    crm = Identities(Driver.of(switches=Switches(identity_changes=IdentityChanges.AT_ONCE)))
    crm.put(group("sales"), [user("dora")])
    assert crm.state("sales", "GROUP") == "UP_TO_DATE"
    assert belongs(crm, crm.key("dora")) == ["dora", "sales"]


def test_disabling_takes_effect_with_the_refresh(crm: Identities) -> None:
    """As every other change."""
    crm.put(group("sales"), [user("dora")])
    crm.refresh()
    crm.disable(group("sales"))
    assert crm.state("sales", "GROUP") == "UP_TO_DATE"
    crm.refresh()
    assert crm.state("sales", "GROUP") == "DISABLED"
    assert belongs(crm, crm.key("dora")) == ["dora"]


def test_groups_nest(crm: Identities) -> None:
    """Over any number of steps, in any order of pushes."""
    crm.put(group("outer"), [group("inner")])
    crm.put(group("inner"), [user("dora")])
    crm.refresh()
    assert belongs(crm, crm.key("dora")) == ["dora", "inner", "outer"]


def test_cycles_end(crm: Identities) -> None:
    """Nothing forbids them."""
    crm.put(group("a"), [group("b")])
    crm.put(group("b"), [group("a"), user("dora")])
    crm.refresh()
    assert belongs(crm, crm.key("dora")) == ["a", "b", "dora"]


def test_granted_identities_are_memberships_told_from_below(crm: Identities) -> None:
    """For groups whose members nobody can list."""
    crm.put(user("dora"), (), [group("everyone")])
    crm.refresh()
    assert belongs(crm, crm.key("dora")) == ["dora", "everyone"]


def test_an_alias_connects_two_providers(crm: Identities) -> None:
    """Whoever logs in by e-mail has what the CRM grants to their name there."""
    crm.put(group("sales"), [user("dora")])
    crm.alias(user("dora"), [user("Dora@Example.com", provider="EmailSecurityProvider")])
    crm.refresh()
    mail = crm.driver.world.directory.key(EMAIL_PROVIDER, "USER", "dora@example.com")
    assert belongs(crm, mail) == ["dora", "dora@example.com", "sales"]
    assert mail in crm.driver.world.directory.all_keys(EMAIL_PROVIDER)


def test_an_alias_is_not_a_way_back(crm: Identities) -> None:
    """What is granted to the e-mail identity is not granted to the CRM's."""
    crm.alias(user("dora"), [MAIL])
    crm.refresh()
    assert belongs(crm, crm.key("dora")) == ["dora"]


def test_an_alias_without_a_way_is_in_error(crm: Identities) -> None:
    """The provider does not cascade there."""
    crm.alias(user("dora"), [user("d", provider="HR")])
    crm.refresh()
    assert crm.state("dora") == "IN_ERROR"


def test_an_alias_into_a_provider_that_is_gone_is_in_error() -> None:
    """Even if this provider cascades to it."""
    cascades = (Cascade("HR", "HR", "EXPANDED"),)
    crm = Identities(Driver.of(providers=(ProviderSpec("CRM", cascades=cascades),)))
    crm.alias(user("dora"), [user("d")])
    crm.refresh()
    assert crm.state("dora") == "IN_ERROR"


def test_what_worked_before_is_out_of_date(crm: Identities) -> None:
    """The former relations stay until an update works again."""
    crm.alias(user("dora"), [MAIL])
    crm.refresh()
    crm.alias(user("dora"), [user("d", provider="HR")])
    crm.refresh()
    mail = crm.driver.world.directory.key(EMAIL_PROVIDER, "USER", "dora@example.com")
    assert (crm.state("dora"), belongs(crm, mail)) == ("OUT_OF_DATE", ["dora", "dora@example.com"])
    crm.driver.world.put_provider(ProviderSpec("HR"))
    crm.driver.world.put_provider(
        ProviderSpec("CRM", cascades=(*CRM.cascades, Cascade("HR", "HR", "EXPANDED")))
    )
    crm.refresh()
    assert (crm.state("dora"), belongs(crm, mail)) == ("UP_TO_DATE", ["dora@example.com"])


def test_a_relation_told_twice_is_withdrawn_twice(crm: Identities) -> None:
    """By the group and by the member."""
    crm.put(group("sales"), [user("dora")])
    crm.put(user("dora"), (), [group("sales")])
    crm.refresh()
    crm.put(group("sales"))
    crm.driver.world.turn()
    crm.driver.world.cache.refresh_one(crm.key("sales", "GROUP"), crm.driver.clock.now_ms())
    assert belongs(crm, crm.key("dora")) == ["dora", "sales"]
    crm.put(user("dora"))
    crm.refresh()
    assert belongs(crm, crm.key("dora")) == ["dora"]


NAMES = "abcdef"
GRAPH = st.lists(
    st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES)), st.booleans()), max_size=20
)


@given(GRAPH, st.integers(0, 2**32))
def test_belonging_is_reachability(pushes: list[tuple[str, list[str], bool]], seed: int) -> None:
    """Against a model: the last push of each group counts, disabled ones stop the way."""
    crm, dice = Identities(Driver.of()), random.Random(seed)
    members: dict[str, set[str]] = {}
    disabled: set[str] = set()
    for name, below, off in pushes:
        crm.put(group(name), [group(one) for one in below])
        members[name] = set(below)
        disabled.discard(name)
        if off:
            crm.disable(group(name))
            disabled.add(name)
        if dice.random() < 0.3:
            crm.refresh()
    crm.refresh()
    for start in NAMES:
        reached = set() if start in disabled else {start}
        for _ in NAMES:
            reached |= {g for g in members if g not in disabled and members[g] & reached}
        assert set(belongs(crm, crm.key(start, "GROUP"))) == reached
