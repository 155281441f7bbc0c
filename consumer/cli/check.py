"""`coveo-cdc check`."""

from __future__ import annotations

import typer

from consumer.cli.options import ConfigOption, loaded
from consumer.domain.operations import SourceKind
from consumer.mapping.spec import MappingSpec


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
        what = "catalog" if target.kind is SourceKind.CATALOG else "source"
        typer.echo(f"  writes to {name}: {what} {target.source.id}, {kind}")
    for mapping in given.settings.mappings:
        typer.echo(f"  {_name(mapping)}: {_about_nulls(mapping)}")
    if given.settings.dead_letters is None:
        typer.echo("  no dead_letters: a record that cannot be used holds its partition")


def _name(mapping: MappingSpec) -> str:
    topics = mapping.topics.names or (f"topics like {mapping.topics.pattern}",)
    return f"{', '.join(topics)} to {mapping.target}"


def _about_nulls(mapping: MappingSpec) -> str:
    """Return what a null of an update can mean: no event says it, and no schema is at hand here."""
    if mapping.full_before_images:
        return "updates come with their old rows, beside which a null is null"
    if mapping.format == "upsert":
        return "each record is the whole row, in which a null is null"
    parts = ["in an update without its old row"]
    if mapping.partial_updates:
        parts.insert(0, "an update that leaves values out changes the other fields;")
    if mapping.may_be_left_out:
        parts.append(f"a null of {', '.join(mapping.may_be_left_out)} is a value left out,")
    if mapping.never_left_out:
        parts.append(f"one of {', '.join(mapping.never_left_out)} is null,")
    other = "any other" if mapping.may_be_left_out or mapping.never_left_out else "a"
    return " ".join([*parts, f"{other} null is judged by its type"])
