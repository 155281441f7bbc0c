"""What an operator tells a world besides calls: written down first, if somebody writes.

Faults are not among it: they are an experiment, not a state. Imports: the world, settings.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from emulator.clock import ManualClock
from emulator.settings import SourceSpec, Visibility
from emulator.state.transfer import import_state
from emulator.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.sources import Source

Command = dict[str, Any]

MAX_DAYS_AHEAD = 1_000
"""One step of the clock: every refresh on its way is done, and holds everybody up meanwhile."""


def put_source(world: World, spec: SourceSpec) -> Source:
    """Create a source, or change the one of that name."""
    _tell(world, {"command": "put_source", "spec": asdict(spec)})
    return world.sources[spec.name]


def advance(world: World, seconds: float) -> None:
    """Move the clock forward."""
    _tell(world, {"command": "advance", "milliseconds": round(seconds * 1000)})


def refresh_cache(world: World) -> None:
    """Let the security cache take over what waits, of every provider."""
    _tell(world, {"command": "refresh_cache"})


def reset(world: World) -> None:
    """Forget everything but the settings and the clock."""
    _tell(world, {"command": "reset"})


def load(world: World, lines: Sequence[bytes]) -> None:
    """Forget everything, then read an exported state.

    Raises BadStateError, and then nothing was forgotten.
    """
    import_state(World(world.settings, ManualClock(world.clock.now_ms())), lines)
    _tell(world, {"command": "load", "lines": [one.decode() for one in lines]})


def carry_out(world: World, command: Command) -> None:
    """Do what a command says. It expects the world's lock."""
    match command["command"]:
        case "put_source":
            spec = dict(command["spec"])
            spec["visibility"] = Visibility(spec["visibility"])
            world.put_source(SourceSpec(**{**spec, "providers": tuple(spec["providers"])}))
        case "advance":
            world.advance_to(world.clock.now_ms() + command["milliseconds"])
        case "refresh_cache":
            world.cache.refresh_all(world.clock.now_ms())
        case "reset":
            world.reset()
        case "load":
            world.reset()
            import_state(world, [one.encode() for one in command["lines"]])
        case unknown:
            message = f"there is no command '{unknown}'"
            raise ValueError(message)


def _tell(world: World, command: Command) -> None:
    with world.lock, world.clock.held():
        world.turn()
        if world.recorder is not None:
            world.recorder.record_command(command)
        carry_out(world, command)
