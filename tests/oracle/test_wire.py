"""What each client was seen to send; the emulator's leniency rests on these facts."""

from __future__ import annotations

import json

import pytest

from tests.contract.coveo.services import KEY, SECURED
from tests.oracle.client import Client
from tests.oracle.flows import Run
from tests.oracle.recording import Seen

pytestmark = pytest.mark.oracle

AGENTS = {Client.PYTHON: "CoveoSDKPython/1.1.2", Client.JAVASCRIPT: "CoveoSDKNodeJS/4.0.1"}


def item(run: Run) -> Seen:
    """Return the push of the secured item."""
    (found,) = run.requests("PUT", f"sources/{SECURED}/documents")
    return found


def upload(run: Run) -> Seen:
    """Return the upload of the batch of items."""
    found = [one for one in run.seen if one.path.startswith("/_s3/") and b"packed" in one.body]
    assert len(found) == 1
    return found[0]


def test_an_items_id_is_repeated_in_its_body(run: Run) -> None:
    """The query has it, too."""
    assert item(run).query == {"documentId": "https://kb/one"}
    assert json.loads(item(run).body)["documentId"] == "https://kb/one"


def test_items_name_their_client_and_a_json_body(run: Run) -> None:
    """Identity, field and source calls of JavaScript say nothing but `node`."""
    headers = item(run).headers
    assert headers["user-agent"] == AGENTS[run.client]
    assert headers["content-type"] == headers["accept"] == "application/json"
    assert headers["authorization"] == f"Bearer {KEY}"


def test_calls_of_the_platform_client_are_nodes(javascript: Run) -> None:
    """The version is told by item calls only."""
    for ending in ("/permissions", "/indexes/page/fields", "/sources/open"):
        method = "PUT" if ending == "/permissions" else "GET"
        assert {one.headers["user-agent"] for one in javascript.requests(method, ending)} == {
            "node"
        }


def test_an_upload_has_the_required_headers_and_no_key(run: Run) -> None:
    """A key must not go to a storage host."""
    headers = upload(run).headers
    assert headers["x-amz-server-side-encryption"] == "AES256"
    assert headers["content-type"] == "application/octet-stream"
    assert "authorization" not in headers
    agent = {Client.PYTHON: "python-requests/", Client.JAVASCRIPT: "node"}[run.client]
    assert headers["user-agent"].startswith(agent)


def test_compression_is_said_in_the_items_body(run: Run) -> None:
    """Java alone says it in the query."""
    packed = json.loads(upload(run).body)["addOrUpdate"][0]
    assert packed["compressionType"] == "ZLIB"
    assert all("compressionType" not in one.query for one in run.seen)


def test_a_batch_says_of_each_delete_whether_children_go(run: Run) -> None:
    """Always, whichever it is; so does the single call."""
    (gone,) = json.loads(upload(run).body)["delete"]
    assert gone == {"documentId": "https://kb/old", "deleteChildren": False}
    (single,) = run.requests("DELETE", "/documents")
    assert single.query == {"documentId": "https://kb/gone", "deleteChildren": "true"}


def test_calls_without_content_have_an_empty_body_or_an_empty_object(run: Run) -> None:
    """Both say that it is JSON."""
    calls = [*run.requests("POST", "/files"), *run.requests("PUT", "/documents/batch")]
    nothing = {Client.PYTHON: b"", Client.JAVASCRIPT: b"{}"}[run.client]
    assert {one.body for one in calls} == {nothing}
    assert {one.headers["content-length"] for one in calls} == {str(len(nothing))}
    assert {one.headers["content-type"] for one in calls} == {"application/json"}


def test_a_delete_of_javascript_has_neither_body_nor_length(javascript: Run) -> None:
    """Python sends a length of zero."""
    (gone,) = javascript.requests("DELETE", "/documents")
    assert "content-length" not in gone.headers
    assert gone.headers["content-type"] == "application/json"


def test_an_identity_is_deleted_by_a_body(run: Run) -> None:
    """A DELETE with a JSON body."""
    (gone,) = run.requests("DELETE", "/permissions")
    identity = {"name": "left", "type": "GROUP", "additionalInfo": {}}
    assert json.loads(gone.body) == {"identity": identity}


def test_permanent_ids_and_types_are_spelt_in_two_ways(run: Run) -> None:
    """Keys of items are compared without case, and so are types of identities."""
    body = json.loads(item(run).body)
    key, kind = {
        Client.PYTHON: ("permanentId", "GROUP"),
        Client.JAVASCRIPT: ("permanentid", "Group"),
    }[run.client]
    assert key in body
    (allowed,) = body["permissions"][0]["allowedPermissions"]
    assert allowed["identityType"] == kind
    assert body["permissions"][0]["deniedPermissions"] == []


def test_python_always_sends_a_permission_set_and_javascript_only_if_asked(run: Run) -> None:
    """A set that says anonymous users may see the item."""
    plain = json.loads(upload(run).body)["addOrUpdate"][1]
    everybody = {"allowedPermissions": [], "deniedPermissions": [], "allowAnonymous": True}
    expected = {Client.PYTHON: [everybody], Client.JAVASCRIPT: None}[run.client]
    assert plain.get("permissions") == expected


def test_javascript_asks_the_platform_five_times_or_more_before_a_push(javascript: Run) -> None:
    """Privilege, fields, three more privileges, and the field that was missing."""
    at = javascript.seen.index(item(javascript))
    before = [one.path.rsplit("/", 1)[-1] for one in javascript.seen[at - 6 : at]]
    assert before == ["evaluate", "fields", "evaluate", "evaluate", "evaluate", "create"]


def test_javascript_leaves_the_container_of_an_open_stream_unfilled(javascript: Run) -> None:
    """It asks for a chunk at once."""
    paths = [one.path for one in javascript.seen]
    opened = next(at for at, path in enumerate(paths) if path.endswith("/stream/open"))
    assert paths[opened + 1].endswith("/chunk")
    assert paths[opened + 2].startswith("/_s3/")
    assert paths[opened + 3].endswith("/close")
