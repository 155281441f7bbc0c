"""Stand-ins for the Push API under one contract: the fake and the emulator, each in two ways."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from consumer.coveo.client import ClientSettings, CoveoClient
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import FailureKind, Step
from consumer.coveo.push import Performer
from consumer.domain.operations import TargetId
from emulator import faults as emulated
from emulator import inspection
from emulator.calls import Endpoint as EmulatedEndpoint
from emulator.clock import ManualClock
from emulator.indexed import content_of
from emulator.world import World
from tests.fakes.coveo import FakePushApi
from tests.fakes.coveo_faults import Answer, Fault, Late, LoseResponse, NotSent, Twice
from tests.fakes.coveo_http import mock_transport

ORGANIZATION = "org"
KEY = "some-key"
KB = TargetId("kb")
NOWHERE = TargetId("nowhere")
SHOP = TargetId("shop")
SOURCE = "open"
SECURED = "secured"
CATALOG = "catalog"
CRM = "CRM Identities"
SOURCE_IDS = {KB: SOURCE, NOWHERE: "missing", SHOP: CATALOG}
START_SECONDS = 1_700_000_000.0

Items = dict[str, dict[str, Any]]


class Service(Protocol):
    """What the suite needs of whatever plays the Push API."""

    @property
    def performer(self) -> Performer:
        """Carries out steps against it."""
        ...

    def items(self) -> Items:
        """Return what the source `open` has indexed, as it was pushed, by document id."""
        ...

    def content(self, document_id: str) -> bytes:
        """Return the content of an item, decompressed."""
        ...

    def strike(self, endpoint: Endpoint, fault: Fault) -> None:
        """Let the next call of that endpoint meet a fault."""
        ...

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        ...

    def now_ms(self) -> int:
        """Return the service's time."""
        ...


class HttpService(Service, Protocol):
    """One that is spoken to by HTTP."""

    def client(self, key: str = KEY, organization: str = ORGANIZATION) -> CoveoClient:
        """Return a client with these credentials."""
        ...


@dataclass
class FakeBySteps:
    """The fake as the simulation uses it."""

    now: float = START_SECONDS
    planned: dict[Endpoint, Fault] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give the fake this clock and these faults."""
        self.api = FakePushApi(lambda: self.now, SOURCE_IDS, self._fault, missing={"missing"})

    def _fault(self, step: Step) -> Fault | None:
        return self.planned.pop(step.endpoint, None)

    @property
    def performer(self) -> Performer:
        """Return the fake itself."""
        return self.api

    def items(self) -> Items:
        """Return what is indexed."""
        return self.api.items(SOURCE)

    def content(self, document_id: str) -> bytes:
        """Return what lies in the container that the item named, or its text."""
        item = self.api.items(SOURCE)[document_id]
        stored = self.api.contents.get((SOURCE, document_id))
        text: str = item.get("data", "")
        return text.encode() if stored is None else zlib.decompress(stored)

    def strike(self, endpoint: Endpoint, fault: Fault) -> None:
        """Plan a fault."""
        self.planned[endpoint] = fault

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self.now += seconds
        self.api.settle()

    def now_ms(self) -> int:
        """Return the clock's time."""
        return round(self.now * 1000)


class FakeByTransport(FakeBySteps):
    """The fake behind the real client."""

    def client(self, key: str = KEY, organization: str = ORGANIZATION) -> CoveoClient:
        """Return a client whose transport is the fake."""
        settings = ClientSettings(organization, "https://api.invalid", SOURCE_IDS)
        transport = mock_transport(self.api, ORGANIZATION, KEY)
        return CoveoClient(settings, lambda: key, transport)

    @property
    def performer(self) -> Performer:
        """Return a client."""
        return self.client()


@dataclass(frozen=True, slots=True)
class Way:
    """How a client reaches an emulator; without a transport it is the client's own."""

    base_url: str
    transport: Callable[[], httpx.BaseTransport | None]


_ENDPOINTS = {
    Endpoint.FILES: EmulatedEndpoint.CREATE_FILE,
    Endpoint.UPLOAD: EmulatedEndpoint.UPLOAD_FILE,
    Endpoint.BATCH: EmulatedEndpoint.PUSH_BATCH,
    Endpoint.ITEM: EmulatedEndpoint.PUSH_ITEM,
    Endpoint.ITEM_DELETE: EmulatedEndpoint.DELETE_ITEM,
}


class Emulator:
    """The emulator, which shares no code with the client, behind a socket or in this process."""

    def __init__(self, world: World, clock: ManualClock, way: Way) -> None:
        """Speak to this world."""
        self.world = world
        self._clock = clock
        self._way = way
        self._clients: list[CoveoClient] = []

    def client(self, key: str = KEY, organization: str = ORGANIZATION) -> CoveoClient:
        """Return a client of the emulator."""
        settings = ClientSettings(organization, self._way.base_url, SOURCE_IDS)
        made = CoveoClient(settings, lambda: key, self._way.transport())
        self._clients.append(made)
        return made

    def close(self) -> None:
        """Close every client."""
        for client in self._clients:
            client.close()

    @property
    def performer(self) -> Performer:
        """Return a client."""
        return self.client()

    def items(self, source: str = SOURCE) -> Items:
        """Return what is indexed."""
        self.world.turn()
        with self.world.lock:
            indexed = self.world.source(source).items.values()
            return {item.document_id: inspection.show_item(item)["body"] for item in indexed}

    def content(self, document_id: str) -> bytes:
        """Return the content of an item as it was read."""
        self.world.turn()
        with self.world.lock:
            return content_of(self.world.source(SOURCE).items[document_id])

    def strike(self, endpoint: Endpoint, fault: Fault) -> None:
        """Plan a fault."""
        self.world.add_fault(_emulated(fault), _ENDPOINTS[endpoint])

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._clock.advance(round(seconds * 1000))
        self.world.turn()

    def now_ms(self) -> int:
        """Return the clock's time."""
        return self._clock.now_ms()


def _emulated(fault: Fault) -> emulated.Effect:
    match fault:
        case NotSent(FailureKind.PROTOCOL):
            return emulated.Drop()
        case LoseResponse():
            return emulated.LoseResponse()
        case Late(seconds):
            return emulated.Late(seconds, drop=True)
        case Twice():
            return emulated.Twice()
        case Answer(status, headers, _, False):
            wait = headers.get("retry-after")
            return emulated.Status(status, None, retry_after=int(wait) if wait else None)
        case _:
            raise NotImplementedError(fault)
