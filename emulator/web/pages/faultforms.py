"""The form that adds a fault, and reading what it sends. Imports: calls, faultrules, forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from emulator.calls import Endpoint
from emulator.web import forms, parts
from emulator.web.faultrules import BadRuleError
from emulator.web.markup import Markup, element, join, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.world import World

PRESETS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "429": ("429 with Retry-After of 30 s", {"type": "status", "status": 429, "retry_after": 30}),
    "503": ("503, the service is away", {"type": "status", "status": 503}),
    "500": ("500, the service failed", {"type": "status", "status": 500}),
    "401": ("401, the key is not accepted", {"type": "status", "status": 401}),
    "slow": ("an answer after 5 s", {"type": "delay", "seconds": 5.0}),
    "drop": ("the connection closes, nothing is done", {"type": "drop"}),
    "lost": ("done, but the answer is lost", {"type": "lose_response"}),
    "half": ("done, but the answer breaks off", {"type": "lose_response", "halfway": True}),
    "late": ("no answer, done 60 s later", {"type": "late", "seconds": 60.0, "drop": True}),
    "twice": ("done twice", {"type": "twice"}),
    "garbage": ("done, but the answer is no JSON", {"type": "garbage"}),
}
"""Effects by a word, with how people call them and what `faultrules` reads."""
_EXAMPLE = '{"match": {"endpoint": "push_batch"}, "skip": 2, "effect": {"type": "drop"}}'


def fault_form(world: World) -> tuple[Markup, Markup]:
    """Build two forms: one with the usual effects, one that takes any rule as JSON."""
    with world.lock:
        sources = list(world.sources)
    effects = [(word, told) for word, (told, _) in PRESETS.items()]
    usual = forms.action_form(
        "/controls/faults",
        forms.choice("effect", "What happens", effects),
        forms.choice("endpoint", "To requests of", forms.any_or(Endpoint)),
        forms.choice("source", "Source", forms.any_or(sources)),
        forms.entry("count", "Times (0: for ever)", "1", kind="number", min="0", max="1000000"),
        forms.entry("skip", "Let pass before", "0", kind="number", min="0", max="1000000"),
        button="Add this fault",
    )
    rule = join(
        (
            element("label", text("Rule as JSON"), for_="rule"),
            element(
                "textarea", text(_EXAMPLE), id="rule", name="rule", rows="4", spellcheck="false"
            ),
        )
    )
    whole = forms.action_form(
        "/controls/faults", forms.line(element("div", rule, class_="field")), button="Add this rule"
    )
    return usual, parts.details("Any rule, as JSON", whole)


def read_fault(sent: Mapping[str, str]) -> object:
    """Turn what one of the forms sent into what `faultrules` reads; raises BadRuleError."""
    if "rule" in sent:
        return _parsed(sent["rule"])
    preset = PRESETS.get(sent.get("effect", ""))
    if preset is None:
        message = "choose what happens"
        raise BadRuleError(message)
    count = _whole(sent, "count", 1)
    match = {name: sent[name] for name in ("endpoint", "source") if sent.get(name)}
    return {
        "match": match,
        "count": count or None,
        "skip": _whole(sent, "skip", 0),
        "effect": preset[1],
    }


def _parsed(rule: str) -> object:
    try:
        return orjson.loads(rule)
    except orjson.JSONDecodeError as error:
        message = f"the rule is not JSON: {error}"
        raise BadRuleError(message) from error


def _whole(sent: Mapping[str, str], name: str, default: int) -> int:
    value = sent.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        message = f"{name} must be a whole number, not '{value}'"
        raise BadRuleError(message)
    return int(value)
