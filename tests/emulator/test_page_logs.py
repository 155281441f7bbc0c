"""The page's logs: operations, identities, requests."""

from __future__ import annotations

import re

import httpx
import pytest

from emulator.calls import Endpoint
from emulator.insight.logs import Span, Wanted, operations
from emulator.web.pages.operations import log_page
from emulator.web.view import Query
from tests.emulator.directory import Identities, group
from tests.emulator.driver import Driver, upsert
from tests.emulator.over_http import BASE, push_batch
from tests.emulator.pages import page, text_of


def log_text(driver: Driver, **asked: str) -> str:
    """Return the words of the page of operations."""
    return text_of(log_page(driver.world, Query(asked)).main)


@pytest.fixture
def busy(driver: Driver) -> Driver:
    """Three items pushed, one refused, one deleted."""
    driver.push("a://red")
    driver.push("a://green")
    driver.push("a://blue")
    driver.source = "secured"
    driver.push("b://red")
    driver.source = "open"
    driver.delete("a://blue")
    driver.world.turn()
    return driver


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), ["a://blue", "b://red", "a://blue", "a://green", "a://red"]),
        (Wanted(target="secured"), ["b://red"]),
        (Wanted(operation="DELETE"), ["a://blue"]),
        (Wanted(result="FAILED"), ["b://red"]),
        (Wanted(result="ERROR"), ["b://red"]),
        (Wanted(reason="MISSING_PERMISSIONS"), ["b://red"]),
        (Wanted(text="red"), ["b://red", "a://red"]),
        (Wanted(target="open", text="red"), ["a://red"]),
        (Wanted(target="none"), []),
    ],
)
def test_operations_are_found_by_any_filter_newest_first(
    busy: Driver, wanted: Wanted, ids: list[str]
) -> None:
    """Filters narrow each other."""
    found = operations(busy.world, wanted, Span())
    assert [one.document_id for one in found.entries] == ids
    assert found.matching == len(ids)


def test_a_part_of_the_log_continues_where_the_last_one_ended(driver: Driver) -> None:
    """New entries in between move nothing."""
    for number in range(5):
        driver.push(f"a://{number}")
    first = operations(driver.world, Wanted(), Span(limit=2))
    driver.push("a://new")
    second = operations(driver.world, Wanted(), Span(first.entries[-1].number, 2))
    assert [one.document_id for one in first.entries] == ["a://4", "a://3"]
    assert [one.document_id for one in second.entries] == ["a://2", "a://1"]
    assert (first.older, second.older) == (3, 1)


def test_the_log_says_what_became_of_an_operation(busy: Driver) -> None:
    """And how long it took, and which request it came with."""
    shown = log_text(busy, result="FAILED")
    assert "1 operation found" in shown
    assert "ADD ✕ ERROR b://red secured MISSING_PERMISSIONS : a secured source needs" in shown


def test_identity_operations_have_a_log_of_their_own(driver: Driver) -> None:
    """With the same filters; a name leads to the identity."""
    crm = Identities(driver)
    crm.put(group("staff"), [])
    crm.disable(group("nobody"))
    markup = log_page(driver.world, Query({"of": "identities"})).main
    assert "PUT_MEMBERS ✓ COMPLETED staff CRM" in text_of(markup)
    assert "/identity?provider=CRM&amp;kind=GROUP&amp;name=staff" in markup
    assert "1 operation found" in log_text(driver, of="identities", reason="UNKNOWN_IDENTITY")


def test_the_log_is_paged_by_fifty(client: httpx.Client) -> None:
    """Through links that keep the filters."""
    push_batch(client, [upsert(f"a://{number:03}") for number in range(120)])
    first = page(client, "/log?operation=ADD")
    older = re.search(r'href="(/log[^"]*)" rel="next"', first)
    assert older is not None
    second = page(client, older[1].replace("&amp;", "&"))
    assert "a://120" not in second
    assert ">a://069</a>" in second
    assert ">a://070</a>" not in second
    assert "operation=ADD" in older[1]


def test_requests_are_found_by_endpoint_status_and_path(client: httpx.Client) -> None:
    """Refusals are what one looks for."""
    push_batch(client, [upsert("a://1")])
    client.put(f"{BASE}/sources/open/documents", json={"data": ""})
    assert "4 requests found" in page(client, "/requests")
    for query in ("endpoint=push_item", "status=4xx", "status=412", "path=open%2Fdocuments"):
        shown = page(client, f"/requests?{query}")
        assert '<td class="word">push_item</td>' in shown
        assert "create_file</td>" not in shown


def test_a_request_without_an_answer_is_told(client: httpx.Client) -> None:
    """A dropped connection has no status."""
    client.post("/__admin/faults", json={"effect": {"type": "drop"}})
    with pytest.raises(httpx.TransportError):
        client.post(f"{BASE}/files")
    assert "no answer</span>" in page(client, "/requests?status=none")


def test_a_fault_stands_beside_the_request_that_it_struck(client: httpx.Client) -> None:
    """Otherwise a 503 looks like the emulator's own."""
    rule = {
        "match": {"endpoint": Endpoint.CREATE_FILE},
        "effect": {"type": "status", "status": 503},
    }
    client.post("/__admin/faults", json=rule)
    client.post(f"{BASE}/files")
    shown = page(client, "/requests?status=5xx")
    assert "503</span>" in shown
    assert "status</span></td>" in shown


def test_the_requests_page_keeps_no_key_and_no_signature(client: httpx.Client) -> None:
    """Screenshots get into tickets."""
    push_batch(client, [upsert("a://1")])
    shown = page(client, "/requests")
    assert "some-key" not in shown
    assert "Signature" not in shown


def test_looking_at_pages_is_not_logged(client: httpx.Client) -> None:
    """It is not part of what the client under test does."""
    for path in ("/", "/log", "/app.css", "/search"):
        client.get(path)
    assert "No request matches." in page(client, "/requests")
