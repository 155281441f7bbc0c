"""What is expected follows from rows; cases are many, told apart, and can be recorded again."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from tests.golden.cases import FOLDERS, Expectation, about
from tests.golden.derive import derived
from tests.golden.record.scenario import Scenario, scenarios
from tests.golden.shapes import shape

AT_LEAST = 120
DERIVED = [
    Expectation(folder, configuration)
    for folder in FOLDERS
    for configuration in about(folder).get("configurations", ())
]
SCENARIOS = scenarios()


@pytest.mark.parametrize("one", DERIVED, ids=lambda one: one.name)
def test_what_is_expected_is_what_the_rows_call_for(one: Expectation) -> None:
    """Index = SELECT: worked out from what the database showed, by rules that share no code."""
    assert one.expected() == json.loads(json.dumps(derived(one.folder, one.mapping)))


def test_no_two_cases_of_a_section_show_the_same_shape() -> None:
    """A case that is another one's copy would make the suite look larger than it is."""
    alike = defaultdict(list)
    for folder in FOLDERS:
        told, shown = about(folder), shape(folder)
        for section in told["section"]:
            alike[section, shown].append(told["id"])
    assert [ids for ids in alike.values() if len(ids) > 1] == []
    assert len({shown for _, shown in alike}) >= AT_LEAST


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_case_of_a_scenario_is_recorded(scenario: Scenario) -> None:
    """What can be recorded again must be what was recorded: the same words, the same statements."""
    for case in scenario.cases:
        folder = FOLDERS[0].parents[1] / case.topics[0] / case.name
        told = about(folder)
        assert told["scenario"] == scenario.name
        assert told["says"] == case.says
        assert told["section"] == [*case.section]
        assert told.get("expect", {}) == case.expect
        assert told.get("differs", []) == [*case.differs]
        assert not case.sql or told["sql"] == [*case.sql]


def test_every_case_is_recorded_by_a_scenario() -> None:
    """A recording that nobody can make again is not evidence but a story."""
    known = {f"{case.topics[0]}/{case.name}" for one in SCENARIOS for case in one.cases}
    assert {about(folder)["id"] for folder in FOLDERS} == known
