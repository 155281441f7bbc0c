"""One way to an endpoint. Imports: calls, authorization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.authorization import Access

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.calls import Call, Endpoint, Reply
    from emulator.world import World


@dataclass(frozen=True, slots=True)
class Route:
    """Method and path to a handler; `endpoint` is its name in faults, logs and counters."""

    method: str
    path: str
    endpoint: Endpoint
    handle: Callable[[World, Call], Reply]
    access: Access = Access.PUSH
