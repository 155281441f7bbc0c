"""Where the stack's tests run, are skipped, and must not be skipped. Needs no stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.stack.places import StackError, default_home, versions
from tests.stack.requirements import Machine, Verdict, decide, lacking, unfetched

BARE = Machine(
    linux=True,
    root=False,
    apt=False,
    installed=False,
    maven=False,
    databases_missing=("postgres", "mariadbd"),
)
DEBIAN = replace(BARE, root=True, apt=True)
READY = replace(BARE, installed=True, databases_missing=())


@pytest.mark.parametrize(
    "machine",
    [DEBIAN, READY, replace(READY, installed=False, maven=True)],
    ids=["installs all", "has all", "has Maven"],
)
def test_what_can_be_fetched_is_not_missing(machine: Machine) -> None:
    """A fresh Debian must need nothing but time."""
    assert lacking(machine) == []


def test_everything_that_is_missing_is_named_at_once_with_the_reason() -> None:
    """Whoever prepares a machine should have to do it once."""
    gone = "there is no apt to install them"
    assert lacking(BARE) == [f"postgres, mariadbd ({gone})", f"mvn ({gone})"]
    assert lacking(replace(BARE, apt=True))[1] == "mvn (they come with apt, as root)"
    assert lacking(replace(READY, databases_missing=("mariadbd",))) == [f"mariadbd ({gone})"]


def test_no_other_system_will_do() -> None:
    """Processes are told apart by `/proc`."""
    assert lacking(replace(READY, linux=False)) == ["Linux"]


@pytest.mark.parametrize("ci", [{}, {"CI": ""}, {"CI": "false"}, {"CI": "0"}])
def test_a_developer_without_the_parts_is_told_and_skipped(ci: dict[str, str]) -> None:
    """Nobody must install a broker to change a word in a page."""
    decision = decide(["mvn", "mariadbd"], ci)
    assert decision.verdict is Verdict.SKIP
    assert "missing: mvn; mariadbd" in decision.text


@pytest.mark.parametrize("value", ["true", "1", "yes", "True"])
def test_in_ci_a_missing_part_is_an_error(value: str) -> None:
    """A test that is skipped for months looks like one that passes."""
    decision = decide(["mvn"], {"CI": value})
    assert decision.verdict is Verdict.FAIL
    assert "mvn" in decision.text


def test_what_cannot_be_fetched_is_said_to_be_so() -> None:
    """The words of the command that failed alone do not say what is missing."""
    problem = StackError("exit status 1 from: pip download")
    verdict, text = decide(unfetched(problem), {})
    assert verdict is Verdict.SKIP
    assert "could not be fetched, is there a network? (exit status 1 from: pip download)" in text


@pytest.mark.parametrize("ci", [{}, {"CI": "true"}])
def test_where_nothing_is_missing_it_runs(ci: dict[str, str]) -> None:
    """With and without CI."""
    assert decide([], ci).verdict is Verdict.RUN


def test_the_cache_is_the_user_s_and_of_one_version() -> None:
    """Clones share it; a changed version never finds the parts of another."""
    name = f"coveo-cdc/stack-{versions()}"
    assert default_home({"XDG_CACHE_HOME": "/cache"}) == Path("/cache") / name
    assert default_home({}) == Path.home() / ".cache" / name
    assert default_home({"STACK_HOME": "/opt/stack", "XDG_CACHE_HOME": "/cache"}) == Path(
        "/opt/stack"
    )
