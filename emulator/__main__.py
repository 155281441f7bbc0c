"""The command `coveo-push-emulator`. Imports: typer, options, keeping, serving."""

from __future__ import annotations

import typer

from emulator import options
from emulator.keeping import kept, load_file
from emulator.options import (
    PIPELINES,
    LogLevel,
    Pipeline,
    keys_of,
    provider_spec,
    quota_named,
    source_spec,
    switches_of,
)
from emulator.serving import bind, build_server, url_of
from emulator.settings import Settings
from emulator.state.transfer import export_state
from emulator.world import World

_EXIT_CANNOT_LISTEN = 1
_EXAMPLE = """A local stand-in for the Coveo Push API.

Example:

    coveo-push-emulator --port 8700 --organization acme --source orders --source hr:secured

Then point a client at the printed address instead of https://api.cloud.coveo.com, and look at
what arrived with a browser at the same address. Ctrl-C stops it.

Exit codes: 0 stopped on request, 1 the address or the data folder cannot be used, 2 wrong usage.
"""


app = typer.Typer(add_completion=False, help=_EXAMPLE)


@app.callback(invoke_without_command=True)
def serve(  # noqa: PLR0913 - the options are the command's interface
    context: typer.Context,
    *,
    host: options.Host = "127.0.0.1",
    port: options.Port = 0,
    organization: options.Organization = "emulator",
    source: options.Sources = None,
    provider: options.Providers = None,
    api_key: options.ApiKey = None,
    api_key_file: options.ApiKeyFile = None,
    quota: options.QuotaText = "unlimited",
    indexing_delay: options.IndexingDelay = None,
    pipeline: options.PipelineName = Pipeline.INSTANT,
    refresh: options.Refresh = 86_400.0,
    switch: options.SwitchTexts = None,
    data: options.Data = None,
    seed_file: options.SeedFile = None,
    seed: options.Seed = None,
    log_level: options.Level = LogLevel.WARNING,
) -> None:
    """Serve until stopped."""
    if context.invoked_subcommand is not None:
        return
    delay = PIPELINES[pipeline] if indexing_delay is None else indexing_delay
    settings = Settings(
        organization=organization,
        sources=tuple(source_spec(text, provider) for text in source or ["source"]),
        providers=tuple(provider_spec(name) for name in provider or ()),
        api_keys=keys_of(api_key, api_key_file),
        quota=quota_named(quota),
        switches=switches_of(switch or ()),
        indexing_delay_seconds=delay,
        cache_refresh_seconds=refresh,
        seed=seed,
    )
    world = World(settings)
    with kept(world, data, seed_file):
        _run(world, host, port, log_level)


@app.command("export")
def export_data(data: options.KnownFolder, output: options.Output = None) -> None:
    """Write the state of a data folder as JSON Lines."""
    world = World()
    with kept(world, data, None), world.lock:
        world.turn()
        lines = b"".join(export_state(world))
    if output is None:
        typer.echo(lines.decode(), nl=False)
    else:
        output.write_bytes(lines)


@app.command("import")
def import_data(file: options.File, data: options.DataFolder) -> None:
    """Put an exported state into a data folder, in place of what is there."""
    world = World()
    with kept(world, data, None):
        load_file(world, file)


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


if __name__ == "__main__":
    main()
