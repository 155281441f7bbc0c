"""All commands under one name."""

from __future__ import annotations

from typing import Annotated

import typer

from consumer import __version__
from consumer.cli.capture import capture
from consumer.cli.check import check
from consumer.cli.doctor import doctor
from consumer.cli.explain import explain
from consumer.cli.fields import fields
from consumer.cli.run import run
from consumer.cli.support_bundle import support_bundle

commands = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Debezium change events from Kafka, pushed to Coveo's index.",
    epilog="Exit codes: 0 done or stopped on request, 1 fatal, 2 somebody must change something,"
    " 130 interrupted before it was done (run: by a second signal).",
)
for command in (run, check, doctor, explain, capture, support_bundle):
    commands.command()(command)
commands.add_typer(fields, name="fields")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - the shape that the library calls
    if wanted:
        typer.echo(f"coveo-cdc {__version__}")
        raise typer.Exit


@commands.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say it.")
    ] = False,
) -> None:
    del version
