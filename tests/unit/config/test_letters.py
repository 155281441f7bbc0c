"""The topic of dead letters is not one that is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.config.writing import GOOD, loaded, problems

LETTERS = "dead_letters: {topic: kb.dead-letters}\n"
PATTERN = GOOD.replace("topics: kb.public.articles", "topics: {pattern: 'kb[.].*'}").replace(
    "kb://articles/{id}", "kb://{$topic}/{id}"
)


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        (PATTERN, "mappings[0].topics"),
        (GOOD.replace("kb.public.articles", "kb.dead-letters"), "mappings[0].topics"),
        (GOOD.replace("kafka:", "kafka:\n  heartbeat_topics: [kb.dead-letters]"), "heartbeat"),
        (PATTERN.replace("group_id", "grup_id"), "mappings[0].topics"),
    ],
)
def test_a_dead_letter_topic_that_is_read_is_refused_by_name(
    tmp_path: Path, text: str, reader: str
) -> None:
    """Each letter would come back as a record and become a letter again, at full speed."""
    found = [one for one in problems(tmp_path, text + LETTERS) if "dead_letters.topic" in one]
    line = text.count("\n") + 1
    (one,) = found
    assert one.startswith(f"coveo-cdc.yaml:{line}: dead_letters.topic: 'kb.dead-letters' is read")
    assert reader in one


def test_a_dead_letter_topic_that_nobody_reads_is_fine(tmp_path: Path) -> None:
    """By its name, or because the pattern leaves it out."""
    excluded = PATTERN.replace("'kb[.].*'", "'kb[.].*', exclude: ['.*-letters']")
    for text in (GOOD, excluded):
        assert loaded(tmp_path, text + LETTERS).dead_letters is not None
