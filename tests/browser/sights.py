"""The pages worth looking at; `python -m tests.browser.sights docs/images` takes pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import FloatRect, Page, sync_playwright

from emulator.clock import ManualClock
from emulator.serving import RunningEmulator
from tests.browser import scene
from tests.browser.chromium import started

ITEM = f"/sources/{scene.ARTICLES}/item?"
SIGHTS = {
    "overview": "/",
    "items": f"/sources/{scene.ARTICLES}",
    "item": ITEM + urlencode({"id": scene.SECRET, "as": "user", "user": scene.MAX}),
    "item-outline": ITEM + urlencode({"id": scene.SECRET}),
    "rejected": ITEM + urlencode({"id": "kb://articles/10"}),
    "search": "/search?" + urlencode({"as": "user", "user": scene.MAX, "show": "hidden"}),
    "found": "/search?" + urlencode({"q": "customers", "as": "user", "user": scene.DORA}),
    "identities": "/identities",
    "identity": "/identity?" + urlencode({"provider": "CRM", "kind": "GROUP", "name": "support"}),
    "log": "/log",
    "identity-log": "/log?of=identities",
    "requests": "/requests",
    "controls": "/controls",
    "missing": "/sources/nowhere",
}
"""Addresses by the name of their picture."""
_DOCUMENTED = {"overview": (0, 980), "item": (385, 850), "search": (0, 720), "identity": (0, 760)}
"""Pictures of the documentation: which pixel of the page they begin at, and how many they show."""


def picture(page: Page, file: Path, top: int, height: int) -> None:
    """Take a picture of a part of a page."""
    width = page.evaluate("document.documentElement.clientWidth")
    clip: FloatRect = {"x": 0, "y": top, "width": width, "height": height}
    page.screenshot(path=file, full_page=True, clip=clip)


def main(folder: Path) -> None:
    """Take the documentation's pictures."""
    clock = ManualClock(scene.START_MS)
    with (
        RunningEmulator(scene.settings(), clock) as emulator,
        sync_playwright() as playwright,
        started(playwright, "light") as browser,
    ):
        scene.fill(emulator.world, clock)
        scene.talk(emulator.base_url)
        page = browser.new_page()
        for name, (top, height) in _DOCUMENTED.items():
            page.goto(emulator.base_url + SIGHTS[name])
            picture(page, folder / f"emulator-{name}.png", top, height)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
