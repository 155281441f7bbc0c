"""Steering by hand: clock, security cache, faults, a new start. Imports: the core, forms."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from emulator import faults
from emulator.web import forms, parts
from emulator.web.markup import Markup, element, join, number, text, void
from emulator.web.moments import moment
from emulator.web.outcomes import outcome
from emulator.web.pages.faultforms import fault_form
from emulator.web.parts import Column, Tone
from emulator.web.view import Place, View

if TYPE_CHECKING:
    from emulator.web.view import Query
    from emulator.world import World

UNITS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_RUNS = 8
_FAULT_COLUMNS = (
    Column("Rule", "number"),
    Column("Effect", "wide"),
    Column("Endpoint", "word"),
    Column("Source", "word"),
    Column("Strikes", "word"),
    Column("Matched", "number"),
    Column("Struck", "number"),
    Column("State", "word"),
)
_RUN_COLUMNS = (
    Column("Provider", "id"),
    Column("At", "when"),
    Column("Taken over", "number"),
    Column("Failed", "number"),
)


def controls_page(world: World, query: Query, refused: str | None = None) -> View:
    """Show all controls, and what became of the last one that was used."""
    world.turn()
    cards = join((_clock(world), _cache(world), _start_again()))
    main = join(
        (
            element("h1", text("Controls")),
            outcome(query, refused),
            element("div", cards, class_="cards"),
            parts.section("Faults", _faults(world), id_="faults"),
            parts.section("Add a fault", *fault_form(world), id_="add"),
            parts.section("Refreshes of the security cache", _runs(world), id_="refreshes"),
        )
    )
    return View("Controls", main, Place.CONTROLS, status=200 if refused is None else 400)


def _card(heading: str, *inner: Markup) -> Markup:
    return element("section", join((element("h2", text(heading)), *inner)), class_="card")


def _clock(world: World) -> Markup:
    with world.lock:
        now_ms, due_ms, waiting = (
            world.clock.now_ms(),
            world.agenda.next_due_ms(),
            len(world.agenda),
        )
    units = [(name, name) for name in UNITS]
    return _card(
        "Clock",
        element("p", join((text("It is "), moment(now_ms), text(" UTC.")))),
        element("p", _due(waiting, due_ms)),
        forms.action_form(
            "/controls/clock",
            forms.entry("amount", "Move forward by", "5", kind="number", min="1", max="1000"),
            forms.choice("unit", "Unit", units, "minutes"),
            button="Move forward",
        ),
    )


def _due(waiting: int, due_ms: int | None) -> Markup:
    said = text("No operation waits. ")
    if waiting:
        word = "operation waits" if waiting == 1 else "operations wait"
        said = join((number(waiting), text(f" {word}. ")))
    if due_ms is None:
        return said
    return join((said, text("Next due at "), moment(due_ms), text(".")))


def _cache(world: World) -> Markup:
    with world.lock:
        counts = {name: len(keys) for name, keys in world.cache.waiting.items() if keys}
    said = "Nothing waits for a refresh."
    if counts:
        listed = ", ".join(f"{count} of {name}" for name, count in counts.items())
        said = f"Changed and waiting: {listed}."
    return _card(
        "Security cache",
        element("p", text(said)),
        forms.action_form("/controls/refresh", button="Refresh now"),
    )


def _start_again() -> Markup:
    sure = element(
        "div",
        join(
            (
                void("input", type="checkbox", id="sure", name="sure", value="yes", required=""),
                element("label", text("Yes, forget it"), for_="sure"),
            )
        ),
        class_="tick",
    )
    return _card(
        "New start",
        element("p", text("Forgets items, identities, logs and faults. The clock stays.")),
        forms.action_form("/controls/reset", sure, button="Forget everything", danger=True),
    )


def _faults(world: World) -> Markup:
    rows = [_rule_row(one) for one in world.faults.rules()]
    if not rows:
        return parts.nothing_here("No fault is active: every request is answered as it should be.")
    caption = "The first rule that strikes a request is the one"
    clear = forms.action_form("/controls/faults/clear", button="Remove all faults")
    return join((parts.table(caption, _FAULT_COLUMNS, rows), element("div", clear, class_="after")))


def _rule_row(rule: faults.Rule) -> list[Markup]:
    plan = rule.plan
    times = {None: "for ever", 1: "once"}.get(plan.count, f"{plan.count} times")
    skip = f", after {plan.skip}" if plan.skip else ""
    chance = "" if plan.probability >= 1 else f", chance {plan.probability:g}"
    spent = plan.count is not None and rule.hits >= plan.count
    return [
        number(rule.number),
        text(_effect_words(rule.effect)),
        text(rule.target.endpoint or "any"),
        text(rule.target.source or "any"),
        text(f"{times}{skip}{chance}"),
        number(rule.seen),
        number(rule.hits),
        parts.badge("spent", Tone.CALM) if spent else parts.badge("active", Tone.WARN),
    ]


def _effect_words(effect: faults.Effect) -> str:
    usual = {field.name: field.default for field in fields(effect)}
    values = {name: value for name, value in asdict(effect).items() if value != usual[name]}
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
    name = faults.name_of(effect).replace("_", " ")
    if isinstance(effect, faults.Status):
        return told
    return f"{name}: {told}" if told else name


def _runs(world: World) -> Markup:
    with world.lock:
        newest = list(world.cache.runs)[-_RUNS:][::-1]
    rows = [
        [text(one.provider), moment(one.at_ms), number(one.processed), number(one.failed)]
        for one in newest
    ]
    return parts.table_or("None happened yet.", "The last ones", _RUN_COLUMNS, rows)
