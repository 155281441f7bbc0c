"""The platform's calls for security providers and for what the cache holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.emulator.over_http import BASE

REST = "/rest/organizations/org"
CRM = f"{REST}/securitycache/entities/CRM"


def push_identity(client: httpx.Client, body: dict[str, Any], provider: str = "CRM") -> None:
    """Push an identity with its members."""
    path = f"{BASE}/providers/{quote(provider)}/permissions"
    assert client.put(path, json=body).status_code == 202


@pytest.fixture
def staffed(client: httpx.Client) -> httpx.Client:
    """A client of an emulator whose CRM has a group of two, refreshed."""
    members = [{"name": "dora", "type": "USER"}, {"name": "emil", "type": "USER"}]
    push_identity(client, {"identity": {"name": "staff", "type": "GROUP"}, "members": members})
    assert client.post(f"{REST}/securitycache/CRM/refresh").status_code == 204
    return client


def test_providers_are_created_read_changed_and_deleted(client: httpx.Client) -> None:
    """With the body of the reference."""
    body = {
        "id": "hr",
        "displayName": "HR people",
        "type": "EXPANDED",
        "referencedBy": [{"id": "secured", "type": "SOURCE"}],
        "cascadingSecurityProviders": {
            "EmailSecurityProvider": {"id": "Email Security Provider", "type": "EMAIL"}
        },
    }
    assert client.post(f"{REST}/securityproviders", json=body).status_code == 200
    assert client.post(f"{REST}/securityproviders", json=body).status_code == 409
    model = client.get(f"{REST}/securityproviders/hr").json()
    assert model["cascadingSecurityProviders"]["EmailSecurityProvider"]["type"] == "EMAIL"
    push_identity(client, {"identity": {"name": "x", "type": "User"}}, "HR people")
    secured = client.get(f"{REST}/sources/secured").json()
    assert secured["securityProviderReferences"] == ["hr"]
    assert (
        client.put(f"{REST}/securityproviders/hr", json={**body, "caseSensitive": False}).json()[
            "caseSensitive"
        ]
        is False
    )
    assert client.delete(f"{REST}/securityproviders/hr").status_code == 204
    assert client.get(f"{REST}/securityproviders/hr").status_code == 404
    assert client.get(f"{REST}/sources/secured").json()["securityProviderReferences"] == []


def test_identities_are_listed_with_their_states(staffed: httpx.Client) -> None:
    """Filtered by state, in pages."""
    push_identity(staffed, {"identity": {"name": "late", "type": "GROUP"}})
    page = staffed.get(f"{CRM}/members", params={"states": "UP_TO_DATE", "perPage": 2}).json()
    shown = [(one["name"], one["type"], one["lastUpdateResult"]) for one in page["items"]]
    assert shown == [("dora", "User", "SUCCESS"), ("emil", "User", "SUCCESS")]
    assert (page["totalEntries"], page["totalPages"]) == (3, 2)
    (late,) = staffed.get(CRM, params={"states": "NOT_UPDATED,IN_ERROR"}).json()["items"]
    assert late == {"provider": "CRM", "data": "late"}
    assert staffed.get(CRM, params={"states": "GREEN"}).status_code == 400


def test_relatives_are_listed_in_both_directions(staffed: httpx.Client) -> None:
    """Children of a group, parents of a member."""
    staff, dora = {"name": "staff", "type": "Group"}, {"name": "dora"}
    children = staffed.post(f"{CRM}/members/children", json=staff).json()["items"]
    assert [one["name"] for one in children] == ["dora", "emil"]
    push_identity(
        staffed,
        {
            "identity": {"name": "all", "type": "VirtualGroup"},
            "members": [{"name": "staff", "type": "GROUP"}],
        },
    )
    staffed.post(f"{REST}/securitycache/refresh")
    for recursive, names in (("false", ["staff"]), ("true", ["staff", "all"])):
        params = {"recursive": recursive}
        parents = staffed.post(f"{CRM}/members/parents", params=params, json=dora).json()["items"]
        assert [one["name"] for one in parents] == names


def test_one_identity_is_refreshed_and_read_alone(client: httpx.Client) -> None:
    """The others wait."""
    for name in ("one", "two"):
        push_identity(client, {"identity": {"name": name, "type": "USER"}})
    body = {"name": "one", "provider": "CRM", "type": "User"}
    assert client.post(f"{REST}/securitycache/refresh/entity", json=body).status_code == 204
    states = [client.post(f"{CRM}/entity", json={**body, "name": n}).json() for n in ("one", "two")]
    assert [one["state"] for one in states] == ["UP_TO_DATE", "NOT_UPDATED"]
    assert client.post(f"{CRM}/entity", json={**body, "name": "three"}).status_code == 404


def test_identities_are_found_by_name(staffed: httpx.Client) -> None:
    """By a part of it, or its beginning."""
    counts = []
    for mode in ("SUBSTRING", "PREFIX"):
        body = {"providerIds": ["CRM"], "filterTerm": "A", "filteringMode": mode}
        reply = staffed.post(f"{REST}/securitycache/entities/list", json=body)
        counts.append(reply.json()["totalEntries"])
    assert counts == [2, 0]


def test_disabled_identities_are_enabled_again(staffed: httpx.Client) -> None:
    """By the platform's own call."""
    path = f"{BASE}/providers/CRM/permissions"
    body = {"identity": {"name": "staff", "type": "GROUP"}}
    staffed.request("DELETE", path, json=body)
    states = []
    for call in ("CRM/refresh", "CRM/disabled/enable", "CRM/refresh"):
        staffed.post(f"{REST}/securitycache/{call}")
        counts = staffed.get(f"{REST}/securitycache/status").json()["statistics"]
        states.append(counts["numberOfEntitiesByState"]["DISABLED"])
    assert states == [1, 1, 0]


def test_the_refreshes_are_activities(staffed: httpx.Client) -> None:
    """And the schedule says when the next one is."""
    body = {"resourceTypes": ["SECURITY_PROVIDER"]}
    (activity,) = staffed.post(f"{REST}/activities/public", json=body).json()["items"]
    assert (activity["resourceId"], activity["operation"]) == ("CRM", "REFRESH")
    (schedule,) = staffed.get(f"{REST}/securityproviders/CRM/schedules").json()
    assert schedule["frequency"] == {"type": "DAILY", "value": 1}
