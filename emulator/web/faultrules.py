"""Fault rules from and to JSON. Imports: faults, calls."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from emulator import faults
from emulator.calls import Endpoint

if TYPE_CHECKING:
    from emulator.world import World

_RULE_KEYS = {"match", "count", "skip", "probability", "seed", "effect"}
_MATCH_KEYS = {"endpoint", "source"}


class BadRuleError(Exception):
    """A fault rule that cannot be understood; the message says why."""


@dataclass(frozen=True, slots=True)
class RuleRequest:
    """A rule as asked for."""

    target: faults.Target
    effect: faults.Effect
    plan: faults.Plan

    def add_to(self, world: World) -> faults.Rule:
        """Make it active."""
        return world.add_fault(self.effect, self.target.endpoint, self.target.source, self.plan)


def read_rules(raw: object) -> list[RuleRequest]:
    """Read one rule, a list of rules, or `{"rules": [...]}`; raises BadRuleError."""
    if isinstance(raw, dict) and set(raw) == {"rules"}:
        raw = raw["rules"]
    return [_rule(one) for one in (raw if isinstance(raw, list) else [raw])]


def show_rule(rule: faults.Rule) -> dict[str, Any]:
    """Show a rule as JSON values, with how often it matched and struck."""
    return {
        "number": rule.number,
        "match": asdict(rule.target),
        **asdict(rule.plan),
        "seen": rule.seen,
        "hits": rule.hits,
        "effect": {"type": faults.name_of(rule.effect), **asdict(rule.effect)},
    }


def _rule(raw: object) -> RuleRequest:
    fields = _object(raw, "a rule", _RULE_KEYS)
    match = _object(fields.get("match") or {}, "match", _MATCH_KEYS)
    return RuleRequest(
        faults.Target(_endpoint(match.get("endpoint")), _typed(match, "source", str, None)),
        _effect(fields.get("effect")),
        _plan(fields),
    )


def _plan(fields: dict[str, Any]) -> faults.Plan:
    probability = _typed(fields, "probability", (int, float), 1.0)
    return faults.Plan(
        count=_typed(fields, "count", int, None) if "count" in fields else 1,
        skip=_typed(fields, "skip", int, 0),
        probability=probability,
        seed=_typed(fields, "seed", int, None),
    )


def _effect(raw: object) -> faults.Effect:
    if not isinstance(raw, dict) or raw.get("type") not in faults.EFFECTS:
        message = f"effect.type must be one of {', '.join(faults.EFFECTS)}"
        raise BadRuleError(message)
    kind = faults.EFFECTS[raw["type"]]
    known = {name: kind.__dataclass_fields__[name].type for name in kind.__dataclass_fields__}
    values = {name: value for name, value in raw.items() if name != "type"}
    for name, value in values.items():
        if name not in known or not _fits(value, str(known[name])):
            message = f"effect '{raw['type']}' does not take {name}={value!r}"
            raise BadRuleError(message)
    try:
        return kind(**values)
    except TypeError as error:
        message = f"effect '{raw['type']}': {error}"
        raise BadRuleError(message) from error


def _fits(value: object, annotation: str) -> bool:
    kinds = {part.strip() for part in annotation.split("|")}
    if value is None or isinstance(value, bool):
        return ("None" if value is None else "bool") in kinds
    if isinstance(value, (int, float)):
        return value >= 0 and ("float" in kinds or ("int" in kinds and isinstance(value, int)))
    return isinstance(value, str) and "str" in kinds


def _endpoint(name: object) -> Endpoint | None:
    if name is None:
        return None
    try:
        return Endpoint(str(name))
    except ValueError as error:
        message = f"match.endpoint must be one of {', '.join(Endpoint)}"
        raise BadRuleError(message) from error


def _object(raw: object, what: str, keys: set[str]) -> dict[str, Any]:
    if not isinstance(raw, dict) or not set(raw) <= keys:
        message = f"{what} must be an object with keys of {', '.join(sorted(keys))}"
        raise BadRuleError(message)
    return raw


def _typed(fields: dict[str, Any], name: str, kind: type | tuple[type, ...], default: Any) -> Any:
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or isinstance(value, bool) or value == "":
        message = f"{name} must not be {value!r}"
        raise BadRuleError(message)
    return value
