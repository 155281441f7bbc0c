"""`coveo-cdc support-bundle`: one file for whoever is asked for help, without secrets or data."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from consumer import __version__, app, parts
from consumer.cli.coveo import DeadlineOption
from consumer.cli.doctor import examined
from consumer.cli.options import ConfigOption, loaded
from consumer.config.load import Loaded
from consumer.config.redaction import Redacted, redacted
from consumer.coveo.accounts import call_of
from consumer.domain.errors import ConfigError
from consumer.http.deadline import Deadline
from consumer.http.local import NoPageError, page
from consumer.kafka import client_version
from consumer.observe.encoding import to_json
from consumer.observe.events import call_fields
from consumer.observe.logging import hide_forbidden
from consumer.support.archive import packed, write
from consumer.support.scrub import Scrubber
from consumer.support.tail import last_lines

OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="The file to write; it must not exist.")
]
LogOption = Annotated[Path | None, typer.Option("--log", help="A log file to take the end of.")]
LinesOption = Annotated[int, typer.Option("--lines", min=1, help="How many of its lines.")]

ABOUT = """What coveo-cdc support-bundle found, at the time in the folder's name (UTC).

configuration.yaml  the configuration as it was written, what the environment sets included
problems.txt        what is wrong with it, if anything is
environment.txt     names of the environment variables that this program reads
versions.json       versions of the program, its libraries, Python and the system
doctor.json         what `coveo-cdc doctor` finds, and its calls with codes and request ids
status.json         /status of the running program, with its last calls
metrics.txt         /metrics of the running program
log.txt             the end of the log file that was named

Replaced by ***: keys, passwords, tokens, user names, headers, the settings of the Kafka client
that are not known to be harmless, queries of URLs, and whatever looks like a credential. Document
ids are replaced as well. Row data, bodies and presigned addresses are not in these places to begin
with, unless the log is another program's. A part that could not be had says why.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the bundle; `missing` says why there is none."""

    text: str
    missing: str | None = None


def support_bundle(
    config: ConfigOption,
    output: OutputOption = None,
    log: LogOption = None,
    lines: LinesOption = 2_000,
    deadline_seconds: DeadlineOption = 60.0,
) -> None:
    """Write one archive with configuration, versions, findings, status, metrics and log.

    Secrets and document ids are replaced. A configuration that cannot be used is no obstacle.

    Example: coveo-cdc support-bundle --config coveo-cdc.yaml --log coveo-cdc.log
    """
    at = datetime.now(UTC)
    folder = f"coveo-cdc-support-{at:%Y%m%dT%H%M%SZ}"
    target = output or Path(f"{folder}.tar.gz")
    found = collected(config, log, lines, Deadline.after(deadline_seconds))
    texts = {name: part.text for name, part in found.items()}
    try:
        write(target, packed(folder, texts, int(at.timestamp())))
    except OSError as error:
        msg = f"{target} cannot be written: {error.strerror}; give another file with --output"
        raise ConfigError(msg) from error
    typer.echo(f"{target}: {', '.join(texts)}")
    for name, part in found.items():
        if part.missing is not None:
            typer.echo(f"  {name}: {part.missing}")


def collected(config: Path, log: Path | None, lines: int, whole: Deadline) -> dict[str, Found]:
    """Return every part, without secrets; none keeps another one from being there."""
    shown = redacted(config, os.environ)
    scrubber = Scrubber(shown.secrets, shown.id_prefixes)
    given, problems = _loaded(config)
    asked: dict[str, Callable[[], str]] = {
        "problems.txt": lambda: problems,
        "environment.txt": lambda: "".join(f"{name}=***\n" for name in shown.variables),
        "versions.json": lambda: _json(_versions(given)),
        "doctor.json": lambda: _doctor(given, whole),
        "status.json": lambda: _page(given, "/status", whole),
        "metrics.txt": lambda: _page(given, "/metrics", whole),
        "log.txt": lambda: _tail(log, lines),
    }
    return {
        "README.txt": Found(ABOUT),
        "configuration.yaml": _configuration(shown, scrubber),
        **{name: _part(ask, scrubber) for name, ask in asked.items()},
    }


def _part(ask: Callable[[], str], scrubber: Scrubber) -> Found:
    """Return what was asked for; whatever goes wrong, and its message, is scrubbed as well."""
    try:
        return Found(scrubber.text(ask()))
    except Exception as error:  # noqa: BLE001 - a bundle is asked for when something is broken
        known = isinstance(error, NotThereError | NoPageError | ConfigError)
        # The text of an unforeseen exception may quote data.
        why = scrubber.text(str(error)) if known else type(error).__name__
        return Found(f"not there: {why}\n", why)


class NotThereError(Exception):
    """A part cannot be had; the message says why, in fixed words."""


def _configuration(shown: Redacted, scrubber: Scrubber) -> Found:
    if not shown.text:
        why = "the file is not there, or no YAML"
        return Found(f"not there: {why}\n", why)
    return Found(scrubber.keeping_ids(shown.text))


def _loaded(config: Path) -> tuple[Loaded | None, str]:
    """Return the configuration if it can be used, and what is wrong with it."""
    try:
        return loaded(config), "none\n"
    except ConfigError as error:
        return None, f"{error}\n"


def _usable(given: Loaded | None) -> Loaded:
    if given is None:
        msg = "the configuration cannot be used: see problems.txt"
        raise NotThereError(msg)
    return given


def _doctor(given: Loaded | None, whole: Deadline) -> str:
    calls: list[dict[str, object]] = []
    findings = examined(
        _usable(given),
        whole.remaining_seconds(),
        lambda endpoint, reply: calls.append(call_fields(call_of(endpoint, reply))),
    )
    return _json({"findings": [one.document for one in findings], "calls": calls})


def _page(given: Loaded | None, path: str, whole: Deadline) -> str:
    server = parts.server_settings(_usable(given).settings)
    if server.port == 0:
        msg = "server.port is 0: the port of the running program is not known"
        raise NotThereError(msg)
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - as configured, not listened on
    host = anywhere.get(server.host, server.host)
    authority = f"[{host}]" if ":" in host else host
    return page(f"http://{authority}:{server.port}{path}", whole)


def _tail(log: Path | None, lines: int) -> str:
    if log is None:
        msg = "no file was named with --log"
        raise NotThereError(msg)
    try:
        return "".join(f"{_without_data(line)}\n" for line in last_lines(log, lines))
    except OSError as error:
        msg = f"{log} cannot be read: {error.strerror}"
        raise NotThereError(msg) from error


def _without_data(line: str) -> str:
    """Return a line without the fields that this program never logs: another one may have."""
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError:
        return line
    if not isinstance(fields, dict):
        return line
    return to_json(hide_forbidden(None, "", fields)).decode()


def _versions(given: Loaded | None) -> dict[str, Any]:
    about = {"version": __version__, "python": platform.python_version()}
    said = app.versions(given.mapping) if given else {**about, "librdkafka": client_version()}
    return {**said, "system": platform.platform(), "libraries": _libraries()}


def _libraries() -> dict[str, str]:
    """Return the versions of what the program needs, as installed."""
    names = [re.split(r"[^\w.-]", one)[0] for one in requires("coveo-cdc") or [] if ";" not in one]
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _json(document: object) -> str:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
