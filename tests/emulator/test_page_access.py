"""The page's explanation of who sees an item, and search as somebody."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.insight.access import judge
from emulator.insight.audience import audience_of
from emulator.memberships import memberships_of
from emulator.settings import SourceSpec, Visibility
from emulator.viewing import User
from emulator.web.pages.item import item_page
from emulator.web.pages.search import search_page
from emulator.web.view import Query
from tests.emulator.directory import Identities, company, group, user
from tests.emulator.driver import Driver, upsert
from tests.emulator.pages import text_of

MAX = User("max", "CRM")
DORA = User("dora@example.com")


def in_crm(name: str, kind: str = "GROUP") -> dict[str, str]:
    """An identity as item permissions name it."""
    return {"identity": name, "identityType": kind, "securityProvider": "CRM"}


def allowed(*names: str, denied: tuple[str, ...] = ()) -> dict[str, Any]:
    """A set that allows and denies groups of the CRM."""
    return {
        "allowedPermissions": [in_crm(one) for one in names],
        "deniedPermissions": [in_crm(one) for one in denied],
    }


def level(name: str, *sets: dict[str, Any]) -> dict[str, Any]:
    """A level with these sets."""
    return {"name": name, "permissionSets": list(sets)}


def because(driver: Driver, one: User) -> str:
    """Say why somebody sees the item `a://1` or does not."""
    driver.world.turn()
    source = driver.world.source("secured")
    verdict = judge(driver.world.viewer([one]), source, source.items["a://1"])
    return f"{verdict.visible}: {verdict.because}"


def item_text(driver: Driver, **asked: str) -> str:
    """Return the text of the page of `a://1`, without markup, with single spaces."""
    shown = item_page(driver.world, driver.world.source("secured"), Query({"id": "a://1", **asked}))
    assert shown is not None
    return text_of(shown.main)


def search_text(driver: Driver, **asked: str) -> str:
    """Return the text of the search page."""
    return text_of(search_page(driver.world, Query(asked)).main)


@pytest.mark.parametrize(
    ("permissions", "one", "told"),
    [
        ([allowed("staff")], DORA, "True: level 1 allows: set 1 allows staff"),
        (
            [level("Exceptions", allowed(denied=("contractors",))), level("All", allowed("staff"))],
            MAX,
            "False: level 1 (Exceptions), set 1 denies contractors, and denial prevails",
        ),
        (
            [level("Exceptions", allowed(denied=("contractors",))), level("All", allowed("staff"))],
            DORA,
            "True: level 2 (All) allows: set 1 allows staff",
        ),
        (
            [level("Both", allowed("staff"), allowed("contractors"))],
            DORA,
            "False: level 1 (Both) needs every set, and set 2 lets nobody of them in",
        ),
        (
            [allowed("managers")],
            DORA,
            (
                "False: the only level does not name any of the identities, and behind the last "
                "level nobody is let in"
            ),
        ),
        ([{"allowAnonymous": True}], MAX, "True: level 1 allows: set 1 lets everybody in"),
    ],
)
def test_the_reason_is_one_sentence(permissions: list[Any], one: User, told: str) -> None:
    """Whoever asks why wants the deciding step first."""
    driver = company()
    Identities(driver).put(group("managers"), [])
    driver.batch([upsert("a://1", permissions=permissions)])
    assert because(driver, one) == told


def test_each_identity_that_counts_tells_its_way() -> None:
    """A "member of staff" is of no use to somebody who does not know through which group."""
    driver = company()
    driver.batch([upsert("a://1", permissions=[allowed("staff")])])
    shown = item_text(driver, user="dora@example.com")
    assert "dora@example.com sees this item" in shown
    assert "staff group by dora@example.com → dora → support → staff" in shown


def test_levels_behind_the_deciding_one_are_told_apart() -> None:
    """They must not look as if they had said anything."""
    driver = company()
    levels = [level("First", allowed(denied=("contractors",))), level("Second", allowed("staff"))]
    driver.batch([upsert("a://1", permissions=levels)])
    shown = item_text(driver, user="max", provider="CRM")
    assert "Level 1: First ✕ denied" in shown
    assert "Level 2: Second · not asked A level before this one had already decided." in shown


def test_without_a_user_the_levels_are_shown_undecided() -> None:
    """Permissions can be read before somebody is chosen."""
    driver = company()
    driver.batch([upsert("a://1", permissions=[allowed("staff")])])
    shown = item_text(driver)
    assert "Choose somebody to see each level and set decided for them." in shown
    assert "not asked" not in shown


def test_all_users_whom_the_permissions_reach_are_listed_with_their_reason() -> None:
    """That is "who can see this": groups expanded, aliases included, the denied among them."""
    driver = company()
    driver.batch([upsert("a://1", permissions=[allowed("staff", denied=("contractors",))])])
    driver.world.turn()
    source = driver.world.source("secured")
    found = audience_of(driver.world, source, source.items["a://1"], 50)
    seen = {one.key.name: one.verdict.visible for one in found.users}
    assert seen == {"dora": True, "dora@example.com": True, "max": False}
    assert found.complete


def test_a_large_audience_is_cut_and_says_so() -> None:
    """A group may hold a whole company."""
    driver = company()
    Identities(driver).put(group("all"), [user(f"u{number}") for number in range(300)])
    Identities(driver).refresh()
    driver.batch([upsert("a://1", permissions=[allowed("all")])])
    assert "The first 50 users; there are more" in item_text(driver)


def test_a_disabled_a_misspelt_and_a_waiting_identity_are_told() -> None:
    """Three reasons for a "no" that no level shows."""
    driver = company()
    crm = Identities(driver)
    driver.batch([upsert("a://1", permissions=[allowed("staff")])])
    crm.disable(user("max"))
    crm.refresh()
    crm.put(group("late"), [user("dora")])
    assert "max is disabled, so it counts for nothing." in item_text(
        driver, user="max", provider="CRM"
    )
    shown = item_text(driver, user="nobody", provider="CRM")
    assert "No USER nobody is known to CRM: check the spelling." in shown
    assert "Changed since the security cache's last refresh: 2 identities." in shown


@pytest.mark.parametrize(
    ("visibility", "told"),
    [
        (Visibility.SHARED, "True: the source is shared: its items are open to everybody"),
        (
            Visibility.PRIVATE,
            "False: the source is private: nobody who searches as a user finds its items",
        ),
    ],
)
def test_what_is_not_secured_says_that_first(visibility: Visibility, told: str) -> None:
    """There the permissions are not even looked at."""
    driver = company()
    driver.batch([upsert("a://1", permissions=[allowed("contractors")])])
    driver.world.put_source(SourceSpec("secured", visibility))
    assert because(driver, DORA) == told


NAMES = st.sampled_from("abcdef")


@given(st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=3)), max_size=6), NAMES, st.sets(NAMES))
def test_each_way_to_a_membership_is_made_of_relations(
    groups: list[tuple[str, list[str]]], start: str, disabled: set[str]
) -> None:
    """A way that does not exist would be worse than none."""
    driver = Driver.of()
    crm = Identities(driver)
    for name, members in groups:
        crm.put(group(name), [group(one) for one in members])
    for name in sorted(disabled):
        crm.disable(group(name))
    crm.refresh()
    cache, key = driver.world.cache, crm.key(start, "GROUP")
    memberships = memberships_of(cache, [key])
    for one in memberships.came_from:
        way = memberships.way(one)
        assert way[0] == key
        assert way[-1] == one
        assert all(above in cache.parents(below) for below, above in itertools.pairwise(way))


def test_search_shows_what_a_user_finds_and_counts_what_matches() -> None:
    """Both numbers side by side are the point of it."""
    driver = company()
    driver.batch(
        [
            upsert("a://1", title="Red", permissions=[allowed("staff")]),
            upsert("a://2", title="Blue", permissions=[allowed("contractors")]),
        ]
    )
    shown = search_text(driver, user="dora@example.com")
    assert "2 items found; dora@example.com sees 1 of them." in shown
    assert "Red ✓ visible" in shown
    assert "Blue" not in shown


def test_what_stays_hidden_is_listed_with_its_reason() -> None:
    """Whoever misses an item starts here."""
    driver = company()
    driver.batch([upsert("a://2", title="Blue", permissions=[allowed("contractors")])])
    shown = search_text(driver, user="dora@example.com", show="hidden")
    assert "Blue ✕ hidden text Because the only level does not name" in shown


def test_an_anonymous_visitor_and_somebody_whom_nothing_stops_can_search() -> None:
    """The two ends."""
    driver = company()
    driver.batch([upsert("a://1", permissions=[allowed("staff")])])
    assert "1 item found; an anonymous visitor sees 0 of them." in search_text(
        driver, **{"as": "anonymous"}
    )
    assert "1 item found." in search_text(driver)


def test_a_query_that_cannot_be_read_is_told() -> None:
    """By a sentence, beside the field that it stands in."""
    driver = company()
    shown = search_page(driver.world, Query({"q": "(red"})).main
    assert 'role="alert">The query expression is not valid' in shown
    assert 'value="(red"' in shown


def test_search_pages_through_its_hits() -> None:
    """Twenty at a time, best first, none twice."""
    driver = company()
    driver.source = "open"
    driver.batch([upsert(f"a://{number:03}", title=f"N{number:03}") for number in range(45)])
    pages = [search_page(driver.world, Query({"page": str(n)})).main for n in (1, 2, 3)]
    found = [re.findall(r">N(\d+)</a>", one) for one in pages]
    assert [len(one) for one in found] == [20, 20, 5]
    assert [one for part in found for one in part] == [f"{number:03}" for number in range(45)]
    assert 'rel="next"' not in pages[2]


def test_a_result_leads_to_its_explanation_for_the_same_user() -> None:
    """Choosing somebody twice invites mistakes."""
    driver = company()
    driver.batch([upsert("a://1", permissions=[allowed("staff")])])
    shown = search_page(driver.world, Query({"user": "dora", "provider": "CRM"})).main
    assert (
        "/sources/secured/item?id=a%3A%2F%2F1&amp;as=user&amp;user=dora&amp;provider=CRM"
        "&amp;kind=USER#access"
    ) in shown
