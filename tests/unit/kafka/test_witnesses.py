"""A log that was cut off and has grown again is known by the record before the commit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.assignment import Assigned, Witness
from consumer.domain.records import Offset, Record, TopicPartition
from consumer.kafka.witnesses import Seen, Witnesses, first_offset

TP = TopicPartition("t", 0)
Log = dict[int, int]
"""Timestamps by offset; offsets may be missing."""


def start(next_offset: int, witness: Witness | None = None) -> Assigned:
    """Return a start."""
    return Assigned(TP, Offset(next_offset), Offset(10**6), clean=True, witness=witness)


def record(offset: int, timestamp_ms: int) -> Record:
    """Return a record."""
    return Record(TP, Offset(offset), timestamp_ms, b"k", b"v", ())


def read(log: Log, one: Assigned) -> tuple[Witnesses, dict[int, Seen]]:
    """Read a log from a start on."""
    witnesses = Witnesses()
    witnesses.begin(one)
    first = first_offset(one)
    seen = {o: witnesses.see(record(o, log[o])) for o in sorted(log) if o >= first}
    return witnesses, seen


logs = st.sets(st.integers(0, 300), min_size=1, max_size=200).map(
    lambda offsets: {offset: 1_000 + offset for offset in offsets}
)


@given(logs, st.integers(0, 301))
def test_a_commit_names_a_record_close_before_it_and_the_very_last_one(log: Log, at: int) -> None:
    """What was cut off behind the record that is named would not be seen."""
    witnesses, _ = read(log, start(0))
    before = [offset for offset in log if offset < at]
    found = witnesses.before(TP, at)
    assert (found is None) == (not before)
    if found is not None:
        assert log[found.offset] == found.timestamp_ms
        assert found.offset > max(before) - 32
        assert at <= max(log) or found.offset == max(log)


@given(logs, st.integers(1, 301), st.integers(0, 301))
def test_a_log_that_was_cut_off_before_the_witness_and_grew_again_is_another_one(
    log: Log, at: int, cut: int
) -> None:
    """And one that is the same gives exactly what was not read yet."""
    witness = read(log, start(0))[0].before(TP, at)
    one = start(at, witness)
    _, seen = read(log, one)
    assert {offset for offset, each in seen.items() if each is Seen.NEW} == {
        offset for offset in log if offset >= at
    }
    assert Seen.ANOTHER not in seen.values()
    regrown = {offset: log.get(offset, 0) if offset < cut else 9 for offset in range(310)}
    found = next(iter(read(regrown, one)[1].values()))
    assert (found is Seen.ANOTHER) == (witness is not None and cut <= witness.offset)


def test_a_witness_that_was_compacted_away_says_nothing() -> None:
    """A later record of its key has taken its place; that is no loss."""
    _, seen = read({7: 1, 9: 2, 12: 3}, start(10, Witness(8, 5)))
    assert seen == {9: Seen.OLD, 12: Seen.NEW}


def test_who_reads_nothing_new_commits_the_same_witness() -> None:
    """A topic that is idle for weeks is no less likely to lose its end."""
    witnesses, _ = read({}, start(10, Witness(9, 5)))
    assert witnesses.before(TP, 10) == Witness(9, 5)


def test_memory_is_bounded_however_long_nothing_is_committed() -> None:
    """The oldest is kept: it is what the next commit may need."""
    witnesses = Witnesses()
    witnesses.begin(start(0))
    for offset in range(0, 400_000, 20):
        witnesses.see(record(offset, offset))
    assert witnesses.before(TP, 1) == Witness(0, 0)
    assert len(witnesses._logs[TP].kept) < 5_000
