"""One round tells every mistake: each with its own line, and nothing that follows from another."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.config.load import load_compiled
from consumer.config.problems import ConfigErrors, ConfigProblem
from consumer.domain.problems import spell
from consumer.parts import edge_problems
from tests.property.damage import DAMAGES, RIGHT, Said, damaged, secrets

NAMES = sorted(DAMAGES)


def problems(text: str, environ: Mapping[str, str]) -> Sequence[ConfigProblem]:
    """Load a configuration as the commands do; return what is wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        secrets(Path(folder))
        file = Path(folder) / "coveo-cdc.yaml"
        file.write_text(text, encoding="utf-8")
        try:
            load_compiled(file, environ, edge_problems)
        except ConfigErrors as error:
            return error.problems
        return ()


def fits(problem: ConfigProblem, said: Said) -> bool:
    """Return whether a problem is the one that is wanted."""
    origin, line, path, says = said
    found = (Path(problem.origin).name, problem.line, spell(problem.path))
    return found == (origin, line, path) and says in problem.message


def check_report(names: Sequence[str]) -> None:
    """Hold the report of some mistakes against what it must say."""
    text, environ, wanted = damaged(DAMAGES[name] for name in names)
    found = problems(text, environ)
    report = "\n".join(map(str, found))
    for said in wanted:
        assert sum(fits(problem, said) for problem in found) == 1, f"{said} in\n{report}"
    assert len(found) == len(wanted), report
    lines = [problem.line or 0 for problem in found]
    assert lines == sorted(lines)


def test_the_configuration_that_is_damaged_is_right() -> None:
    """Otherwise its own mistakes would be counted."""
    assert problems(RIGHT, {}) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_is_told_once_at_its_line(name: str) -> None:
    """One thing to mend is one message."""
    check_report([name])


@given(st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True))
def test_mistakes_are_told_together_and_nothing_else(names: list[str]) -> None:
    """A second round costs a roll-out; a message without a mistake costs an hour."""
    check_report(names)


def test_all_mistakes_at_once_are_all_told() -> None:
    """However much is wrong, nothing hides anything."""
    check_report(NAMES)
