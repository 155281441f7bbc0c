"""When a log was last known to end where reading has come to."""

from __future__ import annotations

from consumer.pipeline.ends import EndsSeen
from tests.fakes.pipeline import OTHER_TP, TP


def test_an_end_that_is_not_reached_yet_is_not_replaced() -> None:
    """Whoever is always a little behind would otherwise never reach one, and seem ever older."""
    ends = EndsSeen()
    ends.assign(TP, 100)
    ends.mark(TP, 10, 200)
    ends.mark(TP, 20, 300)
    ends.reach(TP, 9)
    assert ends.seen_ms(TP) == 100
    ends.reach(TP, 10)
    assert ends.seen_ms(TP) == 200
    ends.mark(TP, 20, 400)
    ends.reach(TP, 20)
    assert ends.seen_ms(TP) == 400


def test_the_moment_never_goes_back() -> None:
    """An answer can come after a younger one; the commit's own moment can be younger still."""
    ends = EndsSeen()
    ends.assign(TP, 500)
    ends.mark(TP, 0, 200)
    ends.reach(TP, 0)
    assert ends.seen_ms(TP) == 500


def test_what_is_not_ours_is_not_known() -> None:
    """Answers about it may still come in."""
    ends = EndsSeen()
    ends.assign(TP, 500)
    ends.mark(OTHER_TP, 0, 600)
    ends.release(TP)
    ends.mark(TP, 0, 600)
    assert ends.seen_ms(TP) is ends.seen_ms(OTHER_TP) is None
