"""What official clients were seen to send: all of it is understood, whoever is right."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import httpx
import pytest

from emulator.faults import Status
from emulator.serving import RunningEmulator
from tests.emulator.over_http import BASE, DOCUMENTS, export, upload

REST = "/rest/organizations/org"
JSON_TYPE = {"Content-Type": "application/json"}
CRM = f"{BASE}/providers/CRM"
STAFF = {"name": "staff", "type": "GROUP", "additionalInfo": {}}


def put_item(client: httpx.Client, query: str, body: dict[str, Any]) -> int:
    """Push a single item with a query as it is written."""
    return client.put(f"{DOCUMENTS}?{query}", json=body).status_code


def test_compression_comes_from_the_query_the_body_or_is_zlib(client: httpx.Client) -> None:
    """Java says it in the query alone, Python and Node in the body; a batch may not say it."""
    plain = base64.b64encode(b"text").decode()
    packed = base64.b64encode(zlib.compress(b"text")).decode()
    java = {"documentId": "a://1", "compressedBinaryData": plain, "uri": "a://1"}
    assert put_item(client, "documentId=a://1&compressionType=UNCOMPRESSED", java) == 202
    python = {**java, "compressedBinaryData": packed, "compressionType": "ZLIB"}
    assert put_item(client, "documentId=a://2", python) == 202
    silent = {**java, "compressedBinaryData": packed}
    assert put_item(client, "documentId=a://3", silent) == 202
    assert len(export(client)) == 3


def test_a_compression_type_beside_plain_data_does_not_matter(client: httpx.Client) -> None:
    """Java always sends one."""
    body = {"data": "plain", "permanentId": "p"}
    assert put_item(client, "documentId=a://1&compressionType=UNCOMPRESSED", body) == 202
    assert export(client)[0]["body"]["data"] == "plain"


def test_the_querys_document_id_wins(client: httpx.Client) -> None:
    """Node puts a file URL into the body for what is no URL."""
    body = {"documentId": "file:///work/a", "data": ""}
    assert put_item(client, "documentId=a://1", body) == 202
    assert [one["documentId"] for one in export(client)] == ["a://1"]


def test_queries_are_decoded_as_forms(client: httpx.Client) -> None:
    """A plus is a space, as it is encoded by Python and Node and meant by nobody in Java."""
    assert put_item(client, "documentId=a%3A%2F%2Fx%2By", {"data": ""}) == 202
    assert put_item(client, "documentId=a://x+y", {"data": ""}) == 202
    assert [one["documentId"] for one in export(client)] == ["a://x+y"]
    path = "/__admin/sources/open/items/one"
    (entry,) = client.get(path, params={"id": "a://x y"}).json()["history"]
    assert entry["reason"] == "INVALID_DOCUMENT_ID"


def test_an_id_that_is_not_encoded_is_cut(client: httpx.Client) -> None:
    """Java's habit: what follows an ampersand is another parameter."""
    assert put_item(client, "documentId=https://h/p?x=1&y=2", {"data": ""}) == 202
    assert [one["documentId"] for one in export(client)] == ["https://h/p?x=1"]


@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_calls_without_a_body_may_have_any_or_none(
    client: httpx.Client, content: bytes | None
) -> None:
    """Nothing from Python, an empty text from Java, an empty object from Node."""
    created = client.post(f"{BASE}/files", content=content, headers=JSON_TYPE)
    assert created.status_code == 201
    assert upload(client, created.json(), b"{}").status_code == 200
    query = {"fileId": created.json()["fileId"]}
    batch = client.put(f"{DOCUMENTS}/batch", params=query, content=content, headers=JSON_TYPE)
    assert batch.status_code == 202
    status = {"statusType": "rebuild"}
    path = f"{BASE}/sources/open/status"
    assert client.post(path, params=status, content=content, headers=JSON_TYPE).json() == {}


def test_the_newer_form_of_upload_addresses_may_be_asked_for(client: httpx.Client) -> None:
    """The address is opaque either way, and absolute."""
    created = client.post(f"{BASE}/files", params={"useVirtualHostedStyleUrl": "true"}).json()
    assert created["uploadUri"].startswith(str(client.base_url).rstrip("/"))


def test_uploads_need_the_two_headers_that_one_client_has_written_down(
    client: httpx.Client,
) -> None:
    """It does not look at `requiredHeaders`."""
    created = client.post(f"{BASE}/files").json()
    assert created["requiredHeaders"] == {
        "x-amz-server-side-encryption": "AES256",
        "Content-Type": "application/octet-stream",
    }


@pytest.mark.parametrize("batch", [{"addOrUpdate": [], "delete": []}, {}])
def test_an_empty_batch_is_accepted(client: httpx.Client, batch: dict[str, Any]) -> None:
    """Python and Node push it."""
    created = client.post(f"{BASE}/files").json()
    upload(client, created, json.dumps(batch).encode())
    query = {"fileId": created["fileId"]}
    assert client.put(f"{DOCUMENTS}/batch", params=query).status_code == 202
    assert client.get("/__admin/counters").json()["items"]["rejected"] == 0


def test_escaped_equals_signs_are_understood(client: httpx.Client) -> None:
    """Java's encoder writes them so."""
    created = client.post(f"{BASE}/files").json()
    text = rb'{"addOrUpdate":[{"documentId":"https://h/p?x\u003d1","data":""}],"delete":[]}'
    upload(client, created, text)
    client.put(f"{DOCUMENTS}/batch", params={"fileId": created["fileId"]})
    assert [one["documentId"] for one in export(client)] == ["https://h/p?x=1"]


def test_delete_children_is_always_said(client: httpx.Client) -> None:
    """True or false, in lower case."""
    for value in ("true", "false"):
        query = {"documentId": "a://1", "deleteChildren": value}
        assert client.delete(DOCUMENTS, params=query, headers=JSON_TYPE).status_code == 202


def test_every_identity_call_is_answered_in_json(client: httpx.Client) -> None:
    """Node parses every answer but a 204; an empty one would throw."""
    created = client.post(f"{BASE}/files").json()
    upload(client, created, json.dumps({"deleted": [STAFF]}).encode())
    batch = {"fileId": created["fileId"], "orderingId": "1506615600000"}
    alias = {"identity": STAFF, "mappings": [], "wellKnowns": []}
    replies = [
        client.put(f"{CRM}/permissions", json={"identity": STAFF, "members": []}),
        client.put(f"{CRM}/mappings", json=alias),
        client.request("DELETE", f"{CRM}/permissions", json={"identity": STAFF}),
        client.put(f"{CRM}/permissions/batch", params=batch, headers=JSON_TYPE),
        client.delete(f"{CRM}/permissions/olderthan", params={"orderingId": 1}, headers=JSON_TYPE),
    ]
    assert [(one.status_code, one.json()) for one in replies] == [(202, {})] * 5


def test_the_way_to_missing_fields_is_served(client: httpx.Client) -> None:
    """Node asks for two privileges, lists the fields and creates those that are not there."""
    for right in ("VIEW", "CREATE"):
        privilege = {"type": right, "targetDomain": "FIELD", "targetId": "*", "owner": "PLATFORM"}
        body = {"organizationId": "org", "requestedPrivilege": privilege}
        assert client.post("/rest/privilege/evaluate", json=body).json()["approved"] is True
    params = {"page": 0, "perPage": 1000}
    page = client.get(f"{REST}/indexes/page/fields", params=params).json()
    assert page["totalPages"] == 1
    fields = [{"name": "price", "type": "DOUBLE"}]
    assert client.post(f"{REST}/indexes/fields/batch/create", json=fields).status_code == 204


def test_a_browsers_header_is_ignored(client: httpx.Client) -> None:
    """Node sends one."""
    headers = {"sec-fetch-mode": "cors"}
    assert client.post(f"{BASE}/files", headers=headers).status_code == 201


@pytest.mark.parametrize("status", [429, 500, 504])
def test_errors_are_json_whatever_their_status(
    client: httpx.Client, emulator: RunningEmulator, status: int
) -> None:
    """Otherwise a client loses status and message."""
    emulator.world.add_fault(Status(status, "SOME_CODE", "Some message.", 1))
    reply = client.post(f"{BASE}/files")
    assert (reply.status_code, reply.json()) == (
        status,
        {"errorCode": "SOME_CODE", "message": "Some message."},
    )
