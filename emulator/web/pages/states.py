"""States and results as badges: the same word has the same sign and colour everywhere.

Imports: the core's states, parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.effective import Ruling
from emulator.operations import Result
from emulator.securitycache import State
from emulator.settings import Visibility
from emulator.web.parts import Tone, badge

if TYPE_CHECKING:
    from emulator.web.markup import Markup

_RESULTS = {Result.COMPLETED: Tone.GOOD, Result.REJECTED: Tone.WARN, Result.ERROR: Tone.BAD}
_STATES = {
    State.UP_TO_DATE: Tone.GOOD,
    State.NOT_UPDATED: Tone.WARN,
    State.OUT_OF_DATE: Tone.WARN,
    State.IN_ERROR: Tone.BAD,
    State.DISABLED: Tone.BAD,
    State.UNKNOWN: Tone.CALM,
}
_VISIBILITIES = {
    Visibility.SECURED: Tone.GOOD,
    Visibility.SHARED: Tone.WARN,
    Visibility.PRIVATE: Tone.CALM,
}
_RULINGS = {Ruling.ALLOWED: Tone.GOOD, Ruling.DENIED: Tone.BAD, Ruling.UNDECIDED: Tone.CALM}


def result_badge(result: Result) -> Markup:
    """Show how an operation ended."""
    return badge(result, _RESULTS.get(result, Tone.CALM))


def state_badge(state: State) -> Markup:
    """Show an identity's state in the security cache."""
    return badge(state_words(state), _STATES[state])


def state_words(state: State) -> str:
    """Write an identity's state for people."""
    return state.replace("_", " ").lower()


def visibility_badge(visibility: Visibility) -> Markup:
    """Show who a source is for."""
    return badge(visibility.lower(), _VISIBILITIES[visibility])


def ruling_badge(ruling: Ruling | None) -> Markup:
    """Show what a level said; None if it was not asked."""
    if ruling is None:
        return badge("not asked", Tone.CALM)
    word = "undecided: next level" if ruling is Ruling.UNDECIDED else ruling.lower()
    return badge(word, _RULINGS[ruling])


def ruling_tone(ruling: Ruling | None) -> Tone:
    """Return the colour of what a level said."""
    return Tone.CALM if ruling is None else _RULINGS[ruling]


def sees_badge(*, visible: bool) -> Markup:
    """Show whether somebody sees an item."""
    return badge("visible", Tone.GOOD) if visible else badge("hidden", Tone.BAD)


def status_badge(status: int | None) -> Markup:
    """Show the status of an answer; None is a request without one."""
    if status is None:
        return badge("no answer", Tone.BAD)
    tone = Tone.GOOD if status < 400 else Tone.WARN if status < 500 else Tone.BAD
    return badge(status, tone)
