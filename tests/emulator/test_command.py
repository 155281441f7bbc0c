"""The command line, as a process of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx
import pytest

from tests.emulator.program import run, running


def test_the_command_prints_its_address_and_stops_on_interrupt(tmp_path: Path) -> None:
    """One line when ready, exit code 0 on Ctrl-C, and the options are obeyed."""
    key_file = tmp_path / "key"
    key_file.write_text("secret\n")
    options = ["--organization", "acme", "--source", "hr:secured", "--api-key-file", str(key_file)]
    with running(*options) as (process, address):
        sources = httpx.get(f"{address}/__admin/sources").json()["sources"]
        files = f"{address}/push/v1/organizations/acme/files"
        right = httpx.post(files, headers={"Authorization": "Bearer secret"}).status_code
        wrong = httpx.post(files, headers={"Authorization": "Bearer other"}).status_code
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    assert [(one["name"], one["visibility"]) for one in sources] == [("hr", "SECURED")]
    assert (right, wrong) == (201, 401)


def test_help_shows_an_example() -> None:
    """And what the exit codes mean."""
    result = run("--help")
    assert result.returncode == 0
    assert "coveo-push-emulator --port 8700" in result.stdout
    assert "Exit codes" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--source", "a:open"],
        ["--quota", "much"],
        ["--port", "70000"],
        ["--switch", "log_order=sideways"],
        ["--switch", "gravity=off"],
    ],
)
def test_wrong_usage_is_exit_code_two(arguments: list[str]) -> None:
    """With the option named."""
    result = run(*arguments)
    assert result.returncode == 2
    assert arguments[0] in result.stderr


def test_an_address_that_cannot_be_used_is_exit_code_one() -> None:
    """And says which."""
    result = run("--host", "192.0.2.1")
    assert result.returncode == 1
    assert "cannot listen on 192.0.2.1:0" in result.stderr


def test_switches_providers_and_catalogs_are_chosen_by_options() -> None:
    """So that no Python is needed to try another reading."""
    options = ["--switch", "accepted_body={}", "--switch", "monotonic_ordering=false"]
    options += ["--provider", "CRM", "--source", "hr:secured", "--source", "shop:catalog"]
    with running(*options) as (_, address), httpx.Client(base_url=address) as client:
        client.headers["Authorization"] = "Bearer k"
        base = "/push/v1/organizations/emulator"
        body = {"data": "", "permissions": [{"allowAnonymous": True}]}
        query = {"documentId": "a://1"}
        reply = client.put(f"{base}/sources/hr/documents", params=query, json=body)
        assert (reply.status_code, reply.json()) == (202, {})
        assert client.post(f"{base}/sources/shop/stream/open").status_code == 201
        source = client.get("/rest/organizations/emulator/sources/hr").json()
    assert source["securityProviderReferences"] == ["CRM"]
