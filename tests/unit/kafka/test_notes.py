"""What a commit says beside its offset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.domain.assignment import Tenure, Witness
from consumer.kafka.notes import Note, read, written

ids = st.text("abcXYZ019-_", min_size=22, max_size=22)
notes = st.builds(
    Note,
    st.sampled_from(Tenure),
    st.none() | ids,
    st.none() | st.integers(1, 100_000),
    st.none() | st.integers(0, 4_000_000_000).map(lambda seconds: seconds * 1_000),
    st.none() | st.builds(Witness, st.integers(0, 10**18 - 1), st.integers(-1, 10**15)),
)


@given(notes)
def test_what_is_written_is_read_and_fits_a_commit(note: Note) -> None:
    """Kafka takes 4,096 bytes; a tenth of that is more than enough."""
    text = written(note)
    assert read(text) == note
    assert len(text.encode()) < 400


@given(st.none() | st.text() | notes.map(written))
def test_reading_never_fails(metadata: str | None) -> None:
    """Anybody who may commit for the group may write there."""
    read(metadata)


@pytest.mark.parametrize(
    ("metadata", "tenure"),
    [("open", Tenure.OPEN), ("clean", Tenure.CLEAN), ("Clean", None), ("", None), (None, None)],
)
def test_the_bare_words_of_earlier_versions_are_understood(
    metadata: str | None, tenure: Tenure | None
) -> None:
    """An upgrade must neither wait for nothing nor forget that an owner may still be at work."""
    assert read(metadata) == Note(tenure)


@pytest.mark.parametrize("metadata", ["v2 clean", "v1", "v1 ", "v1 cleaned topic=a", "x clean"])
def test_another_version_or_word_says_nothing(metadata: str) -> None:
    """What is not understood must not count as a clean leave."""
    assert read(metadata) == Note()


def test_words_of_later_versions_and_broken_ones_are_left_out() -> None:
    """One bad word must not make the others unreadable."""
    text = "v1 clean topic=abc partitions=x seen=1e9 later=7 read=7 read=-1@7 alone"
    assert read(text) == Note(Tenure.CLEAN, "abc")
    assert read(f"v1 clean seen={'9' * 5_000}") == Note()
