"""What axe-core finds: labels, contrast, roles, order of headings."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

from emulator.serving import RunningEmulator
from tests.browser.sights import SIGHTS

pytestmark = pytest.mark.browser

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@pytest.mark.parametrize("name", SIGHTS)
def test_a_page_breaks_no_rule_of_accessibility(
    any_page: Page, emulator: RunningEmulator, name: str
) -> None:
    """In both colour schemes: contrast is computed from what is really painted."""
    any_page.goto(emulator.base_url + SIGHTS[name])
    found = Axe().run(any_page, options={"runOnly": list(RULES)})
    broken = [
        (one["id"], node["target"], node["failureSummary"])
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
    assert broken == []
    checked = {one["id"] for one in found.response["passes"]}
    assert {"color-contrast", "document-title", "bypass"} <= checked
