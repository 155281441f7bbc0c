"""`coveo-cdc fields plan` and `fields apply`: the index's fields for what mappings send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import orjson
import typer

from consumer import parts
from consumer.cli.coveo import DeadlineOption, JsonOption, coveo_client
from consumer.cli.options import ConfigOption, loaded
from consumer.cli.tables import in_columns
from consumer.coveo.answers import NotGiven
from consumer.coveo.client import CoveoClient
from consumer.coveo.creating import create_fields
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.inquiry import all_fields
from consumer.coveo.results import Done
from consumer.doctor.plan import FieldPlan, Fit, planned, to_create
from consumer.doctor.refusals import refusal
from consumer.doctor.sent import WantedField
from consumer.domain.errors import ConfigError, RetryableError
from consumer.http.deadline import Deadline

fields = typer.Typer(no_args_is_help=True, help="The index's fields for what mappings send.")

YesOption = Annotated[bool, typer.Option("--yes", help="Create them; without it nothing is done.")]
_TRIES = 2
"""Somebody else, or a call whose answer was lost, may have created what a plan still misses."""


@fields.command("plan")
def plan(
    config: ConfigOption, deadline_seconds: DeadlineOption = 60.0, *, json: JsonOption = False
) -> None:
    """Show which fields are missing or do not fit, and what would be created. Changes nothing.

    Example: coveo-cdc fields plan --config coveo-cdc.yaml
    """
    given = loaded(config)
    wanted = parts.doctor_wants(given.settings).fields
    with coveo_client(given) as client:
        plans = _plans(client, wanted, Deadline.after(deadline_seconds))
    _show(plans, created=(), json=json)


@fields.command("apply")
def apply(
    config: ConfigOption,
    deadline_seconds: DeadlineOption = 60.0,
    *,
    json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Create the fields that are missing; done twice it changes nothing. No type is ever changed.

    Example: coveo-cdc fields apply --config coveo-cdc.yaml --yes
    """
    given = loaded(config)
    if not yes:
        msg = "fields apply creates fields in the organization: see `fields plan`, then add --yes"
        raise ConfigError(msg)
    wanted = parts.doctor_wants(given.settings).fields
    with coveo_client(given) as client:
        before, after = _applied(client, wanted, Deadline.after(deadline_seconds))
    missing = {field.name for field in to_create(after)}
    created = [each.name for each in to_create(before) if each.name not in missing]
    _show(after, created=created, json=json)


def _applied(
    client: CoveoClient, wanted: Sequence[WantedField], whole: Deadline
) -> tuple[tuple[FieldPlan, ...], tuple[FieldPlan, ...]]:
    """Return the plans before and after. Raises what keeps a field from being created."""
    before = plans = _plans(client, wanted, whole)
    refused: NotGiven | None = None
    for _ in range(_TRIES):
        missing = to_create(plans)
        if not missing:
            break
        refused = create_fields(client, missing, whole)
        plans = _plans(client, wanted, whole)
    if refused is not None and to_create(plans):
        raise _error(refused, Endpoint.FIELDS_CREATE)
    return before, plans


def _plans(
    client: CoveoClient, wanted: Sequence[WantedField], whole: Deadline
) -> tuple[FieldPlan, ...]:
    result = all_fields(client, whole)
    if not isinstance(result, Done):
        raise _error(result, Endpoint.FIELDS)
    return planned(wanted, result.value)


def _error(given: NotGiven, endpoint: Endpoint) -> ConfigError | RetryableError:
    """Return the error of a call that was not answered, or refused."""
    why = refusal(given, endpoint)
    message = f"{endpoint}: {why.why}; {why.to_do}"
    return RetryableError(message) if why.passing else ConfigError(message)


def _show(plans: Sequence[FieldPlan], *, created: Sequence[str], json: bool) -> None:
    misfits = [plan.wanted.name for plan in plans if plan.fit in {Fit.LOSES, Fit.BY_HAND}]
    if json:
        document = {"created": created, "fields": [each.document for each in plans]}
        typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo(in_columns(("field", "fit", "new type", "why"), [_row(one) for one in plans]))
        typer.echo(_summary(plans, created))
    if misfits:
        listed = ", ".join(misfits)
        msg = f"fields that lose what they are sent: {listed}; correct the mapping or the field"
        raise ConfigError(msg)


def _row(plan: FieldPlan) -> tuple[str, str, str, str]:
    new = plan.create
    kind = "" if new is None else f"{new.type}{', multi-value' if new.multi_value else ''}"
    return plan.wanted.name, plan.fit.value, kind, plan.reason


def _summary(plans: Sequence[FieldPlan], created: Sequence[str]) -> str:
    missing = to_create(plans)
    if created:
        return f"created: {', '.join(created)}"
    if missing:
        return f"{len(missing)} to create: coveo-cdc fields apply --yes"
    return "nothing to create"
