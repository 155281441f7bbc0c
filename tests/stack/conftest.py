"""One stack for all tests of a process, on free ports, wiped at the end whatever happens."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import pytest

from tests.e2e.index import Index
from tests.stack.connector import Connector
from tests.stack.converters import Converter
from tests.stack.databases import Database, MariaDb, Postgres
from tests.stack.install import install, this_machine
from tests.stack.places import Folders, Part, StackError, default_home
from tests.stack.product import Product
from tests.stack.requirements import Decision, Verdict, decide, lacking, unfetched
from tests.stack.scene import Scene
from tests.stack.stack import Endpoints, Stack
from tests.stack.truth import Indexed

SceneMaker = Callable[..., Scene]

_FIGURES: Final = pytest.StashKey[dict[str, float]]()
_KINDS: Final[dict[Part, Callable[[Endpoints, str], Database]]] = {
    Part.POSTGRES: Postgres,
    Part.MARIADB: MariaDb,
}
_numbers: Final = itertools.count(1)


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Give the running stack; skip where it cannot be, and fail instead in CI.

    After a failure the logs of its parts are kept beside the temporary folders of the tests.
    """
    figures = request.config.stash.setdefault(_FIGURES, {})
    home = Folders(default_home(), Path())
    _obey(decide(lacking(this_machine(home)), os.environ))
    with _timed(figures, "install"):
        try:
            install(home)
        except StackError as problem:
            _obey(decide(unfetched(problem), os.environ))
    with _terminated_like_interrupted(), _run_folder() as run:
        stack = Stack(Folders(home.home, run))
        try:
            with _timed(figures, "up"):
                stack.up()
            yield stack
        finally:
            if request.session.testsfailed:
                _keep_logs(run, tmp_path_factory.getbasetemp() / "stack-logs")
            with _timed(figures, "wipe"):
                stack.wipe()


@pytest.fixture(scope="session")
def index() -> Index:
    """Give the emulator."""
    return Index()


@pytest.fixture
def make_scene(tmp_path: Path, stack: Stack, index: Index) -> Iterator[SceneMaker]:
    """Give a function that makes a scene; at the end connector, slot and namespace are dropped.

    `make_scene(Part.POSTGRES, ARTICLES, …, converter=Converter.CONFLUENT)`.
    """
    scenes: list[Scene] = []

    def make(part: Part, *tables: Indexed, converter: Converter = Converter.APICURIO) -> Scene:
        name = f"{part}_{next(_numbers)}"
        database = _KINDS[part](stack.endpoints, f"app_{name}")
        database.create()
        connector = Connector(stack.endpoints, database, name)
        folder = tmp_path / name
        folder.mkdir()
        product = Product(folder, stack.endpoints, index, connector)
        product.add(*tables)
        scenes.append(Scene(stack, database, connector, product, converter))
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.product.close()
    stack.up()  # whatever a test that failed has left down
    for scene in scenes:
        scene.connector.delete()
        scene.database.drop()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print how long the stack took to install, to start and to end."""
    if figures := config.stash.get(_FIGURES, None):
        texts = (f"{name} {seconds:.1f} s" for name, seconds in figures.items())
        terminalreporter.write_line(f"stack: {', '.join(texts)}")


def _obey(decision: Decision) -> None:
    match decision.verdict:
        case Verdict.RUN:
            pass
        case Verdict.SKIP:
            pytest.skip(decision.text)
        case Verdict.FAIL:
            pytest.fail(decision.text, pytrace=False)


@contextmanager
def _timed(figures: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    figures[name] = time.monotonic() - began


def _keep_logs(run: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for log in run.glob("*.log"):
        shutil.copy(log, target)
    sys.stderr.write(f"logs of the stack: {target}\n")


@contextmanager
def _run_folder() -> Iterator[Path]:
    """Make a folder that every user may enter, as PostgreSQL's must."""
    with tempfile.TemporaryDirectory(prefix="coveo-cdc-stack-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "run"


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM unwind as Ctrl-C does, so that nothing stays behind."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
