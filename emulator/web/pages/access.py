"""Who sees an item, and why, as a page shows it: verdict, levels, sets. Imports: insight, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kinds import kind_words
from emulator.web import parts
from emulator.web.addresses import identity_url
from emulator.web.markup import NOTHING, Markup, element, join, link, text
from emulator.web.pages.states import ruling_badge, ruling_tone, sees_badge
from emulator.web.parts import Column, Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.insight.access import LevelVerdict, Mention, SetVerdict, Verdict
    from emulator.insight.audience import Audience

_SHOWN_NAMES = 12
_AUDIENCE_COLUMNS = (
    Column("User", "id"),
    Column("Provider", "word"),
    Column("Sees it", "word"),
    Column("Because", "wide"),
)


def verdict_box(name: str, verdict: Verdict) -> Markup:
    """Say whether somebody sees the item, and why, in one sentence."""
    tone = Tone.GOOD if verdict.visible else Tone.BAD
    sees = f"{name} sees this item" if verdict.visible else f"{name} does not see this item"
    said = join((sees_badge(visible=verdict.visible), text(" "), element("strong", text(sees))))
    because = element("p", text(f"Because {verdict.because}."))
    return element("div", join((said, because)), class_=f"card verdict {tone}", role="status")


def level_steps(levels: Sequence[LevelVerdict], *, asked: bool) -> Markup:
    """Show the levels in their order; `asked` if they were evaluated for somebody."""
    return element("ol", join(_level(one, asked=asked) for one in levels), class_="steps")


def _level(level: LevelVerdict, *, asked: bool) -> Markup:
    name = f"Level {level.number}" if level.name is None else f"Level {level.number}: {level.name}"
    state = ruling_badge(level.ruling) if asked else NOTHING
    head = element("div", join((element("h3", text(name)), state)), class_="step-head")
    why = NOTHING
    if asked:
        reason = level.reason or "a level before this one had already decided"
        why = element("p", text(f"{reason[:1].upper()}{reason[1:]}."))
    sets = element("ul", join(_set(one) for one in level.sets), class_="sets")
    if not level.sets:
        sets = element("p", text("It has no set."))
    tone = ruling_tone(level.ruling) if asked else None
    return element("li", join((head, why, sets)), class_=tone)


def _set(one: SetVerdict) -> Markup:
    head = element(
        "div", join((element("strong", text(f"Set {one.number}")), _says(one))), class_="step-head"
    )
    allowed = _names(one.allowed, Tone.GOOD)
    if one.anonymous:
        everybody = element("span", text("everybody, also anonymous visitors"), class_="who good")
        allowed = join((everybody, allowed)) if one.allowed else everybody
    names = parts.facts((("Allowed", allowed), ("Denied", _names(one.denied, Tone.BAD))), "names")
    return element("li", join((head, names)))


def _says(one: SetVerdict) -> Markup:
    if one.lets_in is None:
        return NOTHING
    if one.denies:
        return parts.badge("denies", Tone.BAD)
    return parts.badge("lets in", Tone.GOOD) if one.lets_in else parts.badge("no", Tone.CALM)


def _names(mentions: Sequence[Mention], tone: Tone) -> Markup:
    if not mentions:
        return parts.dim("nobody")
    # Those that matter for the user come first, so that a long list cannot hide them.
    ordered = sorted(mentions, key=lambda one: not one.way)
    shown = join(_name(one, tone) for one in ordered[:_SHOWN_NAMES])
    return join((shown, parts.more(len(ordered) - _SHOWN_NAMES, "")))


def _name(one: Mention, tone: Tone) -> Markup:
    label = link(one.who.name, identity_url(one.key))
    kind = text(f" {kind_words(one.key.kind)}")
    if not one.way:
        return element("span", join((label, element("span", kind, class_="dim"))), class_="who")
    inner = join((label, kind, element("span", text(_way(one)), class_="way")))
    return element("span", inner, class_=f"who {tone}")


def _way(one: Mention) -> str:
    if len(one.way) == 1:
        return "named directly"
    return "by " + " → ".join(key.name for key in one.way)


def audience_table(audience: Audience) -> Markup:
    """List users whom the permissions reach, each with what it means for them."""
    rows = [
        [
            link(one.key.name, identity_url(one.key)),
            text(one.key.provider),
            sees_badge(visible=one.verdict.visible),
            text(one.verdict.because),
        ]
        for one in audience.users
    ]
    count = len(rows)
    caption = f"{parts.counted(count, 'user', 'users')}, by name or by a group"
    if not audience.complete:
        caption = f"The first {count} users; there are more"
    empty = "The permissions reach no user that the security cache knows."
    return parts.table_or(empty, caption, _AUDIENCE_COLUMNS, rows)
