"""The search subset: who finds what."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.calls import Endpoint, Reply
from emulator.query import QuerySyntaxError, parse
from emulator.settings import SourceSpec, Visibility
from emulator.switches import Switches, UnmappedMetadata
from tests.emulator.directory import Identities, group, user
from tests.emulator.driver import TOKEN, Driver, error_of, upsert

DORA = {"name": "dora@example.com", "provider": "Email Security Provider", "type": "User"}
STAFF = {"identity": "staff", "identityType": "Group", "securityProvider": "CRM"}


def search(driver: Driver, token: str | None = None, **asked: object) -> list[str]:
    """Return the ids of what is found, by POST."""
    headers = {**TOKEN, "content-type": "application/json"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    reply = driver.send(Endpoint.SEARCH, {}, json.dumps(asked).encode(), headers)
    assert reply.status == 200, reply.body
    return [one["uri"] for one in json.loads(reply.body)["results"]]


def everything(driver: Driver, **query: object) -> dict[str, Any]:
    """Return the whole answer of a search that looks past permissions, by GET."""
    reply = driver.send(Endpoint.SEARCH, {"viewAllContent": "true", **query})
    answer: dict[str, Any] = json.loads(reply.body)
    return answer


def token_for(driver: Driver, *users: dict[str, str], **more: object) -> str:
    """Return a search token for these identities."""
    body = json.dumps({"userIds": [*users], **more}).encode()
    return str(json.loads(driver.send(Endpoint.CREATE_SEARCH_TOKEN, {}, body).body)["token"])


@pytest.fixture
def office(driver: Driver) -> Driver:
    """A driver whose secured source has an item for staff, to which Dora belongs by her alias."""
    crm = Identities(driver)
    crm.batch(
        {
            "members": [{"identity": group("staff"), "members": [user("dora")]}],
            "mappings": [{"identity": user("dora"), "mappings": [user("dora@example.com")]}],
        }
    )
    driver.source = "secured"
    driver.batch([upsert("s://1", permissions=[{"allowedPermissions": [STAFF]}])])
    return driver


def test_a_user_finds_what_the_cache_grants_and_only_behind_a_refresh(office: Driver) -> None:
    """E-mail identity, alias, group, item."""
    dora = token_for(office, DORA)
    assert search(office, dora) == []
    Identities(office).refresh()
    assert search(office, dora) == ["s://1"]
    assert search(office, token_for(office, {**DORA, "name": "emil@example.com"})) == []


def test_whoever_is_disabled_finds_nothing_behind_the_next_refresh(office: Driver) -> None:
    """And not before it."""
    dora, crm = token_for(office, DORA), Identities(office)
    crm.refresh()
    crm.disable(user("dora"))
    assert search(office, dora) == ["s://1"]
    crm.refresh()
    assert search(office, dora) == []


def test_a_key_alone_is_an_anonymous_visitor(office: Driver) -> None:
    """Shared sources are open to it, secured items only where anyone is let in."""
    office.batch([upsert("s://2", permissions=[{"allowAnonymous": True}])])
    office.source = "open"
    office.batch([upsert("o://1")])
    assert search(office) == ["o://1", "s://2"]
    assert everything(office)["totalCount"] == 3


def test_a_private_source_is_for_nobody_who_searches_as_a_user() -> None:
    """Whatever its items allow: it is its owner's."""
    driver = Driver.of(sources=(SourceSpec("mine", Visibility.PRIVATE),))
    driver.source = "mine"
    driver.batch([upsert("m://1", permissions=[{"allowAnonymous": True}])])
    assert search(driver) == search(driver, token_for(driver, DORA)) == []
    assert everything(driver)["totalCount"] == 1


def test_a_search_token_may_not_view_all_content(office: Driver) -> None:
    """That needs a privilege of its own."""
    headers = {"authorization": f"Bearer {token_for(office, DORA)}"}
    reply = office.send(Endpoint.SEARCH, {"viewAllContent": "1"}, b"", headers)
    assert error_of(reply) == (403, "ACCESS_DENIED")


def test_a_search_token_expires_and_cannot_be_changed(office: Driver) -> None:
    """Nor may it push."""
    token = token_for(office, DORA, validFor=1000)
    for sent, seconds in ((token + "0", 0), (token, 1)):
        office.world.advance(seconds)
        reply = office.send(Endpoint.SEARCH, {}, b"", {"authorization": f"Bearer {sent}"})
        assert error_of(reply) == (401, "INVALID_TOKEN")


def found(driver: Driver, aq: str, **more: object) -> list[str]:
    """Return the ids that an expression finds."""
    return [one["uri"] for one in everything(driver, aq=aq, **more)["results"]]


@pytest.fixture
def shelf(driver: Driver) -> Driver:
    """Three items of two sources."""
    driver.batch(
        [
            upsert("b://1", title="Red Book", data="Of apples and pears", price=5, tag=["a", "b"]),
            upsert("b://2", title="Blue book", data="Of pears", price=15),
        ]
    )
    driver.source = "secured"
    item = upsert("b://3", title="Third", data="<p>Of&nbsp;apples</p>", fileExtension=".html")
    driver.batch([{**item, "permissions": [{"allowAnonymous": True}]}])
    return driver


@pytest.mark.parametrize(
    ("aq", "expected"),
    [
        ('@uri=="b://2"', [2]),
        ("@uri==b://2", [2]),
        ('@uri==("b://1","b://3","b://9")', [1, 3]),
        ('@source=="open"', [1, 2]),
        ("@source==secured @uri==b://3", [3]),
        ('@source=="open" @uri==b://3', []),
        ('@title=="red book"', [1]),
        ("@title=book", [1, 2]),
        ('@title="blue book"', [2]),
        ("@price", [1, 2]),
        ("@price>5", [2]),
        ("@price>=5 @price<15", [1]),
        ("@price==15.0", [2]),
        ("@tag==b", [1]),
        ("NOT @price", [3]),
        ("@tag<>a", [2, 3]),
        ("@price>10 OR @tag==a", [1, 2]),
        ("apples", [1, 3]),
        ('"of apples"', [1, 3]),
        ('"apples of"', []),
        ("pears (apples OR blue)", [1, 2]),
        ("apple", []),
    ],
)
def test_an_expression_finds(shelf: Driver, aq: str, expected: list[int]) -> None:
    """The part of the query syntax that is served."""
    assert sorted(found(shelf, aq)) == [f"b://{number}" for number in expected]


@pytest.mark.parametrize("aq", ["(", "@price>", '@uri==("a"', ")", "a AND", '"', "=x"])
def test_an_expression_that_cannot_be_read_is_refused(shelf: Driver, aq: str) -> None:
    """Not taken for one that matches nothing."""
    reply = shelf.send(Endpoint.SEARCH, {"aq": aq})
    assert error_of(reply) == (400, "INVALID_REQUEST")


@given(st.text(max_size=20))
def test_no_text_breaks_the_parser(text: str) -> None:
    """It is understood or refused."""
    try:
        parse(text)
    except QuerySyntaxError:
        return


def test_titles_count_more_than_bodies(driver: Driver) -> None:
    """Enough of a ranking to demonstrate."""
    driver.batch([upsert("b://1", data="pear"), upsert("b://2", title="pear", data="")])
    assert found(driver, "", q="pear") == ["b://2", "b://1"]


def test_results_come_in_pages_and_orders(driver: Driver) -> None:
    """Ten unless asked otherwise."""
    driver.batch([upsert(f"b://{n:02}", price=n) for n in range(12)])
    assert len(found(driver, "")) == 10
    assert everything(driver)["totalCount"] == 12
    assert found(driver, "", firstResult=11) == ["b://11"]
    assert found(driver, "", sortCriteria="@price descending", numberOfResults=1) == ["b://11"]
    assert found(driver, "", sortCriteria="@price ascending", numberOfResults=1) == ["b://00"]


@pytest.mark.parametrize(
    ("first", "count", "status"), [(4_999, 1, 200), (5_000, 1, 400), (3_000, 9_999, 200)]
)
def test_results_are_within_the_first_five_thousand_and_two_thousand_at_once(
    driver: Driver, first: int, count: int, status: int
) -> None:
    """More at once is cut, as the service does; what is further away cannot be asked for."""
    query = {"firstResult": first, "numberOfResults": count}
    assert driver.send(Endpoint.SEARCH, query).status == status


def test_what_is_pushed_again_is_found_by_its_new_words(driver: Driver) -> None:
    """And not by the old ones."""
    driver.batch([upsert("b://1", data="old")])
    assert found(driver, "old") == ["b://1"]
    driver.batch([upsert("b://1", data="new")])
    assert (found(driver, "old"), found(driver, "new")) == ([], ["b://1"])


def test_a_result_has_the_fields_of_the_index(driver: Driver) -> None:
    """What was pushed, and what the index adds."""
    driver.batch([upsert("b://1", Price=5, date="2024-01-31T00:00:00Z", parentId="b://0")])
    raw = everything(driver)["results"][0]["raw"]
    assert (raw["price"], raw["date"], raw["source"]) == (5, 1_706_659_200_000, "open")
    assert raw["topparentid"] == raw["attachmentparentid"] == "b://0"
    assert raw["orderingid"] == driver.document("b://1")["item"]["orderingId"]
    assert "permissions" not in raw


def test_keys_without_a_field_are_left_out_if_so_switched() -> None:
    """As the service does; a stand-in without any field would show little."""
    switches = Switches(unmapped_metadata=UnmappedMetadata.LEFT_OUT)
    driver = Driver.of(switches=switches)
    driver.batch([upsert("b://1", price=5, author="Dora")])
    raw = everything(driver)["results"][0]["raw"]
    assert (raw.get("price"), raw["author"]) == (None, "Dora")


def one(driver: Driver, endpoint: Endpoint, document_id: str) -> Reply:
    """Ask for a single document by the id that a search result gives it."""
    results = everything(driver, aq=f'@uri=="{document_id}"')["results"]
    return driver.send(endpoint, {"uniqueId": results[0]["uniqueId"], "viewAllContent": "true"})


def test_a_single_document_is_read_as_result_html_and_text(shelf: Driver) -> None:
    """HTML in a sandbox, since it comes from whoever pushes."""
    assert json.loads(one(shelf, Endpoint.READ_DOCUMENT, "b://3").body)["title"] == "Third"
    page = one(shelf, Endpoint.DOCUMENT_HTML, "b://3")
    assert page.body == b"<p>Of&nbsp;apples</p>"
    assert page.headers["Content-Security-Policy"] == "sandbox"
    assert one(shelf, Endpoint.DOCUMENT_TEXT, "b://3").body.decode().split() == ["Of", "apples"]


def test_a_document_that_may_not_be_seen_is_not_there(office: Driver) -> None:
    """A refusal would tell that it exists."""
    name = everything(office)["results"][0]["uniqueId"]
    for unique_id in (name, "secured$s://9"):
        reply = office.send(Endpoint.READ_DOCUMENT, {"uniqueId": unique_id})
        assert error_of(reply) == (404, "DOCUMENT_NOT_FOUND")


def test_effective_permissions_are_expanded_through_the_cache(office: Driver) -> None:
    """Group, member, alias; with the state of each."""
    Identities(office).refresh()
    reply = office.send(Endpoint.EFFECTIVE_PERMISSIONS, {}, b"", document="s%3A%2F%2F1")
    answer = json.loads(reply.body)
    shown = [(one["identity"], one["identityType"], one["state"]) for one in answer["items"]]
    assert sorted(shown) == [
        ("dora", "User", "UP_TO_DATE"),
        ("dora@example.com", "User", "UP_TO_DATE"),
        ("staff", "Group", "UP_TO_DATE"),
    ]
    assert answer["anonymousAllowed"] is False


def test_permissions_are_shown_by_level_and_set(office: Driver) -> None:
    """As they were pushed."""
    reply = office.send(Endpoint.ITEM_PERMISSIONS, {}, b"", document="s%3A%2F%2F1")
    (level,) = json.loads(reply.body)["permissionLevels"]
    (entry,) = level["permissionSets"][0]["permissions"]
    assert (entry["identity"], entry["allowed"], entry["state"]) == ("staff", True, "NOT_UPDATED")
