"""One way to an endpoint, and who hears of what comes along it. Imports: calls, authorization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from emulator.authorization import Access

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.calls import Call, Endpoint, Reply
    from emulator.world import World


@dataclass(frozen=True, slots=True)
class Route:
    """Method and path to a handler; `endpoint` is its name in faults, logs and counters.

    The handler is called with the world's lock held, the clock held, and all that is due done.
    """

    method: str
    path: str
    endpoint: Endpoint
    handle: Callable[[World, Call], Reply]
    access: Access = Access.PUSH


class Recorder(Protocol):
    """Writes down what the world is told, before it acts on it."""

    def record_call(self, call: Call, route: Route) -> None:
        """Write down a call that may change the state."""
        ...

    def record_command(self, command: dict[str, Any]) -> None:
        """Write down what an operator wants."""
        ...
