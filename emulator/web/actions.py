"""What the page's forms do. Imports: commands, faultrules.

Each takes what a form sent and returns the address to go to next; what cannot be done is a
RefusedActionError, whose message is shown on the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator import commands
from emulator.web.faultrules import BadRuleError, read_rules
from emulator.web.pages.controls import UNITS
from emulator.web.pages.faultforms import read_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.world import World

_MAX_AMOUNT = commands.MAX_DAYS_AHEAD
_MAX_DIGITS = 9
_BACK = {"identities": "/identities"}


class RefusedActionError(Exception):
    """A form's values make no sense; the message says why."""


def move_clock(world: World, sent: Mapping[str, str]) -> str:
    """Move the clock forward."""
    amount, unit = sent.get("amount", "").strip(), sent.get("unit", "")
    known = amount.isascii() and amount.isdigit() and unit in UNITS
    if not known or len(amount) > _MAX_DIGITS or not 0 < int(amount) <= _MAX_AMOUNT:
        message = f"The clock moves by 1 to {_MAX_AMOUNT} seconds, minutes, hours or days."
        raise RefusedActionError(message)
    commands.advance(world, int(amount) * UNITS[unit])
    return "/controls?done=clock"


def refresh_cache(world: World, sent: Mapping[str, str]) -> str:
    """Refresh the security cache."""
    commands.refresh_cache(world)
    return f"{_BACK.get(sent.get('back', ''), '/controls')}?done=refresh"


def add_fault(world: World, sent: Mapping[str, str]) -> str:
    """Make a fault active."""
    try:
        rules = read_rules(read_fault(sent))
    except BadRuleError as error:
        message = f"This is not a fault: {error}."
        raise RefusedActionError(message) from error
    for rule in rules:
        rule.add_to(world)
    return "/controls?done=fault#faults"


def clear_faults(world: World, _: Mapping[str, str]) -> str:
    """Remove all faults."""
    world.faults.clear()
    return "/controls?done=cleared#faults"


def start_again(world: World, sent: Mapping[str, str]) -> str:
    """Forget everything, if that is meant."""
    if sent.get("sure") != "yes":
        message = "Nothing was forgotten: tick 'Yes, forget it' first."
        raise RefusedActionError(message)
    commands.reset(world)
    return "/controls?done=reset"
