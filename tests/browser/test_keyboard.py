"""Everything by keyboard alone: no test of this file touches a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from emulator.serving import RunningEmulator
from tests.browser import scene
from tests.browser.sights import SIGHTS

pytestmark = pytest.mark.browser

STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
"""What a page's keyboard must reach."""
FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const stops = [...document.querySelectorAll(STOPS)].filter(it => it.checkVisibility());
  return {place: stops.indexOf(one), outline: parseFloat(style.outlineWidth),
          told: one.id || one.getAttribute('aria-label') || one.innerText, count: stops.length};
}""".replace("STOPS", f'"{STOPS}"')


def tab_to(page: Page, told: str) -> None:
    """Press Tab until the focus is on what is called so, or has this id."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUS)["told"].strip() == told:
            return
    raise AssertionError(f"Tab never reaches '{told}'")


def test_the_first_stop_leads_past_the_head(page: Page, emulator: RunningEmulator) -> None:
    """Whoever pages through lists need not pass the navigation each time."""
    page.goto(emulator.base_url)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["told"] == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("name", SIGHTS)
def test_tab_reaches_everything_in_the_order_of_the_page(
    page: Page, emulator: RunningEmulator, name: str
) -> None:
    """And whoever looks sees where the focus is."""
    page.goto(emulator.base_url + SIGHTS[name])
    found = []
    for _ in range(page.evaluate(FOCUS)["count"]):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["outline"] >= 2, focus
        found.append(focus["place"])
    assert found == list(range(len(found)))


def test_search_as_a_user_and_its_explanation_need_no_mouse(
    page: Page, emulator: RunningEmulator
) -> None:
    """From the first page to the step that denies an item."""
    page.goto(emulator.base_url)
    tab_to(page, "Search")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search")
    tab_to(page, "as")
    page.keyboard.type("this identity")
    tab_to(page, "user")
    page.keyboard.type(scene.MAX)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**user={scene.MAX.replace('@', '%40')}**")
    assert f"{scene.MAX} sees 9 of them." in page.inner_text("main")
    tab_to(page, "What stays hidden (2)")
    page.keyboard.press("Enter")
    page.wait_for_url("**show=hidden**")
    tab_to(page, "Each step for How complaints are handled")
    page.keyboard.press("Enter")
    page.wait_for_url("**#access")
    told = page.inner_text(".verdict")
    assert f"{scene.MAX} does not see this item" in told
    assert "level 1 (Exceptions), set 1 denies contractors" in told


def test_the_explanation_shows_each_step_of_a_denial(page: Page, emulator: RunningEmulator) -> None:
    """Level, set, identity, and the way to it; what was not asked is not dressed as an answer."""
    page.goto(emulator.base_url + SIGHTS["item"])
    first, second = page.locator(".steps > li").all()
    assert "Level 1: Exceptions" in first.inner_text()
    assert "denied" in first.inner_text()
    assert f"by {scene.MAX} → max → contractors" in first.inner_text()
    assert "not asked" in second.inner_text()


def test_a_fault_is_set_and_the_clock_moved_by_keyboard(page: Page) -> None:
    """On an emulator of its own, since this changes it."""
    with RunningEmulator(scene.settings()) as emulator:
        page.goto(f"{emulator.base_url}/controls")
        tab_to(page, "effect")
        page.keyboard.type("503")
        tab_to(page, "Add this fault")
        page.keyboard.press("Enter")
        page.wait_for_url("**done=fault**")
        assert "status 503" in page.inner_text("#faults")
        before = emulator.world.clock.now_ms()
        tab_to(page, "amount")
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type("2")
        page.keyboard.press("Enter")
        page.wait_for_url("**done=clock")
        assert emulator.world.clock.now_ms() >= before + 120_000
