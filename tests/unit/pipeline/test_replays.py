"""What comes again: cases that a generator hits seldom."""

from __future__ import annotations

from dataclasses import replace

from consumer.domain.events import SourcePosition
from consumer.domain.records import Offset, Record
from consumer.pipeline.contract import Translation
from consumer.pipeline.replays import Replays
from tests.fakes.pipeline import OTHER_TP, TP, FakeTranslator, pipeline, record


class Stream:
    """Feeds one partition; each change is a place and, behind `@`, its second."""

    def __init__(self) -> None:
        """Start before the first change."""
        self.replays = Replays()
        self.offset = 0

    def repeated(self, *changes: tuple[int, int], log: str = "kb") -> str:
        """Return for each change whether it came before: `r` or `-`."""
        words = ""
        for place, second in changes:
            position = SourcePosition((log,), (place,))
            is_repeated = self.replays.is_repeated(
                TP, Offset(self.offset), position, second * 1_000
            )
            words += "r" if is_repeated else "-"
            self.offset += 1
        return words

    def begins(self) -> list[int]:
        """Return where repetitions began."""
        return [int(replay.first_offset) for replay in self.replays.found]


def test_a_suffix_that_comes_again_is_found_to_its_last_change() -> None:
    """The newest place is a repetition as well, if what came before it was one."""
    stream = Stream()
    assert stream.repeated((1, 1), (2, 1), (3, 2), (2, 1), (3, 2), (4, 2)) == "---rr-"
    assert stream.begins() == [3]
    assert stream.replays.found[0].newest == (3,)


def test_a_second_crash_within_a_repetition_is_a_second_one() -> None:
    """Connect was killed again before it had caught up."""
    stream = Stream()
    assert stream.repeated((1, 1), (2, 1), (3, 1), (1, 1), (2, 1), (1, 1), (4, 1)) == "---rrr-"
    assert stream.begins() == [3, 5]


def test_the_rows_of_one_statement_share_their_place_and_are_no_repetition() -> None:
    """So do both halves of a change of the primary key."""
    assert Stream().repeated((1, 1), (1, 1), (2, 1), (2, 1), (2, 1)) == "-----"


def test_numbers_that_begin_anew_with_younger_changes_are_no_repetition() -> None:
    """A restored database or another server counts from the start: no alarm without an end."""
    stream = Stream()
    assert stream.repeated((500, 10), (501, 10), (3, 90), (4, 91)) == "----"
    assert stream.repeated((3, 90)) == "r"


def test_streams_of_two_sources_in_one_topic_do_not_disturb_each_other() -> None:
    """A routing transform may lead several databases into one topic."""
    stream = Stream()
    assert stream.repeated((500, 1)) + stream.repeated((2, 1), log="other") == "--"
    assert stream.repeated((501, 1)) + stream.repeated((3, 1), log="other") == "--"


def test_memory_is_bounded_whatever_the_records_name() -> None:
    """Names come out of records."""
    stream = Stream()
    for number in range(100):
        stream.repeated((1, 1), log=str(number))
    assert len(stream.replays._streams[TP]) == 8


def test_changes_without_a_time_are_compared_by_their_place() -> None:
    """Nothing then says that a log was begun anew."""
    replays = Replays()
    for offset, place in enumerate((1, 2, 1)):
        position = SourcePosition((), (place,))
        found = replays.is_repeated(OTHER_TP, Offset(offset), position, None)
        assert found == (offset == 2)


class Placed(FakeTranslator):
    """Says of each record that it lies where its first word says."""

    def translate(self, record: Record) -> Translation:
        """Return a place beside what the words mean."""
        translation = super().translate(record)
        place = int((record.value or b"").split()[0].lstrip(b"+"))
        at = SourcePosition(("kb",), (place,))
        return replace(translation, source_ts_ms=1_000 + place, source_position=at)


def test_the_pipeline_counts_them_and_forgets_a_partition_with_its_assignment() -> None:
    """What we read again after a rebalance is no repetition of the connector's."""
    built = pipeline(Placed())
    for offset, place in enumerate((1, 2, 3, 2, 3)):
        built.submit(record(offset, f"+{place}"), 0.0)
    tally = built.tally()
    assert (dict(tally.repeated), len(tally.replays)) == ({"articles": 2}, 1)
    built.release(TP)
    built.assign(TP, Offset(1), behind=False)
    built.submit(record(1, "+2"), 0.0)
    assert not built.tally().repeated
