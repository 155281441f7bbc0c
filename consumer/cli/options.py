"""Options that several commands share, and reading the configuration that they name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from consumer import parts
from consumer.config.load import Loaded, load_compiled

ConfigOption: TypeAlias = Annotated[
    Path, typer.Option("--config", "-c", help="The configuration file (YAML).", metavar="FILE")
]


def loaded(config: Path) -> Loaded:
    """Return the configuration under this process's environment. Raises ConfigErrors."""
    return load_compiled(config, os.environ, parts.edge_problems)
