"""Opening and closing what the command keeps its state in. Imports: typer, data folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from emulator import commands
from emulator.datafolder import DataFolder, FolderInUseError
from emulator.state.values import BadStateError
from emulator.world import World

_EXIT_UNUSABLE = 1


@contextmanager
def kept(world: World, folder: Path | None, seed_file: Path | None) -> Iterator[None]:
    """Keep a world in a folder, if there is one; a seed file counts only for an empty one."""
    if folder is None:
        if seed_file is not None:
            load_file(world, seed_file)
        yield
        return
    data = DataFolder(folder, world)
    try:
        found = data.open()
    except (FolderInUseError, BadStateError, OSError) as error:
        typer.echo(f"cannot use the data folder {folder}: {error}", err=True)
        raise typer.Exit(_EXIT_UNUSABLE) from error
    try:
        if seed_file is not None and not found:
            load_file(world, seed_file)
        yield
    finally:
        data.close()


def load_file(world: World, file: Path) -> None:
    """Read an exported state; exits with 1 if it is none."""
    try:
        commands.load(world, file.read_bytes().splitlines())
    except (BadStateError, OSError) as error:
        typer.echo(f"cannot read {file}: {error}", err=True)
        raise typer.Exit(_EXIT_UNUSABLE) from error
