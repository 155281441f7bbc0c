"""The bracket around a set of updates: one opening, one closing, whatever is sent in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.source_status import SourceStatus
from consumer.pipeline.bracket import RETRY_SECONDS, Bracket

QUIET = 100.0


def said_at(bracket: Bracket, *moments: float) -> list[SourceStatus | None]:
    """Look at these moments; whatever is due then is taken."""
    said = []
    for now in moments:
        due = bracket.due(now)
        if due is not None:
            bracket.told(due, now, taken=True)
        said.append(due)
    return said


def test_it_opens_with_the_first_batch_and_closes_after_the_quiet_time() -> None:
    """Not once per batch: each costs a request."""
    bracket = Bracket(QUIET, 0.0)
    bracket.sent(1.0)
    assert said_at(bracket, 1.0) == [SourceStatus.INCREMENTAL]
    bracket.sent(60.0)
    assert said_at(bracket, 60.0, 159.9) == [None, None]
    assert bracket.is_open()
    assert said_at(bracket, 160.0, 500.0) == [SourceStatus.IDLE, None]
    assert not bracket.is_open()


def test_it_is_a_refresh_while_a_snapshots_rows_are_sent() -> None:
    """Also among streamed changes, and not for ever: once per snapshot, not once per batch."""
    bracket = Bracket(QUIET, 0.0)
    bracket.sent(1.0)
    said_at(bracket, 1.0)
    bracket.sent(2.0, of_snapshot=True)
    assert said_at(bracket, 2.0) == [SourceStatus.REFRESH]
    bracket.sent(3.0)
    bracket.sent(90.0)
    assert bracket.is_open()
    assert said_at(bracket, 3.0, 90.0, 101.9) == [None] * 3
    assert said_at(bracket, 102.0, 189.9) == [SourceStatus.INCREMENTAL, None]
    assert said_at(bracket, 190.0) == [SourceStatus.IDLE]


def test_what_a_crash_left_open_is_closed_once() -> None:
    """Else the console would show an activity for ever, though nothing is sent."""
    assert said_at(Bracket(QUIET, 5.0), 5.0, 104.9, 105.0, 300.0) == [
        None, None, SourceStatus.IDLE, None,
    ]  # fmt: skip


def test_after_a_change_of_the_group_an_open_bracket_is_said_again() -> None:
    """The member that left has closed it."""
    bracket = Bracket(QUIET, 0.0)
    bracket.sent(1.0)
    said_at(bracket, 1.0)
    bracket.doubt(50.0)
    assert said_at(bracket, 50.0) == [SourceStatus.INCREMENTAL]


def test_after_a_change_of_the_group_an_idle_source_is_not_called_idle_at_once() -> None:
    """Another member may just have begun to send."""
    bracket = Bracket(QUIET, 0.0)
    said_at(bracket, 100.0)
    bracket.doubt(150.0)
    assert said_at(bracket, 150.0, 249.0, 250.0) == [None, None, SourceStatus.IDLE]


def test_what_was_not_taken_is_said_again_later() -> None:
    """A refusal for good must not cost a request each turn."""
    bracket = Bracket(QUIET, 0.0)
    bracket.sent(1.0)
    bracket.told(SourceStatus.INCREMENTAL, 1.0, taken=False)
    bracket.sent(RETRY_SECONDS)
    assert bracket.due(RETRY_SECONDS) is None
    assert bracket.due(1.0 + RETRY_SECONDS) is SourceStatus.INCREMENTAL


@given(st.lists(st.tuples(st.floats(0.0, 50.0), st.booleans()), max_size=60))
def test_a_bracket_costs_at_most_two_requests_per_quiet_time(
    batches: list[tuple[float, bool]],
) -> None:
    """Whatever the rhythm, and whatever a snapshot mixes into it: the quota is for items."""
    bracket, now, said = Bracket(QUIET, 0.0), 0.0, 0
    for pause, of_snapshot in batches:
        now += pause
        bracket.sent(now, of_snapshot=of_snapshot)
        said += sum(each is not None for each in said_at(bracket, now))
    said += sum(each is not None for each in said_at(bracket, now + QUIET, now + 2 * QUIET))
    assert said <= 3 + 2 * int(now / QUIET)
