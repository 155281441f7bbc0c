"""Size, shape and habits: limits with a list of waivers that names reasons."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

import pytest

from tests.architecture.tree import CODE, PURE, Module, modules

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40

WAIVED: Mapping[str, str] = {}
"""`path` or `path::function` → why a limit does not help there."""

WALL_CLOCKS = frozenset({"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"})
VAGUE = re.compile(r"(Manager|Helper|Util|Utils|Handler)$")
EVERYTHING = modules(*CODE)
CONSUMER = modules("consumer")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: Module) -> Iterator[Function]:
    """Yield every function and method."""
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            yield node


def classes(module: Module) -> Iterator[ast.ClassDef]:
    """Yield every class."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            yield node


def too_long() -> set[str]:
    """Return whatever exceeds a limit, waived or not."""
    found = {m.name for m in EVERYTHING if m.text.count("\n") > MAX_FILE_LINES}
    for module in EVERYTHING:
        for function in functions(module):
            if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION_LINES:
                found.add(f"{module.name}::{function.name}")
    return found


def test_files_and_functions_are_short_enough_to_read_at_once() -> None:
    """300 lines a file, 40 a function: more than that has two reasons to change."""
    assert too_long() - set(WAIVED) == set()


def test_every_waiver_is_still_needed() -> None:
    """A waiver that outlives its reason invites the next one."""
    assert set(WAIVED) - too_long() == set()


@pytest.mark.parametrize(
    "module",
    [module for module in CONSUMER if module.package in PURE],
    ids=lambda module: module.name,
)
def test_pure_code_reads_no_clock(module: Module) -> None:
    """Time is a parameter: otherwise no failing run can be repeated."""
    calls = (node.func for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    clocks = [
        ast.unparse(func)
        for func in calls
        if isinstance(func, ast.Attribute)
        and func.attr in WALL_CLOCKS
        and ast.unparse(func.value) in {"datetime", "date", "datetime.datetime", "time"}
    ]
    assert clocks == []


def test_nobody_mocks() -> None:
    """A mock agrees with whoever wrote it; a fake passes the contract of the real thing."""
    patched = re.compile(r"unittest[.]mock|Magic" + r"Mock|setattr\(\s*.consumer[.]")
    assert [m.name for m in EVERYTHING if m.package != "tests" and patched.search(m.text)] == []
    importers = [
        m.name for m in EVERYTHING for name in m.imports() if name.startswith("unittest.mock")
    ]
    assert importers == []


def test_names_say_what_a_thing_is() -> None:
    """A name that fits everything explains nothing."""
    vague = [f"{m.name}: {c.name}" for m in EVERYTHING for c in classes(m) if VAGUE.search(c.name)]
    assert vague == []


def test_nothing_is_inherited_but_errors_and_protocols() -> None:
    """Behaviour is put together, not handed down: no reader has to look in two places."""
    own = {c.name: c for m in CONSUMER for c in classes(m)}
    heirs = [
        f"{m.name}: {c.name}({base.id})"
        for m in CONSUMER
        for c in classes(m)
        for base in c.bases
        if isinstance(base, ast.Name) and base.id in own and not _may_be_inherited(own[base.id])
    ]
    assert heirs == []


def _may_be_inherited(base: ast.ClassDef) -> bool:
    """Errors, protocols, and models of documents that share fields."""
    names = {ast.unparse(each) for each in base.bases}
    return base.name.endswith("Error") or bool(names & {"Protocol", "BaseModel", "Exception"})


def test_a_broad_except_stands_only_where_it_is_said_why() -> None:
    """A limit's error must not be caught by accident, or the limit is none."""
    silent = [
        f"{m.name}:{node.lineno}"
        for m in CONSUMER
        for node in ast.walk(m.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and "BLE001 - " not in m.text.splitlines()[node.lineno - 1]
    ]
    assert silent == []


def test_no_test_sleeps_for_long() -> None:
    """A sleep is a guess about somebody else's speed; 50 ms is the longest one."""
    long_sleeps = [
        f"{m.name}:{node.lineno}"
        for m in modules("tests")
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"time.sleep", "sleep"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, int | float)
        and node.args[0].value > 0.05
    ]
    assert long_sleeps == []


RUNS_TEXT = frozenset({"eval", "exec", "compile", "__import__", "execfile"})
RUNS_TEXT_BY_NAME = frozenset(
    {"CodeType", "FunctionType", "import_module", "interact", "runsource"}
)
MAKES_SOURCE: Mapping[str, str] = {}
"""Module → why it turns text into code, and what proves that no text of a schema gets there."""


def test_no_text_becomes_code() -> None:
    """Schemas, rows and configuration are untrusted: none of their text is ever run (design §6)."""
    runners = {
        m.name: f"{m.name}:{node.lineno}"
        for m in CONSUMER
        for node in ast.walk(m.tree)
        if (isinstance(node, ast.Name) and node.id in RUNS_TEXT)
        or (isinstance(node, ast.Attribute) and node.attr in RUNS_TEXT_BY_NAME)
        or (isinstance(node, ast.Attribute) and ast.unparse(node.value) == "builtins")
    }
    assert set(runners) == set(MAKES_SOURCE), runners
