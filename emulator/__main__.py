"""The command `coveo-push-emulator`. Imports: typer, serving."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from emulator.serving import bind, build_server, url_of
from emulator.settings import QUOTA_PROFILES, Quota, Settings, SourceSpec, Visibility
from emulator.world import World

_EXIT_CANNOT_LISTEN = 1
_NUMBERS = re.compile(r"(\d+)/(\d+)", re.ASCII)
_EXAMPLE = """A local stand-in for the Coveo Push API.

Example:

    coveo-push-emulator --port 8700 --organization acme --source orders --source hr:secured

Then point a client at the printed address instead of https://api.cloud.coveo.com, and look at
what arrived with a browser at the same address. Ctrl-C stops it.

Exit codes: 0 stopped on request, 1 the address cannot be used, 2 wrong usage.
"""


class LogLevel(StrEnum):
    """How much the server says on standard error."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


app = typer.Typer(add_completion=False, help=_EXAMPLE)


@app.command(help=_EXAMPLE)
def serve(  # noqa: PLR0913 - the options are the command's interface
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")] = 0,
    organization: Annotated[str, typer.Option(help="Organization id in the paths.")] = "emulator",
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:secured|shared|private]", help="Repeatable. Default: 'source'."
        ),
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(help="The only key accepted. Default: any.", show_default=False)
    ] = None,
    api_key_file: Annotated[
        Path | None, typer.Option(help="Read that key from a file.", exists=True, dir_okay=False)
    ] = None,
    quota: Annotated[
        str,
        typer.Option(help="unlimited, production, non_production, or PER_5_MINUTES/PER_DAY."),
    ] = "unlimited",
    indexing_delay: Annotated[
        float, typer.Option(min=0, help="Seconds until an accepted operation shows.")
    ] = 0.0,
    seed: Annotated[
        int | None, typer.Option(help="Makes file ids and fault dice repeatable.")
    ] = None,
    log_level: Annotated[LogLevel, typer.Option(help="Log level.")] = LogLevel.WARNING,
) -> None:
    """Serve until stopped."""
    settings = Settings(
        organization=organization,
        sources=tuple(_source(text) for text in source or ["source"]),
        api_keys=_keys(api_key, api_key_file),
        quota=_quota(quota),
        indexing_delay_seconds=indexing_delay,
        seed=seed,
    )
    _run(World(settings), host, port, log_level)


def main() -> None:
    """Entry point of the console script."""
    app(prog_name="coveo-push-emulator")


def _run(world: World, host: str, port: int, log_level: LogLevel) -> None:
    try:
        listener = bind(host, port)
    except OSError as error:
        typer.echo(f"cannot listen on {host}:{port}: {error}", err=True)
        raise typer.Exit(_EXIT_CANNOT_LISTEN) from error
    url = url_of(listener)
    server = build_server(world, lambda: typer.echo(f"Push API emulator at {url}"), log_level)
    server.run([listener])


def _source(text: str) -> SourceSpec:
    name, _, visibility = text.partition(":")
    try:
        spec = SourceSpec(name, Visibility((visibility or "shared").upper()))
    except ValueError as error:
        raise typer.BadParameter(
            message=f"'{text}': unknown visibility", param_hint="--source"
        ) from error
    if not name:
        raise typer.BadParameter(message=f"'{text}': the name is missing", param_hint="--source")
    return spec


def _keys(key: str | None, key_file: Path | None) -> frozenset[str] | None:
    if key is not None and key_file is not None:
        raise typer.BadParameter(message="give either the key or its file", param_hint="--api-key")
    if key_file is not None:
        key = key_file.read_text(encoding="utf-8").strip()
    if key is None:
        return None
    if not key:
        raise typer.BadParameter(message="the key is empty", param_hint="--api-key")
    return frozenset({key})


def _quota(text: str) -> Quota:
    profile = QUOTA_PROFILES.get(text.replace("-", "_"))
    if profile is not None:
        return profile
    numbers = _NUMBERS.fullmatch(text)
    if numbers is None:
        raise typer.BadParameter(
            message=f"'{text}' is neither a profile nor N/M", param_hint="--quota"
        )
    return Quota(int(numbers[1]), int(numbers[2]))


if __name__ == "__main__":
    main()
