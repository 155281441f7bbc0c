"""The page's lists of items, and one item."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode

import httpx

from tests.emulator.driver import upsert
from tests.emulator.over_http import push_batch
from tests.emulator.pages import page


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
    assert "1 item, page 1 of 1" in html
    assert "Blue hat" not in html
    assert 'value="red"' in html


def test_an_empty_list_says_what_would_fill_it(client: httpx.Client) -> None:
    """A filter that finds nothing and a source without items are two things."""
    assert "This source has no items yet." in page(client, "/sources/open")
    assert "No item has &#x27;red&#x27; in its id or title." in page(client, "/sources/open?q=red")


def test_an_item_shows_fields_permissions_and_body(client: httpx.Client) -> None:
    """What was sent, readable."""
    identity = {"identity": "dora@example.com", "identityType": "USER"}
    permissions = [{"allowedPermissions": [identity]}]
    push_batch(client, [upsert("a://1", size=3, permissions=permissions)], "secured")
    html = page(client, "/sources/secured/item?id=a://1")
    assert '<td class="id">size</td><td class="wide">3</td>' in html
    assert 'dora@example.com</a><span class="dim"> user</span>' in html
    assert ">text</pre>" in html


def test_compressed_content_is_shown_as_search_reads_it(client: httpx.Client) -> None:
    """Base64 tells nobody what is in an item."""
    packed = b64encode(gzip.compress(b"<p>Readable &amp; found</p>")).decode()
    item = {"documentId": "a://1", "compressedBinaryData": packed, "compressionType": "GZIP"}
    push_batch(client, [item])
    html = page(client, "/sources/open/item?id=a://1")
    assert ">Readable &amp; found</pre>" in html


def test_a_rejected_operation_says_why(client: httpx.Client) -> None:
    """Also for an item that never made it into the index."""
    push_batch(client, [upsert("a://1")], "secured")
    html = page(client, "/sources/secured/item?id=a://1")
    assert "This item is not in the index." in html
    assert "ERROR</span>" in html
    assert "<strong>MISSING_PERMISSIONS</strong>: a secured source needs" in html


def test_a_deleted_item_says_what_guards_its_id(client: httpx.Client) -> None:
    """A push that comes too late is refused because of it."""
    push_batch(client, [upsert("a://1")])
    path = "/push/v1/organizations/org/sources/open/documents"
    assert client.delete(path, params={"documentId": "a://1"}).status_code == 202
    html = page(client, "/sources/open/item?id=a://1")
    assert "It was deleted with ordering id" in html


def test_a_long_body_or_field_is_cut_and_says_so(client: httpx.Client) -> None:
    """A page must not carry megabytes."""
    item = {"documentId": "a://1", "data": "x" * 10_000, "note": ["y" * 5_000]}
    push_batch(client, [item])
    html = page(client, "/sources/open/item?id=a://1")
    assert "data, 10000 characters, the first 4000 of them" in html
    assert "x" * 4_001 not in html
    assert f"({len(json.dumps(item['note'], separators=(',', ':')))} characters)" in html
    assert "y" * 1_001 not in html
