"""Looking into the emulator and steering it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from emulator.serving import RunningEmulator
from tests.emulator.driver import START_MS, upsert
from tests.emulator.over_http import BASE, DOCUMENTS, export, push_batch


def get(client: httpx.Client, path: str, **query: Any) -> Any:
    """Read an admin resource."""
    reply = client.get(f"/__admin/{path}", params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_sources_are_listed_with_their_counts(client: httpx.Client) -> None:
    """The first thing to look at."""
    push_batch(client, [upsert("a://1"), upsert("a://2")])
    sources = get(client, "sources")["sources"]
    assert [(one["name"], one["visibility"], one["items"]) for one in sources] == [
        ("open", "SHARED", 2),
        ("secured", "SECURED", 0),
    ]


def test_a_source_can_be_created_and_changed(client: httpx.Client) -> None:
    """What is in it stays when it is changed."""
    reply = client.post("/__admin/sources", json={"name": "new", "visibility": "private"})
    assert (reply.status_code, reply.json()["visibility"]) == (201, "PRIVATE")
    push_batch(client, [upsert("a://1")], "new")
    client.post("/__admin/sources", json={"name": "new", "pushEnabled": False})
    assert push_batch(client, [], "new").status_code == 403
    assert len(export(client, "new")) == 1


@pytest.mark.parametrize(
    "body",
    [[], {}, {"name": ""}, {"name": "x", "visibility": "OPEN"}, {"name": "x", "pushEnabled": 1}],
)
def test_a_source_that_cannot_be_understood_is_refused(client: httpx.Client, body: object) -> None:
    """With a 400 that says why."""
    reply = client.post("/__admin/sources", json=body)
    assert (reply.status_code, reply.json()["errorCode"]) == (400, "INVALID_ADMIN_REQUEST")


def test_items_are_paged_in_order_of_id(client: httpx.Client) -> None:
    """Pages do not overlap."""
    push_batch(client, [upsert(f"a://{n}") for n in (3, 1, 2, 4)])
    page = get(client, "sources/open/items", offset=1, limit=2)
    assert page["total"] == 4
    assert [one["documentId"] for one in page["items"]] == ["a://2", "a://3"]


def test_items_are_found_by_prefix_of_the_id(client: httpx.Client) -> None:
    """Case counts in ids."""
    push_batch(client, [upsert("a://x/1"), upsert("a://x/2"), upsert("a://X/3"), upsert("b://x/")])
    page = get(client, "sources/open/items", prefix="a://x/")
    assert [one["documentId"] for one in page["items"]] == ["a://x/1", "a://x/2"]


def test_items_are_found_by_text_in_id_or_title(client: httpx.Client) -> None:
    """In any case."""
    push_batch(client, [upsert("a://1", title="Red Shoe"), upsert("a://red"), upsert("a://3")])
    page = get(client, "sources/open/items", q="RED")
    assert [one["documentId"] for one in page["items"]] == ["a://1", "a://red"]


def test_one_item_shows_body_permissions_and_history(client: httpx.Client) -> None:
    """All that is known."""
    permissions = [{"allowAnonymous": True}]
    push_batch(client, [upsert("a://1", permissions=permissions)], "secured")
    found = get(client, "sources/secured/items/one", id="a://1")
    assert found["indexed"] is True
    assert found["item"]["body"]["permissions"] == permissions
    assert found["item"]["permissions"][0]["permissionSets"][0]["allowAnonymous"] is True
    assert [one["result"] for one in found["history"]] == ["COMPLETED"]


def test_a_rejected_item_has_a_history_without_being_indexed(client: httpx.Client) -> None:
    """That is how a rejection is found."""
    push_batch(client, [upsert("a://1")], "secured")
    found = get(client, "sources/secured/items/one", id="a://1")
    assert (found["indexed"], found["item"]) == (False, None)
    assert found["history"][0]["reason"] == "MISSING_PERMISSIONS"


@pytest.mark.parametrize(
    "path", ["sources/open/items/one?id=a://1", "sources/no/items", "sources/no/export"]
)
def test_what_is_not_there_is_a_404(client: httpx.Client, path: str) -> None:
    """In JSON, like every error."""
    reply = client.get(f"/__admin/{path}")
    assert (reply.status_code, reply.json()["errorCode"]) == (404, "NOT_FOUND")


def test_the_export_holds_every_item_once_in_order(client: httpx.Client) -> None:
    """More than one page of it, and nothing is cut at the edges."""
    push_batch(client, [upsert(f"a://{n:05}") for n in range(1_201)])
    ids = [line["documentId"] for line in export(client)]
    assert ids == [f"a://{n:05}" for n in range(1_201)]


def test_the_export_of_an_empty_source_is_empty(client: httpx.Client) -> None:
    """And no error."""
    assert export(client) == []


def test_requests_are_logged_without_token_and_signature(client: httpx.Client) -> None:
    """Logs get copied into tickets."""
    push_batch(client, [])
    reply = client.get("/__admin/requests")
    assert [(one["endpoint"], one["status"]) for one in reply.json()["requests"]] == [
        ("create_file", 201),
        ("upload_file", 200),
        ("push_batch", 202),
    ]
    assert "some-key" not in reply.text
    assert "Signature" not in reply.text


def test_the_request_log_names_size_and_file(client: httpx.Client) -> None:
    """So that a batch's three requests can be found together."""
    push_batch(client, [])
    _, upload, batch = get(client, "requests")["requests"]
    assert upload["size"] == len('{"addOrUpdate": [], "delete": []}')
    assert upload["fileId"] == batch["fileId"] is not None
    assert batch["path"] == f"{DOCUMENTS}/batch"


def test_the_request_log_continues_behind_a_number(client: httpx.Client) -> None:
    """A reader asks only for what is new."""
    for _ in range(3):
        client.post(f"{BASE}/files")
    assert [one["number"] for one in get(client, "requests", after=1)["requests"]] == [2, 3]
    assert [one["number"] for one in get(client, "requests", limit=1)["requests"]] == [1]


def test_admin_calls_are_not_in_the_request_log(client: httpx.Client) -> None:
    """They are not part of what the client under test does."""
    get(client, "counters")
    assert get(client, "requests") == {"requests": []}


def test_counters_tell_requests_by_endpoint_and_status(client: httpx.Client) -> None:
    """Refusals included."""
    push_batch(client, [])
    client.put(DOCUMENTS, json={"data": ""})
    assert get(client, "counters")["requests"] == {
        "create_file": {"201": 1},
        "push_batch": {"202": 1},
        "push_item": {"412": 1},
        "upload_file": {"200": 1},
    }


def test_the_log_can_show_failures_only(client: httpx.Client) -> None:
    """Of one source."""
    push_batch(client, [upsert("a://1"), upsert("bad")])
    push_batch(client, [upsert("worse")], "secured")
    entries = get(client, "log", failed="true", source="open")["entries"]
    assert [one["documentId"] for one in entries] == ["bad"]


def test_the_clock_moves_by_admin_call(client: httpx.Client, emulator: RunningEmulator) -> None:
    """Never back, and not so far that the daily refreshes on the way would take for ever."""
    before = emulator.world.clock.now_ms()
    reply = client.post("/__admin/clock", json={"advance_seconds": 1.5})
    assert reply.json()["nowMs"] == before + 1_500 >= START_MS
    for seconds in (-1, 86_400_001):
        refused = client.post("/__admin/clock", json={"advance_seconds": seconds})
        assert refused.status_code == 400


def test_a_reset_empties_everything(client: httpx.Client) -> None:
    """The next test starts from nothing."""
    push_batch(client, [upsert("a://1")])
    assert client.post("/__admin/reset").status_code == 200
    assert export(client) == []
    assert get(client, "counters")["requests"] == {}


@pytest.mark.parametrize("query", ["offset=-1", "limit=x", "offset=1e3"])
def test_a_number_must_be_a_number(client: httpx.Client, query: str) -> None:
    """Silently taking the default would show the wrong page."""
    assert client.get(f"/__admin/sources/open/items?{query}").status_code == 400


def test_a_body_that_is_not_json_is_refused(client: httpx.Client) -> None:
    """Not a 500."""
    assert client.post("/__admin/clock", content=b"{").status_code == 400
