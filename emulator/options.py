"""Texts of the command line to settings; what is wrong is a usage error.

Imports: typer, settings, switches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from emulator.settings import (
    EMAIL_PROVIDER,
    QUOTA_PROFILES,
    Cascade,
    ProviderSpec,
    Quota,
    SourceSpec,
    Visibility,
)
from emulator.switches import Switches

_NUMBERS = re.compile(r"(\d+)/(\d+)", re.ASCII)


class Pipeline(StrEnum):
    """How long an accepted operation takes."""

    INSTANT = "instant"
    DOCUMENTED = "documented"


class LogLevel(StrEnum):
    """How much the server says on standard error."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")]
Organization = Annotated[str, typer.Option(help="Organization id in the paths.")]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[:secured|shared|private|catalog]", help="Repeatable. Default: 'source'."
    ),
]
Providers = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A security provider besides the one for e-mail, and cascading to it. Repeatable.",
    ),
]
ApiKey = Annotated[
    str | None, typer.Option(help="The only key accepted. Default: any.", show_default=False)
]
ApiKeyFile = Annotated[
    Path | None, typer.Option(help="Read that key from a file.", exists=True, dir_okay=False)
]
QuotaText = Annotated[
    str, typer.Option(help="unlimited, production, non_production, or PER_5_MINUTES/PER_DAY.")
]
IndexingDelay = Annotated[
    float | None,
    typer.Option(min=0, help="Seconds until an accepted operation shows. Default: 0."),
]
PipelineName = Annotated[
    Pipeline, typer.Option(help="instant, or documented: items show after 3 minutes.")
]
Refresh = Annotated[
    float, typer.Option(min=1, help="Seconds between two refreshes of the security cache.")
]
SwitchTexts = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="Set a switch of the documentation. Repeatable."),
]
Data = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Keep the state in this folder. Default: in memory."),
]
SeedFile = Annotated[
    Path | None,
    typer.Option(help="Begin with this exported state.", exists=True, dir_okay=False),
]
Seed = Annotated[int | None, typer.Option(help="Makes file ids and fault dice repeatable.")]
Level = Annotated[LogLevel, typer.Option(help="Log level.")]
DataFolder = Annotated[Path, typer.Option("--data", metavar="DIR", help="The data folder.")]
KnownFolder = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The data folder.", exists=True, file_okay=False),
]
Output = Annotated[Path | None, typer.Option(help="File to write. Default: the output.")]
File = Annotated[Path, typer.Argument(help="JSON Lines.", exists=True, dir_okay=False)]

# docs/32 and 1893 speak of two to five minutes.
PIPELINES = {Pipeline.INSTANT: 0.0, Pipeline.DOCUMENTED: 180.0}


def source_spec(text: str, providers: Sequence[str] | None) -> SourceSpec:
    """Read `NAME[:KIND]`; a secured source refers to the providers of the command line."""
    name, _, kind = text.partition(":")
    if not name:
        raise typer.BadParameter(message=f"'{text}': the name is missing", param_hint="--source")
    if kind == "catalog":
        return SourceSpec(name, push_enabled=False, type="CATALOG", stream_enabled=True)
    try:
        visibility = Visibility((kind or "shared").upper())
    except ValueError as error:
        raise typer.BadParameter(
            message=f"'{text}': unknown visibility", param_hint="--source"
        ) from error
    referred = tuple(providers or ()) if visibility is Visibility.SECURED else ()
    return SourceSpec(name, visibility, providers=referred)


def provider_spec(name: str) -> ProviderSpec:
    """Return a provider that cascades to the e-mail provider."""
    return ProviderSpec(name, cascades=(Cascade(EMAIL_PROVIDER, "EmailSecurityProvider"),))


def quota_named(text: str) -> Quota:
    """Read a profile's name, or requests per five minutes and per day."""
    profile = QUOTA_PROFILES.get(text.replace("-", "_"))
    if profile is not None:
        return profile
    numbers = _NUMBERS.fullmatch(text)
    if numbers is None:
        raise typer.BadParameter(
            message=f"'{text}' is neither a profile nor N/M", param_hint="--quota"
        )
    return Quota(int(numbers[1]), int(numbers[2]))


def switches_of(texts: Sequence[str]) -> Switches:
    """Read `NAME=VALUE` pairs."""
    defaults = Switches()
    known = {one.name: getattr(defaults, one.name) for one in fields(Switches)}
    chosen: dict[str, Any] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in known:
            raise typer.BadParameter(message=f"'{name}' is no switch", param_hint="--switch")
        chosen[name] = _value(name, known[name], value)
    return Switches(**chosen)


def _value(name: str, default: Any, text: str) -> Any:
    if isinstance(default, bool):
        values: dict[str, Any] = {"true": True, "false": False}
    else:
        values = {str(one): one for one in type(default)}
    if text not in values:
        message = f"{name} must be one of {', '.join(values)}"
        raise typer.BadParameter(message=message, param_hint="--switch")
    return values[text]


def keys_of(key: str | None, key_file: Path | None) -> frozenset[str] | None:
    """Return the key of the command line or of a file; None means any."""
    if key is not None and key_file is not None:
        raise typer.BadParameter(message="give either the key or its file", param_hint="--api-key")
    if key_file is not None:
        key = key_file.read_text(encoding="utf-8").strip()
    if key is None:
        return None
    if not key:
        raise typer.BadParameter(message="the key is empty", param_hint="--api-key")
    return frozenset({key})
