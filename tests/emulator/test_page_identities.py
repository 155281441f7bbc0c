"""The page's identities: lists, neighbours, states."""

from __future__ import annotations

import pytest

from emulator.insight.relationships import Branch, Relationship, Width, details_of
from emulator.settings import EMAIL_PROVIDER, ProviderSpec
from emulator.web.pages.identities import identities_page
from emulator.web.pages.identity import identity_page
from emulator.web.view import Query
from tests.emulator.directory import Identities, company, group, user
from tests.emulator.driver import Driver
from tests.emulator.pages import HOSTILE, text_of


def shown(driver: Driver, name: str, kind: str = "GROUP") -> str:
    """Return the page of an identity of the CRM."""
    view = identity_page(driver.world, Query({"provider": "CRM", "kind": kind, "name": name}))
    assert view is not None
    return view.main


def listed(driver: Driver, **asked: str) -> str:
    """Return the words of the page of all identities."""
    return text_of(identities_page(driver.world, Query(asked)).main)


def outline(branches: tuple[Branch, ...]) -> list[object]:
    """Return the names and relationships of a tree."""
    return [
        [one.neighbour.key.name, one.neighbour.relationship, outline(one.branches)]
        for one in branches
    ]


def test_providers_are_listed_with_identities_by_state() -> None:
    """The first thing to look at when somebody sees too little."""
    driver = company()
    Identities(driver).put(group("late"), [])
    assert "CRM EXPANDED 5 1 0 0 0 1" in listed(driver)


def test_identities_are_filtered_by_name_kind_and_state() -> None:
    """A provider may have a hundred thousand."""
    driver = company()
    Identities(driver).put(group("late"), [])
    driver.world.turn()
    assert "1 identity, page 1 of 1" in listed(driver, q="SUPP")
    assert "2 identities, page 1 of 1" in listed(driver, kind="USER")
    assert "1 identity, page 1 of 1" in listed(driver, state="NOT_UPDATED")
    assert "No identity matches." in listed(driver, state="IN_ERROR")


def test_identities_are_listed_fifty_at_a_time() -> None:
    """In order of name, none twice."""
    driver = Driver.of()
    Identities(driver).put(group("all"), [user(f"u{number:03}") for number in range(120)])
    driver.world.turn()
    page = listed(driver, provider="CRM", page="2")
    assert "121 identities, page 2 of 3" in page
    assert "u048" not in page
    assert "u049" in page


def test_the_trees_tell_relationships_in_both_directions() -> None:
    """Members, what is granted, aliases: over any number of steps."""
    driver = company()
    crm = Identities(driver)
    crm.put(user("dora"), [], [group("everyone")])
    crm.refresh()
    found = details_of(driver.world, crm.key("dora"), Width())
    assert found is not None
    assert outline(found.above) == [
        ["everyone", Relationship.GRANTED, []],
        ["support", Relationship.MEMBER, [["staff", Relationship.MEMBER, []]]],
    ]
    assert outline(found.below) == [["dora@example.com", Relationship.ALIAS, []]]


def test_a_circle_ends_where_it_closes() -> None:
    """Groups that contain each other must not draw themselves without end."""
    driver = Driver.of()
    crm = Identities(driver)
    crm.put(group("a"), [group("b")])
    crm.put(group("b"), [group("a")])
    crm.refresh()
    assert "leads back to itself" in text_of(shown(driver, "a"))


def test_a_wide_neighbourhood_is_cut_and_says_so() -> None:
    """In the trees and in the drawing."""
    driver = Driver.of()
    crm = Identities(driver)
    crm.put(group("all"), [user(f"u{number:03}") for number in range(40)])
    crm.refresh()
    page = shown(driver, "all")
    assert "and 28 more" in text_of(page)
    assert ">and 34 more</text>" in page


def test_news_that_no_refresh_took_over_are_told_beside_what_holds() -> None:
    """Pushed and effective are two things, an hour or a day apart."""
    driver = company()
    Identities(driver).put(group("staff"), [])
    page = text_of(shown(driver, "staff"))
    assert "It changed since the last refresh" in page
    assert "What belongs to it support group, member ✓ up to date" in page
    assert "As last pushed Members none" in page


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("max", "USER", "It is disabled: it counts for nothing"),
        ("nameless", "USER", "The last refresh failed: &#x27;CRM&#x27; does not cascade"),
        ("helper", "USER", "Nobody pushed it; others only name it."),
    ],
)
def test_an_identity_that_does_not_count_says_why(name: str, kind: str, told: str) -> None:
    """Each for another reason."""
    driver = company()
    crm = Identities(driver)
    crm.disable(user("max"))
    crm.alias(user("nameless"), [{"name": "x", "type": "USER", "provider": "Elsewhere"}])
    crm.put(group("support"), [user("helper")])
    crm.refresh()
    assert told in shown(driver, name, kind)


def test_hostile_names_are_escaped_in_lists_trees_and_drawing() -> None:
    """Names of identities come from somebody else's database."""
    driver = Driver.of(providers=(ProviderSpec("CRM", name=HOSTILE),))
    crm = Identities(driver)
    crm.put(group(HOSTILE, additionalInfo={HOSTILE: HOSTILE}), [user(HOSTILE)], [group(HOSTILE)])
    crm.refresh()
    pages = [shown(driver, HOSTILE), identities_page(driver.world, Query({"provider": "CRM"})).main]
    for page in pages:
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_an_identity_leads_to_a_search_as_itself() -> None:
    """What does this one see? is the next question."""
    driver = company()
    assert "/search?as=user&amp;user=dora&amp;provider=CRM&amp;kind=USER" in shown(
        driver, "dora", "USER"
    )


def test_the_email_provider_is_always_there() -> None:
    """Every organization has it."""
    assert EMAIL_PROVIDER in listed(Driver.of(providers=()))
