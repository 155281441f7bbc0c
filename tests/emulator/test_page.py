"""The page for people."""

from __future__ import annotations

import httpx

from tests.emulator.driver import upsert
from tests.emulator.over_http import push_batch

HOSTILE = "<script>alert('x')</script>\"&"


def page(client: httpx.Client, path: str, status: int = 200) -> str:
    """Return a page's HTML."""
    reply = client.get(path)
    assert reply.status_code == status
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    return reply.text


def test_the_first_page_lists_sources_and_counts(client: httpx.Client) -> None:
    """With a way into each."""
    push_batch(client, [upsert("a://1")])
    html = page(client, "/")
    assert '<a href="/sources/open">open</a></td><td>1</td>' in html
    assert '<a href="/sources/secured">secured</a></td><td>0</td>' in html


def test_items_are_listed_fifty_at_a_time(client: httpx.Client) -> None:
    """With ways to the pages around."""
    push_batch(client, [upsert(f"a://{n:03}") for n in range(120)])
    html = page(client, "/sources/open?page=2")
    assert "120 items, page 2 of 3" in html
    assert "a://049" not in html
    assert "a://050" in html
    assert 'rel="next"' in html
    assert 'rel="prev"' in html


def test_items_are_filtered_by_id_or_title(client: httpx.Client) -> None:
    """The filter stays in its field and in the links."""
    push_batch(client, [upsert("a://1", title="Red shoe"), upsert("a://2", title="Blue hat")])
    html = page(client, "/sources/open?q=red")
    assert "1 items, page 1 of 1" in html
    assert "Blue hat" not in html
    assert 'value="red"' in html


def test_an_item_shows_fields_permissions_and_body(client: httpx.Client) -> None:
    """What was sent, readable."""
    identity = {"identity": "dora@example.com", "identityType": "USER"}
    permissions = [{"allowedPermissions": [identity]}]
    push_batch(client, [upsert("a://1", size=3, permissions=permissions)], "secured")
    html = page(client, "/sources/secured/item?id=a://1")
    assert "<td>size</td><td>3</td>" in html
    assert "dora@example.com (USER)" in html
    assert '<pre tabindex="0">text</pre>' in html


def test_a_rejected_operation_says_why(client: httpx.Client) -> None:
    """Also for an item that never made it into the index."""
    push_batch(client, [upsert("a://1")], "secured")
    html = page(client, "/sources/secured/item?id=a://1")
    assert "This item is not in the index." in html
    assert '<span class="bad">ERROR</span>' in html
    assert "MISSING_PERMISSIONS: a secured source needs permissions on every item" in html


def test_everything_pushed_is_escaped(client: httpx.Client) -> None:
    """Pushed text is somebody else's."""
    document_id = "a://<b>&\"'"
    item = {"documentId": document_id, "data": HOSTILE, "title": HOSTILE, HOSTILE: HOSTILE}
    push_batch(client, [item])
    for path in ("/sources/open", "/sources/open/item"):
        reply = client.get(path, params={"id": document_id, "q": ""})
        assert reply.status_code == 200
        assert "<script" not in reply.text
        assert "<b>" not in reply.text
    assert "<script" not in client.get("/sources/open", params={"q": HOSTILE}).text


def test_pages_forbid_all_but_their_own_style(client: httpx.Client) -> None:
    """No script and no foreign address, whatever gets in."""
    policy = client.get("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy


def test_pages_are_dark_and_light_and_reachable_by_keyboard(client: httpx.Client) -> None:
    """Colours follow the system; a link leads past the head of the page."""
    html = page(client, "/sources/open")
    assert "prefers-color-scheme: dark" in html
    assert '<a class="skip" href="#main">' in html
    assert '<label for="q">' in html
    assert 'scope="col"' in html


def test_a_source_or_item_that_is_not_there_is_a_404_page(client: httpx.Client) -> None:
    """A page, since a person asked."""
    assert "There is no such source." in page(client, "/sources/none", 404)
    assert "Nothing is known" in page(client, "/sources/open/item?id=a://1", 404)


def test_a_long_body_is_cut_and_says_so(client: httpx.Client) -> None:
    """A page must not carry megabytes."""
    push_batch(client, [{"documentId": "a://1", "data": "x" * 10_000}])
    html = page(client, "/sources/open/item?id=a://1")
    assert "data, 10000 characters, the first 4000 of them" in html
    assert "x" * 4_001 not in html


def test_the_first_page_lists_the_latest_operations_and_can_load_itself_again(
    client: httpx.Client,
) -> None:
    """Whoever watches a feed wants to see what came last, without pressing a key."""
    push_batch(client, [upsert("a://1"), upsert("a://2")])
    html = page(client, "/?refresh=2")
    assert '<meta http-equiv="refresh" content="2">' in html
    assert html.index("a://2") < html.index("a://1")
    assert "http-equiv" not in page(client, "/?refresh=now")
