"""Times as people read them. Imports: markup, the clock."""

from __future__ import annotations

from emulator.clock import iso
from emulator.web.markup import Markup, element, text


def moment(milliseconds: int | None) -> Markup:
    """Show a moment in UTC to the millisecond; None is a dash."""
    if milliseconds is None:
        return text(None)
    exact = iso(milliseconds)
    day, _, rest = exact.rstrip("Z").partition("T")
    return element("time", text(f"{day} {rest}"), datetime=exact)


def seconds_between(earlier_ms: int, later_ms: int) -> Markup:
    """Show how long something took."""
    return text(f"{(later_ms - earlier_ms) / 1000:.3f} s")
