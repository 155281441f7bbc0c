"""Looking at identities, and at who sees what and why."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from emulator.serving import RunningEmulator
from emulator.viewing import User
from emulator.web.pages.item import item_page
from emulator.web.view import Query
from tests.emulator.over_http import BASE, push_batch

STAFF = {"identity": "staff", "identityType": "Group", "securityProvider": "CRM"}
DORA = {"identity": "dora@example.com", "identityType": "User"}


@pytest.fixture
def office(client: httpx.Client, emulator: RunningEmulator) -> httpx.Client:
    """A client of an emulator with a group, an alias, and an item of two levels."""
    path = f"{BASE}/providers/CRM"
    members = [{"name": "dora", "type": "USER"}]
    staff = {"identity": {"name": "staff", "type": "GROUP"}, "members": members}
    client.put(f"{path}/permissions", json=staff)
    alias = {"name": "dora@example.com", "type": "USER"}
    dora = {"identity": {"name": "dora", "type": "USER"}, "mappings": [alias]}
    client.put(f"{path}/mappings", json=dora)
    levels = [
        {
            "name": "Owner",
            "permissionSets": [{"allowedPermissions": [DORA], "deniedPermissions": [DORA]}],
        },
        {"name": "Folder", "permissionSets": [{"allowedPermissions": [STAFF]}]},
    ]
    push_batch(client, [_item("s://closed", levels), _item("s://open", levels[1:])], "secured")
    client.post("/rest/organizations/org/securitycache/refresh")
    assert emulator.world.count_items() == 2
    return client


def _item(document_id: str, permissions: object) -> dict[str, Any]:
    return {"documentId": document_id, "data": "", "permissions": permissions}


def access(client: httpx.Client, document_id: str, **who: str) -> Any:
    """Ask who sees an item."""
    path = "/__admin/sources/secured/items/access"
    return client.get(path, params={"id": document_id, **who}).json()


def test_access_is_explained_level_by_level(office: httpx.Client) -> None:
    """With the identities that count, and the one that decided."""
    found = access(office, "s://open", user="Dora@example.com")
    assert (found["visible"], found["because"]) == (
        True,
        "level 1 (Folder) allows: set 1 allows staff",
    )
    names = [(one["provider"], one["name"]) for one in found["identities"]]
    assert ("CRM", "staff") in names
    (level,) = found["levels"]
    assert (level["ruling"], level["sets"][0]["allowedBy"][0]["name"]) == ("ALLOWED", "staff")


def test_search_the_page_and_the_admin_call_agree(
    office: httpx.Client, emulator: RunningEmulator
) -> None:
    """Three explanations of one rule would sooner or later be three rules."""
    world, source = emulator.world, emulator.world.source("secured")
    viewer = world.viewer([User("dora@example.com")])
    for document_id, item in source.items.items():
        found = access(office, document_id, user="dora@example.com")
        query = Query({"id": document_id, "user": "dora@example.com"})
        page = item_page(world, source, query)
        assert page is not None
        assert f"Because {found['because']}." in page.main
        assert found["visible"] == viewer.sees(source, item)


def test_the_deciding_level_is_the_last_one_shown(office: httpx.Client) -> None:
    """What comes behind it was not asked."""
    found = access(office, "s://closed", user="dora@example.com")
    assert found["visible"] is False
    (owner,) = found["levels"]
    assert (owner["name"], owner["ruling"]) == ("Owner", "DENIED")
    assert (owner["sets"][0]["letsIn"], len(owner["sets"][0]["deniedBy"])) == (False, 1)
    visitor = access(office, "s://closed")
    assert [one["ruling"] for one in visitor["levels"]] == ["UNDECIDED", "UNDECIDED"]


def test_providers_and_identities_are_listed(office: httpx.Client) -> None:
    """With states, and what waits."""
    body = {"identity": {"name": "late", "type": "GROUP"}}
    office.put(f"{BASE}/providers/CRM/permissions", json=body)
    providers = {one["id"]: one for one in office.get("/__admin/providers").json()["providers"]}
    assert providers["CRM"]["states"]["UP_TO_DATE"] == 2
    assert (providers["CRM"]["waiting"], providers["CRM"]["cascadesTo"]) == (
        1,
        ["Email Security Provider"],
    )
    params: dict[str, str | int] = {"q": "A", "limit": 1, "offset": 1}
    page = office.get("/__admin/providers/CRM/identities", params=params).json()
    assert (page["total"], [one["name"] for one in page["identities"]]) == (3, ["late"])


def test_an_identity_shows_both_directions(office: httpx.Client) -> None:
    """What it belongs to, and what belongs to it."""
    path = "/__admin/providers/CRM/identities/one"
    dora = office.get(path, params={"name": "dora"}).json()
    assert [one["name"] for one in dora["belongsTo"]] == ["staff"]
    assert [one["name"] for one in dora["contains"]] == ["dora@example.com"]
    assert dora["pushed"]["mappings"][0]["name"] == "dora@example.com"
    assert office.get(path, params={"name": "emil"}).status_code == 404
    assert office.get(path, params={"name": "dora", "type": "robot"}).status_code == 400


def test_the_identity_log_tells_what_came_of_each_call(office: httpx.Client) -> None:
    """There is no other log of it."""
    body = {"identity": {"name": "nobody", "type": "USER"}}
    office.request("DELETE", f"{BASE}/providers/CRM/permissions", json=body)
    entries = office.get("/__admin/providers/CRM/log", params={"after": 1}).json()["entries"]
    assert [(one["action"], one["reason"]) for one in entries] == [
        ("PUT_MAPPINGS", None),
        ("DISABLE", "UNKNOWN_IDENTITY"),
    ]


def test_what_is_not_there_is_a_404(office: httpx.Client) -> None:
    """Provider, source, item."""
    for path in ("providers/HR/log", "sources/none/items/access?id=x"):
        assert office.get(f"/__admin/{path}").status_code == 404
    assert access(office, "s://none")["errorCode"] == "NOT_FOUND"
