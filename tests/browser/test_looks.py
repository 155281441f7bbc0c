"""How the pages look: dark and light, wide and narrow. Pictures are kept in `build/screenshots`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from emulator.serving import RunningEmulator
from tests.browser.conftest import Browsers
from tests.browser.sights import SIGHTS

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "screenshots"
DOCUMENTED = sorted((ROOT / "docs" / "images").glob("emulator-*.png"))


def scheme_of(page: Page) -> str:
    """Return the colour scheme that a page was opened in."""
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    return "dark" if dark else "light"


def brightness(page: Page) -> float:
    """Return how bright the page's background is, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3


@pytest.mark.parametrize("name", SIGHTS)
def test_a_page_follows_the_colours_of_the_system(
    any_page: Page, emulator: RunningEmulator, name: str
) -> None:
    """And nothing of it is wider than the window."""
    any_page.goto(emulator.base_url + SIGHTS[name])
    scheme = scheme_of(any_page)
    assert (brightness(any_page) < 60) is (scheme == "dark")
    assert any_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    PICTURES.mkdir(parents=True, exist_ok=True)
    any_page.screenshot(path=PICTURES / f"{name}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("name", SIGHTS)
def test_a_page_fits_a_narrow_window(page: Page, emulator: RunningEmulator, name: str) -> None:
    """Tables scroll within themselves; the page does not."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(emulator.base_url + SIGHTS[name])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-narrow.png", full_page=True)


def test_a_page_asks_nobody_but_the_emulator(page: Page, emulator: RunningEmulator) -> None:
    """A demonstration in a train must look the same."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in SIGHTS.values():
        page.goto(emulator.base_url + address)
    assert len(asked) > len(SIGHTS)
    assert [url for url in asked if not url.startswith(f"{emulator.base_url}/")] == []


def test_a_script_that_got_into_a_page_would_not_run(
    browsers: Browsers, emulator: RunningEmulator
) -> None:
    """The content policy is the second wall, behind escaping."""
    with browsers("light").new_page() as page:
        page.goto(emulator.base_url)
        with page.expect_console_message(lambda told: "Content Security Policy" in told.text):
            page.evaluate(
                "document.body.append(Object.assign(document.createElement('script'),"
                "{textContent: 'window.broken = true'}))"
            )
        assert page.evaluate("window.broken === undefined")


@pytest.mark.parametrize("file", DOCUMENTED, ids=lambda file: file.name)
def test_a_picture_of_the_documentation_is_small(file: Path) -> None:
    """Whoever clones the project loads them all."""
    assert file.stat().st_size < 150_000
