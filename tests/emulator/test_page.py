"""The page for people: what every address of it keeps to, and the overview."""

from __future__ import annotations

import re

import httpx
import pytest

from emulator.serving import RunningEmulator
from emulator.settings import Settings, SourceSpec
from emulator.web import parts
from emulator.web.markup import Markup
from emulator.web.pages.overview import overview_page
from emulator.web.view import Query
from emulator.world import World
from tests.emulator.driver import upsert
from tests.emulator.over_http import push_batch
from tests.emulator.pages import HOSTILE, page

PAGES = (
    "/",
    "/sources/open",
    "/sources/open/item?id=a://1",
    "/search",
    "/identities",
    "/identity?provider=Email+Security+Provider&kind=USER&name=dora%40example.com",
    "/log",
    "/requests",
    "/controls",
)


def some_items(client: httpx.Client) -> None:
    """Push an item to each source."""
    dora = {"identity": "dora@example.com", "identityType": "USER"}
    permissions = [{"allowedPermissions": [dora]}]
    push_batch(client, [upsert("a://1", title="Red shoe")])
    push_batch(client, [upsert("a://1", title="Hat", permissions=permissions)], "secured")


def overview(settings: Settings) -> Markup:
    """Return the first page of a fresh world."""
    return overview_page(World(settings), Query()).main


def test_the_first_page_lists_sources_and_counts(client: httpx.Client) -> None:
    """With a way into each."""
    push_batch(client, [upsert("a://1")])
    html = page(client, "/")
    assert '<a href="/sources/open">open</a></td><td class="number">1</td>' in html
    assert '<a href="/sources/secured">secured</a></td><td class="number">0</td>' in html


def test_a_source_is_called_by_its_title(client: httpx.Client, emulator: RunningEmulator) -> None:
    """Ids that the platform draws are letters without sense; they stand beside it."""
    emulator.world.put_source(SourceSpec("x7q4-org", type="CATALOG", title="Shop"))
    html = page(client, "/")
    assert '<a href="/sources/x7q4-org">Shop</a> <span class="dim">x7q4-org</span>' in html
    assert '<td class="word">catalog</td>' in html
    assert "<h1>Items of Shop</h1>" in page(client, "/sources/x7q4-org")


@pytest.mark.parametrize(
    ("used", "allowed", "word", "numbers"),
    [
        (7, None, "unlimited", "7 used, no limit"),
        (199, 250, "enough left", "199 of 250 used, 79 %"),
        (200, 250, "nearly used up", "200 of 250 used, 80 %"),
        (249, 250, "nearly used up", "249 of 250 used, 99 %"),
        (250, 250, "used up", "250 of 250 used, 100 %"),
        (0, 0, "used up", "0 of 0 used, 100 %"),
    ],
)
def test_a_quota_meter_says_its_state_in_words(
    used: int, allowed: int | None, word: str, numbers: str
) -> None:
    """Colour alone would leave out those who do not see it."""
    html = parts.meter("Requests", used, allowed)
    assert f"</span>{word}</span></div>" in html
    assert f"<p>{numbers}</p>" in html


def test_the_first_page_shows_how_much_of_the_quota_is_used(
    client: httpx.Client, emulator: RunningEmulator
) -> None:
    """By the five minutes, by the day, and items."""
    push_batch(client, [upsert("a://1"), upsert("a://2")])
    html = page(client, "/")
    assert html.count("<p>2 used, no limit</p>") == 3
    assert emulator.world.count_items() == 2


def test_the_first_page_says_how_to_begin() -> None:
    """An empty table would look like a fault."""
    html = overview(Settings())
    assert "There is no source." in html
    assert "Nothing was pushed yet." in html


def test_rejections_are_counted_by_reason_and_lead_to_the_log(client: httpx.Client) -> None:
    """A number that nobody can follow is of no use."""
    push_batch(client, [upsert("a://1")], "secured")
    assert '<a href="/log?reason=MISSING_PERMISSIONS">' in page(client, "/")


def test_the_first_page_lists_the_latest_operations_and_can_load_itself_again(
    client: httpx.Client,
) -> None:
    """Whoever watches a feed wants to see what came last, and to stop watching."""
    push_batch(client, [upsert("a://1"), upsert("a://2")])
    html = page(client, "/?refresh=2")
    assert '<meta http-equiv="refresh" content="2"/>' in html
    assert '<a href="/">Stop that</a>' in html
    assert html.index("a://2") < html.index("a://1")
    assert "http-equiv" not in page(client, "/?refresh=now")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_skip_link_a_heading_and_its_place(
    client: httpx.Client, path: str
) -> None:
    """Whoever has no mouse, or no sight, finds the way in each of them alike."""
    some_items(client)
    html = page(client, path)
    assert html.index('<a href="#main" class="skip">') < html.index("<header")
    assert html.count("<h1>") == 1
    assert html.count('aria-current="page"') >= 1
    assert '<main id="main"' in html


@pytest.mark.parametrize("path", PAGES)
def test_every_field_has_a_label(client: httpx.Client, path: str) -> None:
    """A field without a name cannot be filled by whoever does not see it."""
    some_items(client)
    html = page(client, path)
    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", html)
    for field in fields:
        named = re.search(r' id="([^"]*)"', field)
        assert 'type="hidden"' in field or (named and f'<label for="{named[1]}">' in html), field


@pytest.mark.parametrize("path", PAGES)
def test_no_page_allows_a_script_or_anything_from_elsewhere(
    client: httpx.Client, path: str
) -> None:
    """Whatever gets in must not run, and an emulator must work without a network."""
    some_items(client)
    reply = client.get(path)
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'")
    assert "script" not in policy
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://", reply.text)


@pytest.mark.parametrize("path", ["/app.css", "/icon.svg"])
def test_what_a_page_needs_is_served_beside_it(client: httpx.Client, path: str) -> None:
    """From the package itself, so that an installed emulator has it too."""
    reply = client.get(path)
    assert reply.status_code == 200
    assert f'"{path}"' in page(client, "/")


def test_everything_pushed_is_escaped(client: httpx.Client) -> None:
    """Pushed text is somebody else's."""
    document_id = "a://<b>&\"'"
    item = {"documentId": document_id, "data": HOSTILE, "title": HOSTILE, HOSTILE: HOSTILE}
    push_batch(client, [item])
    addresses = ("/sources/open", "/sources/open/item", "/search", "/log", "/requests", "/")
    for path in addresses:
        for asked in ({"id": document_id}, {"q": HOSTILE}, {"user": HOSTILE, "as": "user"}):
            reply = client.get(path, params=asked)
            assert "<script" not in reply.text
            assert "<b>&" not in reply.text


def test_an_address_that_makes_no_sense_still_shows_the_page(client: httpx.Client) -> None:
    """A person mistypes; the page is no API."""
    for query in ("page=x", "page=-1", "before=%C2%B2", "as=nobody", "kind=%00", "page=99999999"):
        for path in ("/sources/open", "/search", "/identities", "/log", "/requests"):
            page(client, f"{path}?{query}")


def test_a_source_item_or_identity_that_is_not_there_is_a_404_page(client: httpx.Client) -> None:
    """A page, since a person asked."""
    assert "There is no such source." in page(client, "/sources/none", 404)
    for path in ("/sources/open/item?id=a://1", "/identity?provider=CRM&kind=USER&name=nobody"):
        assert "Nothing is known about this." in page(client, path, 404)
