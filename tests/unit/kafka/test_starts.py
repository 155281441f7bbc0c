"""Where reading starts: a pure decision."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.errors import ConfigError
from consumer.domain.records import TopicPartition
from consumer.kafka.starts import Committed, LogRange, Start, begin

TP = TopicPartition("topic", 3)

offsets = st.integers(0, 50)
ranges = st.tuples(offsets, offsets).map(lambda pair: LogRange(min(pair), max(pair)))
commits = st.builds(Committed, st.none() | offsets, st.sampled_from([None, "", "open", "clean"]))


@given(committed=commits, log=ranges, start=st.sampled_from(Start), topic_is_new=st.booleans())
def test_a_start_lies_in_the_log_and_at_the_commit_if_there_is_one(
    *, committed: Committed, log: LogRange, start: Start, topic_is_new: bool
) -> None:
    """Anything else would lose or repeat records; then it is an error that names the partition."""
    outside = committed.next_offset is not None and not log.low <= committed.next_offset <= log.high
    if outside:
        said = f"topic/3: .*{committed.next_offset}, is .*{log.low}"
        with pytest.raises(ConfigError, match=said):
            begin(TP, committed, log, start, topic_is_new=topic_is_new)
        return
    assigned = begin(TP, committed, log, start, topic_is_new=topic_is_new)
    assert log.low <= assigned.next_offset <= assigned.high_watermark == log.high
    if committed.next_offset is not None:
        assert assigned.next_offset == committed.next_offset


@given(log=ranges, start=st.sampled_from(Start), topic_is_new=st.booleans())
def test_only_a_new_topic_may_start_at_its_end(
    *, log: LogRange, start: Start, topic_is_new: bool
) -> None:
    """What was written to an added partition before we saw it is a change like any other."""
    assigned = begin(TP, Committed(None), log, start, topic_is_new=topic_is_new)
    at_end = start is Start.LATEST and topic_is_new
    assert assigned.next_offset == (log.high if at_end else log.low)
    assert assigned.clean


def test_the_end_of_the_log_is_a_place_to_start_at() -> None:
    """Everything was read; retention may then have deleted all of it."""
    log = LogRange(9, 9)
    assert begin(TP, Committed(9), log, Start.EARLIEST, topic_is_new=False).next_offset == 9
