"""`coveo-cdc`, and what its exit codes mean; nothing else."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import IntEnum

import typer.main

from consumer.cli.commands import commands
from consumer.domain.errors import ConfigError, FatalError, PoisonError, RetryableError


class ExitCode(IntEnum):
    """What a supervisor or a script can tell from the way the program ended."""

    OK = 0
    """Done, or stopped on request: what was taken in is committed or left for the next start."""
    FATAL = 1
    """A broken invariant, a client beyond repair, or a command that got no answer."""
    CONFIG = 2
    """Somebody must change something: the configuration, a mapping, a file, the command line."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit. An operator's mistake is a message, never a traceback."""
    command = typer.main.get_command(commands)
    try:
        command(None if arguments is None else list(arguments), prog_name="coveo-cdc")
    except ConfigError as error:
        typer.echo(str(error), err=True)
        sys.exit(ExitCode.CONFIG)
    except (FatalError, PoisonError, RetryableError) as error:
        typer.echo(f"stopped: {error}", err=True)
        sys.exit(ExitCode.FATAL)


if __name__ == "__main__":
    main()
