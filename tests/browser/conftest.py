"""A browser in light and one in dark, and an emulator worth looking at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from emulator.clock import ManualClock
from emulator.serving import RunningEmulator
from tests.browser import scene
from tests.browser.chromium import MISSING, Scheme, program, started

Browsers = Callable[[Scheme], BrowserContext]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Give the driver; skip where there is no browser, and fail instead in CI."""
    if program() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browsers(playwright: Playwright) -> Iterator[Browsers]:
    """Give the browser of a colour scheme, started when the first test asks for it."""
    with ExitStack() as end:
        known: dict[Scheme, BrowserContext] = {}

        def browser(scheme: Scheme) -> BrowserContext:
            if scheme not in known:
                known[scheme] = end.enter_context(started(playwright, scheme))
            return known[scheme]

        yield browser


@pytest.fixture(scope="module")
def emulator() -> Iterator[RunningEmulator]:
    """Serve the scene; the tests of a module share it, so they only look."""
    clock = ManualClock(scene.START_MS)
    with RunningEmulator(scene.settings(), clock) as running:
        scene.fill(running.world, clock)
        scene.talk(running.base_url)
        yield running


@pytest.fixture
def page(browsers: Browsers) -> Iterator[Page]:
    """Open a tab in light colours that must neither complain nor ask anybody else."""
    yield from _tab(browsers("light"))


@pytest.fixture(params=["light", "dark"])
def any_page(browsers: Browsers, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open such a tab in each of both colour schemes."""
    yield from _tab(browsers(request.param))


def _tab(browser: BrowserContext) -> Iterator[Page]:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    # A page that answers 404 is told on the console, as it should be.
    assert [one for one in complaints if "404 (Not Found)" not in one] == []
