"""`coveo-cdc support-bundle` beside a running program: what helps is in it, no secret is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.index import API_KEY
from tests.e2e.program import Json, wait_for
from tests.e2e.rows import row
from tests.e2e.stage import Stage, document_id, free_port

ROWS = (row("1", 1), row("2", 1))
ROOT = Path(__file__).parents[2]

PLANTED = {
    "the key's file": API_KEY,
    "a Kafka setting": "s3cret-of-kafka-settings",
    "a Kafka setting's file": "s3cret-in-a-file-for-kafka",
    "a header": "s3cret-header-of-the-registry",
    "a header's file": "s3cret-header-in-a-file",
    "the registry's password": "s3cret-password-of-the-registry",
    "the registry's user": "s3cret-user-of-the-registry",
    "the environment": "s3cret-from-the-environment",
    "a stray variable": "s3cret-of-a-stray-variable",
    "a presigned address": "s3cretsignatureofanupload",
    "a header in a log": "s3crettokeninalog",
    "a body in a log": "s3cret-body-of-a-row",
    "an address": "s3cretinanaddress",
}


def plant(stage: Stage) -> tuple[Json, dict[str, str], Path]:
    """Return configuration, environment and log with a secret in every place for one."""
    (stage.folder / "kafka-secret").write_text(PLANTED["a Kafka setting's file"])
    (stage.folder / "header").write_text(PLANTED["a header's file"])
    (stage.folder / "password").write_text(PLANTED["the registry's password"])
    configuration = stage.configuration()
    configuration["kafka"]["settings"] |= {
        "sasl.password": PLANTED["a Kafka setting"],
        "ssl.key.password": {"file": str(stage.folder / "kafka-secret")},
    }
    configuration["schema_registry"] |= {
        "headers": {"X-Tenant": PLANTED["a header"], "X-Key": {"file": "header"}},
        "basic": {"username": PLANTED["the registry's user"], "password_file": "password"},
    }
    environ = {"COVEO_CDC__KAFKA__SETTINGS__SASL_USERNAME": PLANTED["the environment"]}
    return configuration, environ, stage.folder / "a-log"


def log_lines() -> str:
    """Return what a log may hold that other programs write to as well."""
    address = f"https://b.invalid/o/f?X-Amz-Signature={PLANTED['a presigned address']}"
    body = json.dumps({"event": "x", "body": {"text": PLANTED["a body in a log"]}})
    lines = [
        f"PUT {address}",
        f"Authorization: Bearer {PLANTED['a header in a log']}",
        f"http://user:{PLANTED['an address']}@host/",
        body,
        *(f"quoted {secret!r}" for secret in PLANTED.values() if "-" in secret
          and secret not in {PLANTED["a body in a log"], PLANTED["a stray variable"]}),
        "pushed e2e://rows/1 and e2e%3A%2F%2Frows%2F2",
        '{"event":"batch_accepted","request_id":"r-17"}',
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def bundle(stage: Stage, configuration: Json, environ: dict[str, str], log: Path) -> dict[str, str]:
    """Make a bundle as an operator does; return its texts by name."""
    config, target = stage.folder / "bundled.yaml", stage.folder / "bundle.tar.gz"
    config.write_text(json.dumps(configuration))
    command = [sys.executable, "-m", "consumer", "support-bundle", "--config", str(config)]
    arguments = ["--output", str(target), "--log", str(log), "--deadline-seconds", "20"]
    made = subprocess.run(
        [*command, *arguments], env={**os.environ, **environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert planted_in(made.stdout + made.stderr) == []
    with tarfile.open(target) as archive:
        files = {each.name.partition("/")[2]: archive.extractfile(each) for each in archive}
        return {name: file.read().decode() for name, file in files.items() if file}


def planted_in(text: str) -> list[str]:
    """Return the places whose secret is in a text."""
    return [place for place, secret in PLANTED.items() if secret in text]


@pytest.fixture
def texts(stage: Stage) -> dict[str, str]:
    """Return the bundle of a program that has pushed something."""
    configuration, environ, log = plant(stage)
    running = stage.configuration() | {"server": configuration["server"]}
    program = stage.running(running)
    stage.put(*ROWS)
    stage.wait_for_versions(*ROWS)
    wait_for(lambda: program.status().get("calls"), "calls on /status")
    log.write_text(program.output() + log_lines())
    return bundle(stage, configuration, environ, log)


def test_no_secret_is_in_a_bundle_and_what_helps_is(stage: Stage, texts: dict[str, str]) -> None:
    """It is sent to people who must not have any of it."""
    assert {name: planted_in(text) for name, text in texts.items() if planted_in(text)} == {}
    everything = "\n".join(texts.values())
    for hidden in ("e2e://rows/1", document_id(ROWS[1]), "rows%2F2", "X-Amz-Signature="):
        assert hidden not in everything
    shown: Any = {name: json.loads(text) for name, text in texts.items() if "json" in name}
    endpoints = {call["endpoint"] for call in shown["status.json"]["calls"]}
    assert endpoints >= {"files", "upload", "documents/batch"}
    assert {one["verdict"] for one in shown["doctor.json"]["findings"]} >= {"ok"}
    assert {"code", "path", "seconds"} <= shown["doctor.json"]["calls"][0].keys()
    assert shown["versions.json"]["libraries"]["httpx"] != "not installed"
    assert "cdc_push_requests_total" in texts["metrics.txt"]
    assert '"request_id":"r-17"' in texts["log.txt"]
    assert "run_started" in texts["log.txt"]
    assert stage.open.topic in texts["configuration.yaml"]
    assert "SASL_USERNAME=***" in texts["environment.txt"]
    assert texts["problems.txt"] == "none\n"


def test_a_broken_configuration_makes_a_bundle_all_the_same(stage: Stage) -> None:
    """That is when somebody asks for help; parts that cannot be had say why."""
    configuration, environ, log = plant(stage)
    configuration["coveo"]["api_kee"] = PLANTED["the key's file"]
    configuration["schema_registry"]["url"] = f"http://user:{PLANTED['an address']}@host"
    environ["COVEO_CDC_API_KEY"] = PLANTED["a stray variable"]
    log.write_text(log_lines() + PLANTED["a stray variable"])
    texts = bundle(stage, configuration, environ, log)
    assert {name: planted_in(text) for name, text in texts.items() if planted_in(text)} == {}
    assert "coveo.api_kee" in texts["problems.txt"]
    assert "COVEO_CDC_API_KEY" in texts["problems.txt"]
    for part in ("doctor.json", "status.json", "metrics.txt"):
        assert texts[part] == "not there: the configuration cannot be used: see problems.txt\n"


def test_without_a_running_program_and_without_coveo_the_rest_is_there(stage: Stage) -> None:
    """Nobody answers: that is a finding, too."""
    configuration = stage.configuration()
    configuration["coveo"]["base_url"] = f"http://127.0.0.1:{free_port()}"
    texts = bundle(stage, configuration, {}, stage.folder / "no-such-log")
    assert texts["status.json"].startswith("not there: http://127.0.0.1:")
    assert texts["log.txt"].startswith("not there: ")
    findings = {each["check"]: each for each in json.loads(texts["doctor.json"])["findings"]}
    assert findings["platform_host"]["verdict"] == "error"
    assert findings["source"]["verdict"] == "unknown"
