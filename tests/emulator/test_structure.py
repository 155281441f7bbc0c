"""What may import what, and that the documentation knows every name."""

from __future__ import annotations

import ast
import re
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route
from typer.main import get_command

from emulator.__main__ import app
from emulator.api import ROUTES, UNSUPPORTED
from emulator.app import create_app
from emulator.batches import ViolationKind
from emulator.calls import Endpoint
from emulator.faults import EFFECTS
from emulator.identitybodies import IdentityAction
from emulator.rejections import Reason
from emulator.routing import Route as ApiRoute
from emulator.settings import (
    NON_PRODUCTION,
    PRODUCTION,
    UNLIMITED,
    Limits,
    Quota,
    Retention,
    Settings,
)
from emulator.state.transfer import KINDS_OF_RECORDS
from emulator.switches import Switches
from emulator.world import World

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "emulator").rglob("*.py"))
# Only these may know HTTP libraries; the rest is the core.
EDGES = {"app.py", "serving.py", "__main__.py", "options.py", "keeping.py"}
DOCS = ROOT / "docs" / "emulator.md"
TEXT = DOCS.read_text(encoding="utf-8")


def imports_of(module: Path) -> set[str]:
    """Return the top-level packages a module imports."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {one.name.partition(".")[0] for one in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_the_emulator_shares_no_code_with_the_consumer(module: Path) -> None:
    """A misreading of the API on one side must not be cancelled out by the other."""
    assert not imports_of(module) & {"consumer", "demo", "pydantic", "confluent_kafka"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_the_core_knows_no_http_library(module: Path) -> None:
    """It can be driven without a server."""
    if module.name not in EDGES and module.parent.name != "web":
        assert not imports_of(module) & {"starlette", "uvicorn", "httptools", "anyio", "typer"}


def documented() -> list[str]:
    """Return every name the documentation has to mention."""
    names = [path.replace(":path", "") for path in UNSUPPORTED]
    for route in create_app(World()).routes:
        assert isinstance(route, Route)
        methods = (route.methods or set()) - {"HEAD"}
        names += [f"{method} {route.path}" for method in methods]
    names += [*EFFECTS, *Endpoint, *Reason, *ViolationKind, *IdentityAction]
    for kind in (Switches, Limits, Quota, Retention, Settings):
        names += [one.name for one in fields(kind)]
    return sorted(set(names))


@pytest.mark.parametrize("route", ROUTES, ids=lambda one: f"{one.method} {one.path}")
def test_the_documentation_names_each_route_with_its_endpoint(route: ApiRoute) -> None:
    """A fault rule needs the endpoint's name, a reader the path."""
    row = f"| `{route.method} {route.path}` | `{route.endpoint}` |"
    assert row in TEXT


@pytest.mark.parametrize("one", fields(Switches), ids=lambda one: one.name)
def test_the_documentation_lists_each_switch_with_its_values_and_reason(one: Field[Any]) -> None:
    """The default comes first, and nothing undocumented is decided without saying why."""
    default = getattr(Switches(), one.name)
    if isinstance(default, bool):
        values = [str(default).lower(), str(not default).lower()]
    else:
        others = [value for value in type(default) if value is not default]
        values = [f"`{value}`" for value in (default, *others)]
    row = re.search(
        rf"^\| `{one.name}` \| {re.escape(', '.join(values))} \| .{{20,}} \|$", TEXT, re.MULTILINE
    )
    assert row is not None, f"{one.name}: {', '.join(values)}"


def written(number: int | None) -> str:
    """Return a number as the documentation writes it."""
    return "none" if number is None else f"{number:,}"


@pytest.mark.parametrize("kind", [Limits, Retention])
def test_the_documentation_lists_each_bound_with_its_default(
    kind: type[Limits | Retention],
) -> None:
    """A client is sized by these numbers."""
    default = kind()
    for one in fields(kind):
        assert f"| `{one.name}` | {written(getattr(default, one.name))} |" in TEXT


@pytest.mark.parametrize("one", fields(Quota), ids=lambda one: one.name)
def test_the_documentation_lists_each_quota_by_profile(one: Field[Any]) -> None:
    """In the order of the table's head."""
    profiles = (PRODUCTION, NON_PRODUCTION, UNLIMITED)
    cells = " | ".join(written(getattr(profile, one.name)) for profile in profiles)
    assert f"| `{one.name}` | {cells} |" in TEXT


def options() -> list[str]:
    """Return every option of the command that serves."""
    return [name for one in get_command(app).params for name in one.opts if name != "--help"]


@pytest.mark.parametrize("name", options())
def test_the_documentation_explains_each_option(name: str) -> None:
    """In the table of the first page."""
    assert f"| `{name}` | " in TEXT


@pytest.mark.parametrize("kind", KINDS_OF_RECORDS)
def test_the_documentation_names_each_kind_of_record(kind: str) -> None:
    """Files are written by hand."""
    assert f"`{kind}`" in TEXT or f'"kind": "{kind}"' in TEXT


@pytest.mark.parametrize("name", documented())
def test_the_documentation_mentions(name: str) -> None:
    """Endpoints, admin calls, switches, limits, effects, reasons."""
    assert f"`{name}`" in TEXT
