"""How cases are recorded and derived, as far as it needs no stack."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.golden import rules
from tests.golden.cases import FOLDER
from tests.golden.derive import derived
from tests.golden.record.history import touched
from tests.golden.record.recorder import undone
from tests.golden.record.scenario import load
from tests.golden.shapes import shape

CASE = FOLDER / "bare.public.items" / "delete"
ONE = '["1"]'


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of a case that may be changed."""
    return Path(shutil.copytree(CASE, tmp_path / "topic" / "case"))


def retold(folder: Path, old: str, new: str) -> None:
    """Replace a part of what a case tells of itself."""
    text = (folder / "about.json").read_text("utf-8")
    assert old in text
    (folder / "about.json").write_text(text.replace(old, new), encoding="utf-8")


def test_a_row_is_touched_if_it_came_went_or_was_written_again() -> None:
    """An update that changes nothing is an event as well: the row's version tells."""
    before = {"a": {"v": "1", "@version": "1"}, "b": {"v": "2", "@version": "2"}, "c": {"v": "3"}}
    after = {"a": {"v": "1", "@version": "9"}, "c": {"v": "3"}, "d": {"v": "4"}}
    assert touched(before, after) == {"a": {"v": "1"}, "b": None, "d": {"v": "4"}}


def test_what_is_rolled_back_has_not_happened() -> None:
    """Up to the savepoint, or all of it; no event tells of it."""
    steps = [{"t": {ONE: {"v": "1"}}} for _ in range(5)]
    began = undone("SAVEPOINT s", 2, 0, steps)
    assert undone("ROLLBACK TO s", 4, began, steps) == 2
    assert [bool(step) for step in steps] == [True, True, False, False, False]


def test_a_case_whose_rows_did_something_that_no_record_tells_is_refused(copied: Path) -> None:
    """A lost event must not look like a short expectation."""
    retold(copied, '"[\\"1\\"]": null', '"[\\"1\\"]": null, "[\\"9\\"]": {"id": "9", "name": "x"}')
    with pytest.raises(AssertionError, match="no record tells of"):
        derived(copied, "rows")


def test_a_case_whose_records_are_of_rows_that_nobody_saw_is_refused(copied: Path) -> None:
    """A record of somebody else's statement has slipped in."""
    retold(copied, '[\\"1\\"]', '[\\"7\\"]')
    with pytest.raises(AssertionError, match="no row tells of it"):
        derived(copied, "rows")


def test_names_are_no_part_of_a_shape(copied: Path) -> None:
    """Else every case would be unlike all others for its table's name alone."""
    schemas = copied / "records.schemas.jsonl"
    renamed = schemas.read_text("utf-8").replace("bare.public.items", "other.public.things")
    schemas.write_text(
        renamed.replace('"name","type":["null"', '"title","type":["null"'), encoding="utf-8"
    )
    assert shape(copied) == shape(CASE)
    schemas.write_text(renamed.replace('"string"', '"bytes"'), encoding="utf-8")
    assert shape(copied) != shape(CASE)


def test_a_pattern_is_repeated_for_each_of_its_words(tmp_path: Path) -> None:
    """Thirty-five types of one kind need no thirty-five texts."""
    path = tmp_path / "some.yaml"
    case = {"name": "c", "topic": "some.%w%", "says": "%w%", "section": ["1.1"]}
    repeat = {"with": [{"w": "a"}, {"w": "b"}], "tables": {"%w%": ["x %w%"]}, "cases": [case]}
    path.write_text(json.dumps({"database": "postgres", "repeat": repeat}), encoding="utf-8")
    scenario = load(path)
    assert [(one.topics, one.says) for one in scenario.cases] == [
        (("some.a",), "a"), (("some.b",), "b"),
    ]  # fmt: skip
    assert scenario.tables["b"].sql == ("x b",)


@pytest.mark.parametrize(
    ("kind", "text", "field"),
    [
        ("numeric", "0.1", 0.1),
        ("numeric", "9007199254740993", "9007199254740993"),
        ("text[]", '{a,NULL,"b \\"c\\"",""}', ["a", 'b "c"', ""]),
        ("timestamp with time zone", "2024-02-29 11:14:15.123999+00", "2024-02-29T11:14:15.123Z"),
        ("date", "infinity", None),
        ("interval", "P1M", "PT2629800S"),
        ("bit varying(9)", "101", 5),
    ],
)
def test_a_text_of_the_database_is_a_field(kind: str, text: str, field: object) -> None:
    """The rules that expectations rest on, by examples of `docs/mapping.md`."""
    assert rules.field(kind, text, None, {}) == field
