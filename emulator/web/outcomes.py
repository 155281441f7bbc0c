"""What a page says of the form that led to it. Imports: parts, view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.web import parts
from emulator.web.markup import NOTHING, Markup
from emulator.web.parts import Tone

if TYPE_CHECKING:
    from emulator.web.view import Query

_DONE = {
    "clock": "The clock was moved; what became due on the way is done.",
    "refresh": "The security cache took over what waited.",
    "fault": "The fault is active.",
    "cleared": "All faults are removed.",
    "reset": "Everything is back to the start; the clock stays.",
}
"""What an action says when it is over, by the word in the address that it leads to."""


def outcome(query: Query, refused: str | None = None) -> Markup:
    """Say how the last action ended."""
    if refused is not None:
        return parts.note(refused, Tone.BAD, role="alert")
    done = query.one_of("done", _DONE)
    return NOTHING if done is None else parts.note(_DONE[done], Tone.GOOD, role="status")
