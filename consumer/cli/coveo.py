"""What commands that speak to Coveo share: a client that ends with them, and their deadline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeAlias

import typer

from consumer import parts
from consumer.config.load import Loaded
from consumer.coveo.calls import Told
from consumer.coveo.client import CoveoClient

DeadlineOption: TypeAlias = Annotated[
    float, typer.Option("--deadline-seconds", min=1, help="Longest time for everything asked.")
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@contextmanager
def coveo_client(given: Loaded, told: Told | None = None) -> Iterator[CoveoClient]:
    """Give a client under a configuration and close it afterwards; `told` learns of its calls."""
    settings = given.settings
    client = CoveoClient(parts.client_settings(settings), settings.coveo.secret().reveal, told=told)
    try:
        yield client
    finally:
        client.close()
