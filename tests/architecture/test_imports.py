"""Who may import whom: conventions §3.1 as tables, and a walk over every import."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import pytest

from tests.architecture.tree import PURE, Module, modules

MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "domain": frozenset(),
    "decode": frozenset({"domain"}),
    "mapping": frozenset({"domain"}),
    "state": frozenset({"domain"}),
    "pipeline": frozenset({"domain"}),
    "http": frozenset(),
    "kafka": frozenset({"domain"}),
    "coveo": frozenset({"domain", "http"}),
    "registry": frozenset({"domain", "http"}),
    # Judges the answers of the one by the documents of the other.
    "doctor": frozenset({"domain", "mapping", "coveo"}),
    "support": frozenset(),
    "runtime": frozenset({"domain", "decode", "mapping", "state", "pipeline"}),
    # Reads the loop's status, a plain value; the loop knows its port only.
    "observe": frozenset({"domain", "pipeline", "runtime"}),
    # A mapping document is part of the configuration file.
    "config": frozenset({"domain", "mapping"}),
}
"""Packages of the consumer that a package may import besides itself. `app`, `stations`,
`parts`, `cli` and `__main__` put things together and may import all of them."""

PUTS_TOGETHER = frozenset({"app", "stations", "parts", "cli", "__main__", "__init__"})

ONLY_IMPORTER: Mapping[str, frozenset[str]] = {
    "confluent_kafka": frozenset({"kafka"}),
    "httpx": frozenset({"http", "coveo", "registry"}),
    "httpcore": frozenset({"http"}),
    "prometheus_client": frozenset({"observe"}),
    "structlog": frozenset({"observe"}),
    "fastavro": frozenset({"decode"}),
    "lmdb": frozenset({"state"}),
    "cel": frozenset({"mapping"}),
    "typer": frozenset({"cli", "__main__"}),
    "pydantic_settings": frozenset({"config"}),
}
"""Libraries that few packages of the consumer, mostly one, hide from all others."""

NOT_IN_PURE = frozenset(
    {
        "asyncio",
        "concurrent",
        "http",
        "multiprocessing",
        "os",
        "pathlib",
        "queue",
        "random",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
    }
)
"""Modules that touch the world: clocks, threads, files, sockets, chance."""

CONSUMER = modules("consumer")
STATUS_ONLY = "consumer.runtime.status"


def first_party(module: Module) -> set[str]:
    """Return the consumer's packages that a module imports."""
    inside = (name.split(".") for name in module.imports() if name.startswith("consumer."))
    return {parts[1] for parts in inside if len(parts) > 1} - {"__version__"}


@pytest.mark.parametrize("module", CONSUMER, ids=lambda module: module.name)
def test_dependencies_point_inwards(module: Module) -> None:
    """The core must not know its edges, nor an edge another: each is replaced on its own."""
    if module.package in PUTS_TOGETHER:
        return
    allowed = MAY_IMPORT[module.package] | {module.package}
    assert first_party(module) <= allowed, f"{module.name} imports {first_party(module) - allowed}"


def test_every_package_has_its_place() -> None:
    """A package that is in no table obeys no rule."""
    packages = {module.package for module in CONSUMER}
    assert packages <= set(MAY_IMPORT) | PUTS_TOGETHER


def test_observing_knows_the_loop_s_status_and_nothing_else_of_it() -> None:
    """Whoever could reach the loop from a request thread would one day call it."""
    names = [
        f"{module.name}: {name}"
        for module in CONSUMER
        if module.package == "observe"
        for name in module.imports()
        if name.startswith("consumer.runtime.") and not name.startswith(STATUS_ONLY)
    ]
    assert names == []


@pytest.mark.parametrize(("library", "owners"), ONLY_IMPORTER.items())
def test_a_library_has_one_importer(library: str, owners: frozenset[str]) -> None:
    """What only one package knows can be exchanged in one package."""
    others = [
        module.name
        for module in CONSUMER
        if module.package not in owners
        for name in module.imports()
        if name.split(".")[0] == library
    ]
    assert others == []


@pytest.mark.parametrize("package", ["domain", "pipeline"])
def test_the_innermost_packages_use_the_standard_library_only(package: str) -> None:
    """Rules of the trade outlive every library."""
    foreign = {
        f"{module.name}: {name}"
        for module in CONSUMER
        if module.package == package
        for name in module.imports()
        if name.split(".")[0] not in {*sys.stdlib_module_names, "consumer"}
    }
    assert foreign == set()


@pytest.mark.parametrize(
    "module",
    [module for module in CONSUMER if module.package in PURE],
    ids=lambda module: module.name,
)
def test_pure_code_touches_nothing_outside(module: Module) -> None:
    """What takes values and gives values can be simulated a million times a minute."""
    touched = {
        forbidden
        for name in module.imports()
        for forbidden in NOT_IN_PURE
        if name == forbidden or name.startswith(f"{forbidden}.")
    }
    assert touched == set()


def test_the_settings_model_is_known_to_the_composition_root_only() -> None:
    """Each part gets its own small settings object; nobody reads the whole configuration."""
    readers = {
        module.name
        for module in CONSUMER
        if module.package not in {"config", "app", "parts"}
        for name in module.imports()
        if name.startswith("consumer.config.model")
    }
    assert readers == set()


@pytest.mark.parametrize(
    ("tops", "forbidden"),
    [
        (("emulator",), ("consumer", "demo", "tests")),
        (("consumer",), ("emulator", "demo", "tests", "benchmarks")),
        (("demo",), ("tests",)),
    ],
)
def test_houses_stay_apart(tops: tuple[str, ...], forbidden: tuple[str, ...]) -> None:
    """A misreading of the API in one must not be cancelled out by the same code in the other."""
    crossing = [
        f"{module.name}: {name}"
        for module in modules(*tops)
        for name in module.imports()
        if name.split(".")[0] in forbidden and not _is_the_stack(module.name, name)
    ]
    assert crossing == []


def _is_the_stack(module: str, imported: str) -> bool:
    """Return whether this is the demonstration on real parts, which starts them as the tests do."""
    on_real_parts = module in {"demo/live.py", "demo/real.py", "demo/record/kb.py"}
    return on_real_parts and imported.startswith("tests.stack.")
