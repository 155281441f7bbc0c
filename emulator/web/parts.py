"""The pieces that the pages are made of: tables, badges, meters, facts, fields. Imports: markup."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from emulator.web.markup import NOTHING, Markup, element, join, link, number, text, void

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Tone(StrEnum):
    """How a state is meant; a badge says it by a sign and by colour, beside its word."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    CALM = "calm"


_SIGNS = {Tone.GOOD: "✓", Tone.BAD: "✕", Tone.WARN: "!", Tone.CALM: "·"}


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; `kind` is one of the style sheet's: number, id, when, wide."""

    head: str
    kind: str | None = None


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Markup]]) -> Markup:
    """Build a table. It scrolls by itself when it is too wide, by keyboard too."""
    heads = join(element("th", text(one.head), scope="col", class_=one.kind) for one in columns)
    body = join(
        element(
            "tr",
            join(
                element("td", cell, class_=column.kind)
                for column, cell in zip(columns, row, strict=True)
            ),
        )
        for row in rows
    )
    inner = join(
        (
            element("caption", text(caption)),
            element("thead", element("tr", heads)),
            element("tbody", body),
        )
    )
    whole = element("table", inner)
    return element("div", whole, class_="scroll", tabindex="0", role="region", aria_label=caption)


def table_or(
    empty: str, caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Markup]]
) -> Markup:
    """Build a table, or say why there is nothing to show."""
    return table(caption, columns, rows) if rows else nothing_here(empty)


def nothing_here(sentence: str, more: Markup = NOTHING) -> Markup:
    """Say that there is nothing, and what would change that."""
    return element("div", join((element("p", text(sentence)), more)), class_="empty")


def badge(word: object, tone: Tone) -> Markup:
    """Show a state by word, sign and colour."""
    sign = element("span", text(_SIGNS[tone]), aria_hidden="true")
    return element("span", join((sign, text(word))), class_=f"badge {tone}")


def code(value: object) -> Markup:
    """Show an id as it is."""
    return element("code", text(value))


def facts(pairs: Iterable[tuple[str, Markup]], class_: str = "facts") -> Markup:
    """List names with their values."""
    rows = (
        element("div", join((element("dt", text(name)), element("dd", value))))
        for name, value in pairs
    )
    return element("dl", join(rows), class_=class_)


def meter(name: str, used: int, allowed: int | None) -> Markup:
    """Show how much of an allowance is used, in words, in numbers and as a bar."""
    if allowed is None:
        amount = join((number(used), text(" used, no limit")))
        return _meter_row(name, amount, badge("unlimited", Tone.CALM), NOTHING)
    percent = 100 if allowed == 0 else min(100, used * 100 // allowed)
    tone, word = _how_full(percent, full=used >= allowed)
    bar = element(
        "svg",
        join(
            (
                void("rect", class_="track", width="100", height="6"),
                void("rect", class_=f"fill {tone}", width=str(percent), height="6"),
            )
        ),
        class_="bar",
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )
    amount = join((number(used), text(" of "), number(allowed), text(f" used, {percent} %")))
    return _meter_row(name, amount, badge(word, tone), bar)


def _how_full(percent: int, *, full: bool) -> tuple[Tone, str]:
    if full:
        return Tone.BAD, "used up"
    return (Tone.WARN, "nearly used up") if percent >= 80 else (Tone.GOOD, "enough left")


def _meter_row(name: str, amount: Markup, state: Markup, bar: Markup) -> Markup:
    head = element("div", join((element("h3", text(name)), state)), class_="meter-head")
    return element("div", join((head, bar, element("p", amount))), class_="meter")


def section(heading: str, *inner: Markup, id_: str | None = None) -> Markup:
    """Build a part of a page under a heading."""
    return element("section", join((element("h2", text(heading)), *inner)), id=id_)


def crumbs(*way: tuple[str, str]) -> Markup:
    """Show the way up from a page."""
    steps = join(element("li", link(label, href)) for label, href in way)
    return element("nav", element("ol", steps), class_="crumbs", aria_label="Breadcrumb")


def links(label: str, entries: Iterable[Markup], class_: str = "pager") -> Markup:
    """Build a row of links with a name; nothing at all without any."""
    inner = join(entries)
    return element("nav", inner, class_=class_, aria_label=label) if inner else NOTHING


def note(sentence: object, tone: Tone = Tone.CALM, role: str | None = None) -> Markup:
    """Show a remark that stands out."""
    return element("p", text(sentence), class_=f"note {tone}", role=role)


def dim(value: object) -> Markup:
    """Show something that matters less."""
    return element("span", text(value), class_="dim")


def more(count: int, what: str) -> Markup:
    """Say that so many others are not shown; nothing if there are none."""
    return dim(f"and {count} more {what}".rstrip()) if count > 0 else NOTHING


def counted(count: int, one: str, many: str) -> str:
    """Write a number with its noun."""
    return f"1 {one}" if count == 1 else f"{count:,} {many}".replace(",", "\u202f")


def matches(count: int, older: int, what: str) -> str:
    """Write a log's caption; `what` in the plural."""
    said = f"{counted(count, what.removesuffix('s'), what)} found"
    return f"{said}, {older} of them older than these" if older else said


def details(summary: str, inner: Markup) -> Markup:
    """Hide a long piece until somebody opens it."""
    return element("details", join((element("summary", text(summary)), inner)))
