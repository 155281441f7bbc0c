"""The documents as text, headings, links and tables."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from tests.architecture.tree import ROOT

FENCE = re.compile(r"^(```+)[^\n]*\n(.*?)^\1", re.MULTILINE | re.DOTALL)


@cache
def pages() -> dict[str, str]:
    """Return every committed page by its path, in a fixed order."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "schemas/README.md"]
    found += [*(ROOT / "demo").glob("*/*.md"), *(ROOT / "tests").glob("*/README.md")]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(found)}


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCE.sub("", text)


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as web renderers make them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def links(text: str) -> list[str]:
    """Return the targets of a page's links that stay inside the project."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(text))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def section(page: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    match = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", pages()[page], re.MULTILINE | re.DOTALL
    )
    assert match, f"{page} has no section '{heading}'"
    return match[1]


def first_column(text: str) -> list[str]:
    """Return the words in the first column of a section's table, without back-ticks."""
    rows = re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE)
    return [row.strip("`") for row in rows[1:] if set(row) - set("- ")]


def resolve(page: str, target: str) -> tuple[Path, str]:
    """Return the file that a link leads to, and the anchor in it."""
    path, _, anchor = target.partition("#")
    return ((ROOT / page).parent / path if path else ROOT / page), anchor
