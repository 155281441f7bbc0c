"""What members share: the log, the cluster, the service, the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consumer.runtime.loop import Loop
from tests.simulation.api import PushApi
from tests.simulation.checks import Checks
from tests.simulation.cluster import Cluster
from tests.simulation.log import Log
from tests.simulation.plan import Plan
from tests.simulation.translator import Switches
from tests.simulation.wire import Wire
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.member import Member


@dataclass(slots=True, eq=False)
class Surroundings:
    """Everything that members share."""

    world: World
    plan: Plan
    log: Log
    cluster: Cluster
    checks: Checks
    api: PushApi
    wire: Wire
    switches: Switches
    members: dict[str, Member] = field(default_factory=dict)
    registry_down: bool = False
    mutate: Callable[[Loop], None] | None = None
