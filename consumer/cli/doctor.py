"""`coveo-cdc doctor`: whether Coveo is what the configuration takes it to be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import assert_never

import orjson
import typer

from consumer import parts
from consumer.cli.coveo import DeadlineOption, JsonOption, coveo_client
from consumer.cli.options import ConfigOption, loaded
from consumer.cli.tables import in_columns
from consumer.config.load import Loaded
from consumer.coveo.calls import Told
from consumer.coveo.inquiry import inquire
from consumer.doctor.examine import examine
from consumer.doctor.findings import Finding, Verdict, worst
from consumer.doctor.wants import inquiry
from consumer.http.deadline import Deadline


def doctor(
    config: ConfigOption,
    deadline_seconds: DeadlineOption = 60.0,
    *,
    json: JsonOption = False,
) -> None:
    """Compare Coveo with the configuration: key, sources, permissions, fields, limits, clock.

    Reads only; nothing is written or pushed.

    Example: coveo-cdc doctor --config coveo-cdc.yaml
    """
    findings = examined(loaded(config), deadline_seconds)
    typer.echo(_as_json(findings) if json else _as_table(findings))
    if code := exit_code(worst(findings)):
        raise typer.Exit(code)


def examined(
    given: Loaded, deadline_seconds: float, told: Told | None = None
) -> tuple[Finding, ...]:
    """Ask Coveo and return what follows from its answers."""
    wants = parts.doctor_wants(given.settings)
    with coveo_client(given, told) as client:
        whole = Deadline.after(deadline_seconds)
        answers = inquire(client, inquiry(wants), whole, datetime.now(UTC))
    return examine(wants, answers)


def exit_code(verdict: Verdict) -> int:
    """Return what a script sees of a verdict."""
    match verdict:
        case Verdict.OK | Verdict.WARNING:
            return 0
        case Verdict.UNKNOWN:
            return 1
        case Verdict.ERROR:
            return 2
        case _:
            assert_never(verdict)


def _as_json(findings: Iterable[Finding]) -> str:
    documents = [finding.document for finding in findings]
    verdict = worst(findings).value
    document = {"verdict": verdict, "findings": documents}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def _as_table(findings: Iterable[Finding]) -> str:
    rows = [(one.verdict.value, one.check.value, one.about, _said(one)) for one in findings]
    return in_columns(("verdict", "check", "of", "what it means"), rows)


def _said(finding: Finding) -> str:
    return f"{finding.message}; {finding.to_do}" if finding.to_do else finding.message
