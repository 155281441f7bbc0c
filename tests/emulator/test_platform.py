"""The platform's calls around the Push API: sources, fields, organization."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from emulator.serving import RunningEmulator
from emulator.settings import PRODUCTION, Settings, SourceSpec
from tests.emulator.over_http import BASE, DOCUMENTS

REST = "/rest/organizations/org"


def test_a_created_source_takes_items_under_its_new_id(client: httpx.Client) -> None:
    """Id and name are two things."""
    body = {
        "sourceType": "PUSH",
        "pushEnabled": True,
        "name": "Orders",
        "sourceVisibility": "SHARED",
    }
    created = client.post(f"{REST}/sources", json=body)
    source = created.json()["id"]
    assert (created.status_code, source.endswith("-org")) == (201, True)
    path = f"{BASE}/sources/{source}/documents"
    assert client.put(path, params={"documentId": "a://1"}, json={"data": ""}).status_code == 202
    model = client.get(f"{REST}/sources/{source}").json()
    assert (model["name"], model["information"]["numberOfDocuments"]) == ("Orders", 1)
    found = client.get("/rest/search/v2", params={"aq": "@source==Orders"}).json()
    assert found["totalCount"] == 1


def test_two_sources_cannot_have_one_name(client: httpx.Client) -> None:
    """Search tells them apart by it."""
    body = {"sourceType": "PUSH", "name": "open"}
    reply = client.post(f"{REST}/sources", json=body)
    assert (reply.status_code, reply.json()["errorCode"]) == (409, "SOURCE_ALREADY_EXISTS")


def test_a_source_is_changed_where_the_body_says_so(client: httpx.Client) -> None:
    """Its items stay."""
    body = {"sourceVisibility": "SECURED", "securityProviderReferences": ["CRM"]}
    changed = client.put(f"{REST}/sources/open", json=body).json()
    assert changed["sourceVisibility"] == "SECURED"
    assert (changed["securityProviderReferences"], changed["pushEnabled"]) == (["CRM"], True)
    provider = client.get(f"{REST}/securityproviders/CRM").json()
    assert [one["id"] for one in provider["referencedBy"]] == ["open"]


def test_a_deleted_source_is_gone(client: httpx.Client) -> None:
    """On both sides, each with its own code."""
    assert client.delete(f"{REST}/sources/open").status_code == 204
    assert client.get(f"{REST}/sources/open").status_code == 404
    reply = client.put(DOCUMENTS, params={"documentId": "a://1"}, json={"data": ""})
    assert reply.json()["errorCode"] == "SOURCE_DOES_NOT_EXIST"


def test_sources_are_listed_whole_and_in_pages(client: httpx.Client) -> None:
    """Two shapes, as documented."""
    assert [one["id"] for one in client.get(f"{REST}/sources").json()] == ["open", "secured"]
    page = client.get(f"{REST}/sources/pages", params={"perPage": 1, "page": 1}).json()
    assert [one["id"] for one in page["sourceModels"]] == ["secured"]
    assert (page["totalEntries"], page["totalPages"]) == (2, 2)


def test_mapping_rules_are_kept(client: httpx.Client) -> None:
    """They have no effect here."""
    rules = {"common": {"rules": [{"field": "author", "content": ["%[author]"]}]}, "types": []}
    assert client.put(f"{REST}/sources/open/mappings", json=rules).json() == rules
    assert client.get(f"{REST}/sources/open/mappings").json() == rules


def test_status_and_push_refresh_are_one(client: httpx.Client) -> None:
    """The source shows it, and the activities tell when."""
    assert _status(client) == "PUSH_READY"
    client.post(f"{BASE}/sources/open/status", params={"statusType": "REFRESH"})
    assert _status(client) == "REFRESHING"
    client.post(f"{REST}/sources/open/pushRefresh", params={"activityOperation": "IDLE"})
    assert _status(client) == "IDLE"
    body = {"resourceIds": ["open"]}
    (activity,) = client.post(f"{REST}/activities/public", json=body).json()["items"]
    shown = activity["operation"], activity["state"], activity["result"]
    assert shown == ("FULL_REFRESH", "EXECUTED", "SUCCESS")
    assert (
        client.post(f"{REST}/activities/public", json={"states": ["EXECUTING"]}).json()["items"]
        == []
    )


def _status(client: httpx.Client) -> str:
    model = client.get(f"{REST}/sources/open").json()
    return str(model["information"]["sourceStatus"]["type"])


def test_fields_are_created_read_changed_and_deleted(client: httpx.Client) -> None:
    """By the calls that the official client makes."""
    made = [{"name": "price", "type": "DOUBLE"}, {"name": "sku", "type": "STRING"}]
    assert client.post(f"{REST}/indexes/fields/batch/create", json=made).status_code == 204
    listed = client.get(f"{REST}/indexes/page/fields", params={"perPage": 1000}).json()["items"]
    assert {"price", "sku", "uri"} <= {one["name"] for one in listed}
    assert client.get(f"{REST}/indexes/fields/price").json()["type"] == "DOUBLE"
    assert client.put(f"{REST}/indexes/fields/price", json={"type": "LONG"}).status_code == 204
    assert client.get(f"{REST}/indexes/fields/price").json()["type"] == "LONG"
    assert client.delete(f"{REST}/indexes/fields/price").status_code == 204
    assert client.get(f"{REST}/indexes/fields/price").status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([{"name": "Price"}], 400),
        ([{"name": "price", "type": "MONEY"}], 400),
        ([{"name": "sku"}, {"name": "uri"}], 409),
        ({"name": "price"}, 400),
    ],
)
def test_wrong_fields_are_refused_as_a_whole(
    client: httpx.Client, fields: object, status: int
) -> None:
    """None of them is created."""
    before = client.get(f"{REST}/indexes/page/fields").json()["totalEntries"]
    reply = client.post(f"{REST}/indexes/fields/batch/create", json=fields)
    assert reply.status_code == status
    assert client.get(f"{REST}/indexes/page/fields").json()["totalEntries"] == before


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("LONG", "12", 12),
        ("LONG", "twelve", None),
        ("LONG", 2**31, None),
        ("LONG_64", 2**40, 2**40),
        ("DOUBLE", "1.5", 1.5),
        ("DATE", "2002/01/31 11:53:12", 1_012_477_992_000),
        ("DATE", "2002-01-31T11:53:12Z", 1_012_477_992_000),
        ("DATE", "Thu, 31 Jan 2002 11:53:12 +0000", 1_012_477_992_000),
        ("DATE", "soon", None),
        ("STRING", ["a", "b"], ["a", "b"]),
    ],
)
def test_a_value_is_converted_or_left_out(
    client: httpx.Client, kind: str, sent: object, kept: object
) -> None:
    """The item itself is not refused."""
    client.post(f"{REST}/indexes/fields", json={"name": "f", "type": kind})
    client.put(DOCUMENTS, params={"documentId": "a://1"}, json={"data": "", "f": sent})
    (result,) = client.get("/rest/search/v2").json()["results"]
    assert result["raw"].get("f") == kept


def test_limits_show_what_is_used(client: httpx.Client) -> None:
    """Counted by the emulator; the numbers are documented defaults."""
    limits = client.get(f"{REST}/limits").json()
    assert limits["content"]["numberOfSources"] == {"actualCount": 2, "limit": 25}
    assert client.get(f"{REST}/limits/content").json() == limits["content"]


def test_a_key_that_may_only_read_may_look_but_not_change() -> None:
    """Privileges say the same."""
    settings = Settings(
        organization="org", sources=(SourceSpec("open"),), read_only_keys=frozenset({"reader"})
    )
    with RunningEmulator(settings) as emulator, httpx.Client(base_url=emulator.base_url) as client:
        client.headers["Authorization"] = "Bearer reader"
        assert client.get(f"{REST}/sources").status_code == 200
        assert client.post(f"{REST}/sources", json={"name": "x"}).status_code == 403
        approved = []
        for kind in ("VIEW", "CREATE"):
            privilege = {"type": kind, "targetDomain": "FIELD", "targetId": "*"}
            body = {"organizationId": "org", "requestedPrivilege": privilege}
            approved.append(client.post("/rest/privilege/evaluate", json=body).json()["approved"])
    assert approved == [True, False]


def test_platform_calls_cost_no_push_quota() -> None:
    """The quota is the Push API's."""
    settings = Settings(organization="org", sources=(SourceSpec("open"),), quota=PRODUCTION)
    with RunningEmulator(settings) as emulator, httpx.Client(base_url=emulator.base_url) as client:
        client.headers["Authorization"] = "Bearer k"
        client.get(f"{REST}/sources")
        client.post(f"{BASE}/files")
        used = client.get(f"{REST}/limits/pushapi").json()["requestsPerDay"]
    assert used == {"actualCount": 1, "limit": 15_000}


def test_an_id_in_a_path_may_be_encoded_twice(client: httpx.Client) -> None:
    """As the platform client does."""
    document_id = "https://h/p?x=1&y=ü/permissions#part"
    client.put(DOCUMENTS, params={"documentId": document_id}, json={"data": ""})
    encoded = quote(quote(document_id, safe=""), safe="")
    path = f"{REST}/indexes/any/documents/{encoded}/permissions"
    assert client.get(path).json()["permissionLevels"] == []
    assert client.get(f"{path}/effective").json()["anonymousAllowed"] is True
