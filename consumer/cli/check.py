"""`coveo-cdc check`."""

from __future__ import annotations

import typer

from consumer.cli.options import ConfigOption, loaded


def check(config: ConfigOption) -> None:
    """Check configuration and mapping, without connecting to anything; every problem at once.

    Example: coveo-cdc check --config coveo-cdc.yaml
    """
    given = loaded(config)
    subscription = given.mapping.subscription
    typer.echo(f"configuration: {config}: good")
    typer.echo(f"mapping {given.mapping.fingerprint}: {len(given.settings.mappings)} mappings")
    for topic in (*subscription.names, *subscription.patterns):
        typer.echo(f"  reads {topic}")
    for name, target in given.settings.targets.items():
        kind = "secured" if target.secured else "open to everybody"
        typer.echo(f"  writes to {name}: source {target.source}, {kind}")
    if given.settings.dead_letters is None:
        typer.echo("  no dead_letters: a record that cannot be used holds its partition")
