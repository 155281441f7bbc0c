"""An operator's mistake at the start: what, where, what now; exit 2, no traceback, nothing read."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import pytest

from emulator.calls import Endpoint
from emulator.faults import Drop, Effect, Status
from emulator.settings import SourceSpec
from tests.e2e.program import Json
from tests.e2e.rows import row
from tests.e2e.stage import Stage, changed

pytestmark = pytest.mark.e2e


def refused(stage: Stage, configuration: Json) -> str:
    """Start under a wrong configuration; return what was said, having checked how it ended."""
    stage.put(row("a", 1))
    program = stage.start(configuration)
    assert program.wait() == 2
    said = program.output()
    assert "Traceback" not in said
    assert stage.committed() == [0, 0, 0]
    assert stage.requests("push_batch") == []
    return said


def place(stage: Stage, key: str) -> str:
    """Return how a message begins about the line of the file that holds a key."""
    lines = (stage.folder / "coveo-cdc-0.yaml").read_text(encoding="utf-8").splitlines()
    (number,) = [at for at, line in enumerate(lines, start=1) if f'"{key}":' in line]
    return f"/coveo-cdc-0.yaml:{number}: "


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"windows.linger_secconds": 1},
            {"linger_secconds": "windows.linger_secconds: there is no such key; did you mean"},
        ),
        (
            {"coveo.api_key_file": "no-such-file"},
            {"api_key_file": "put the secret there"},
        ),
        (
            {"kafka.poll_seconds": "soon", "windows.max_operations": 0},
            {"poll_seconds": "expected a number", "max_operations": "must be at least 1"},
        ),
        (
            {"kafka.settings": {"enable.auto.commit": True, "fetch.wait.max.mss": 1}},
            {
                "enable.auto.commit": "kafka.settings.enable.auto.commit: always off: an offset is "
                "committed only behind a fate; remove it",
                "fetch.wait.max.mss": "did you mean 'fetch.wait.max.ms'",
            },
        ),
        (
            {
                "kafka.settings": {"enable.auto.commit": True},
                "coveo.api_key_file": "no-such-file",
                "budgets": {"total_bytes": 1_000},
                "heartbeats": 1,
            },
            {
                "enable.auto.commit": "only behind a fate",
                "api_key_file": "put the secret there",
                "total_bytes": "less than one window",
                "heartbeats": "there is no such key",
            },
        ),
    ],
    ids=["unknown key", "missing key file", "wrong types", "unsafe client settings", "all kinds"],
)
def test_a_wrong_configuration_is_refused_with_its_place_and_what_to_do(
    stage: Stage, changes: Mapping[str, Any], said: Mapping[str, str]
) -> None:
    """Everything is said at once, each mistake with its line, before anything is connected."""
    lines = refused(stage, changed(stage.configuration(), changes)).splitlines()
    for key, words in said.items():
        (line,) = [one for one in lines if place(stage, key) in one]
        assert words in line
    assert f"{len(said)} problem" in lines[0]


def test_an_id_over_columns_that_cannot_be_right_is_refused_at_start(stage: Stage) -> None:
    """A mapping is checked as far as it can be without any row."""
    configuration = stage.configuration()
    configuration["mappings"][0]["id"] = "{id}"
    output = refused(stage, configuration)
    assert "mappings[0].id" in output
    assert "://" in output


def test_a_port_in_use_is_named_with_its_setting(stage: Stage) -> None:
    """Two programs on one machine are a mistake of the configuration, not a crash."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        output = refused(stage, changed(stage.configuration(), {"server.port": port}))
    assert f"cannot listen on 127.0.0.1:{port}" in output
    assert "choose another 'server.port'" in output


def test_a_file_that_is_not_there_is_named(stage: Stage) -> None:
    """The first mistake of all."""
    who = {"username": "e2e", "password_file": "/nowhere/password"}
    output = refused(stage, changed(stage.configuration(), {"schema_registry.basic": who}))
    assert "schema_registry.basic.password_file" in output
    assert "/nowhere/password" in output


def test_tls_files_that_do_not_fit_are_refused_at_start(stage: Stage) -> None:
    """Waiting for a registry would not mend them."""
    (stage.folder / "ca.pem").write_text("no certificate", encoding="utf-8")
    output = refused(
        stage, changed(stage.configuration(), {"schema_registry.tls": {"ca_file": "ca.pem"}})
    )
    assert "schema_registry.tls: " in output
    assert "ca.pem' cannot be used" in output


def test_a_source_that_a_product_of_coveos_feeds_is_never_written_to(stage: Stage) -> None:
    """Its ordering ids and ours defeat each other, and only creating it anew would mend that."""
    stage.index.world.put_source(SourceSpec(stage.sources["open"], type="SITECORE"))
    output = refused(stage, stage.configuration())
    assert "targets.open: source" in output
    assert "is fed by Coveo (SITECORE)" in output
    assert "never push to it" in output


@pytest.mark.parametrize("effect", [Status(403), Status(500), Drop()])
def test_whose_a_source_is_need_not_be_known(stage: Stage, effect: Effect) -> None:
    """The platform is another host, and the key may be for pushing alone."""
    stage.index.fault(effect, Endpoint.READ_SOURCE)
    program = stage.running()
    stage.put(row("a", 1))
    stage.wait_for_versions(row("a", 1))
    assert program.stop() == 0
