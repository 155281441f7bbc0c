"""Faults on demand: which requests they hit and what they do. Imports: calls, stdlib.

A rule is data; the effects on the wire are in `web.wire`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.calls import Endpoint


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with an error instead of handling the request."""

    status: int
    error_code: str | None = None
    message: str = "This error was injected."
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait, then handle as usual."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection without handling the request."""


@dataclass(frozen=True, slots=True)
class LoseResponse:
    """Handle the request, then close the connection before or in the middle of the answer."""

    halfway: bool = False


@dataclass(frozen=True, slots=True)
class Late:
    """Answer nothing now and handle the request when `seconds` have passed on the clock.

    The connection stays open until the client gives up; with `drop` it is closed at once.
    """

    seconds: float
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Garbage:
    """Handle the request, then answer with something that is not JSON."""

    status: int | None = None


@dataclass(frozen=True, slots=True)
class Drip:
    """Handle the request, then send the answer byte by byte, padded with spaces to `size`."""

    seconds_per_byte: float
    size: int = 0


@dataclass(frozen=True, slots=True)
class Twice:
    """Handle the request, and let the pipeline get its operation two times."""


Effect = Status | Delay | Drop | LoseResponse | Late | Garbage | Drip | Twice
EFFECTS: Mapping[str, type[Effect]] = {
    "status": Status,
    "delay": Delay,
    "drop": Drop,
    "lose_response": LoseResponse,
    "late": Late,
    "garbage": Garbage,
    "drip": Drip,
    "twice": Twice,
}
_NAMES = {kind: name for name, kind in EFFECTS.items()}


def name_of(effect: Effect) -> str:
    """Return the name of an effect in rules and in the request log."""
    return _NAMES[type(effect)]


@dataclass(frozen=True, slots=True)
class Plan:
    """How often a rule strikes.

    After `skip` matching requests, `count` times (None: for ever), each with `probability`.
    """

    count: int | None = 1
    skip: int = 0
    probability: float = 1.0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The requests a rule is meant for; None means all."""

    endpoint: Endpoint | None = None
    source: str | None = None

    def includes(self, endpoint: Endpoint, source: str | None) -> bool:
        """Whether a request is one of them."""
        return self.endpoint in {None, endpoint} and self.source in {None, source}


@dataclass(slots=True)
class Rule:
    """An effect, the requests it is meant for, and how often it struck."""

    number: int
    target: Target
    effect: Effect
    plan: Plan
    dice: random.Random = field(repr=False)
    seen: int = 0
    hits: int = 0

    def strikes(self, endpoint: Endpoint, source: str | None) -> bool:
        """Whether this request is hit; counts it if so."""
        if not self.target.includes(endpoint, source):
            return False
        if self.plan.count is not None and self.hits >= self.plan.count:
            return False
        self.seen += 1
        if self.seen <= self.plan.skip:
            return False
        if self.plan.probability < 1.0 and self.dice.random() >= self.plan.probability:
            return False
        self.hits += 1
        return True


class Faults:
    """The active rules, in the order they were added; the first that strikes is the one.

    It has a lock of its own, since it is asked on the event loop.
    """

    __slots__ = ("_lock", "_numbers", "_rules")

    def __init__(self) -> None:
        """Start without rules."""
        self._lock = Lock()
        self._numbers = 0
        self._rules: list[Rule] = []

    def add(self, target: Target, effect: Effect, plan: Plan, dice: random.Random) -> Rule:
        """Make a rule active."""
        with self._lock:
            self._numbers += 1
            rule = Rule(self._numbers, target, effect, plan, dice)
            self._rules.append(rule)
            return rule

    def clear(self) -> None:
        """Forget all rules."""
        with self._lock:
            self._rules.clear()

    def rules(self) -> list[Rule]:
        """List the active rules, spent ones included."""
        with self._lock:
            return list(self._rules)

    def strike(self, endpoint: Endpoint, source: str | None) -> Effect | None:
        """Return the effect for this request, if any."""
        with self._lock:
            for rule in self._rules:
                if rule.strikes(endpoint, source):
                    return rule.effect
            return None
