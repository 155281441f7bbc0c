"""What lies between a worker and the service: answers that are late, lost or twice; the weather.

A request may take effect until `MAX_EFFECT_SECONDS` after its caller gave up, never later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

import orjson

from consumer.coveo.exchange import (
    CreateContainer,
    Failure,
    FailureKind,
    PushBatch,
    PushDelete,
    PushItem,
    Reply,
    Response,
    SingleCall,
    Step,
    UpdateCatalog,
    Upload,
)
from tests.simulation.api import PushApi
from tests.simulation.checks import Effect
from tests.simulation.plan import MAX_EFFECT_SECONDS
from tests.simulation.world import World

Answer = Callable[[Reply], None]

_EXPIRED = Failure(FailureKind.EXPIRED, "the deadline had passed", 0.0)
_TIMEOUT = Failure(FailureKind.READ, "time-out", 0.0)
_RESET = Failure(FailureKind.READ, "ECONNRESET", 0.0)
_UNREACHED = Failure(FailureKind.CONNECT, "ECONNREFUSED", 0.0)


def response(status: int, code: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer, with an error code if given."""
    body = orjson.dumps({"errorCode": code}) if code else b"{}"
    return Response(status, headers or {}, body, 0.1)


_ODD = (response(302), response(200))
_USED_UP = response(412, "INVALID_PARAMETER")
"""What a batch call gets if something on the way repeated it: its container is gone."""


@dataclass(slots=True)
class Weather:
    """How the service and the way to it do at present."""

    slow: float = 0.0
    """Share of calls that take seconds."""
    lossy: float = 0.02
    """Share of calls that get no answer, or not in time."""
    failing: float = 0.01
    throttling: float = 0.01
    deadly: float = 0.01
    """Share of batch calls whose caller dies, is expelled or gives up while they are under way."""
    restless: float = 0.01
    """Share of calls that drag on while partitions change hands."""
    blocked: tuple[int, str] | None = None


@dataclass(slots=True)
class Sender:
    """Who calls: the member's name, its lane's doings, and whom to tell of late effects."""

    member: str
    deadline: float
    expelled: Callable[[], bool]
    starts: Callable[[tuple[Effect, ...]], None]
    late: Callable[[tuple[Effect, ...]], None]
    alone: bytes | None = None
    """Payload of what goes by itself: its delete has no body that could name a version."""


class Wire:
    """Carries one call at a time out, with everything that can go wrong."""

    def __init__(self, world: World, api: PushApi) -> None:
        """Start in fine weather."""
        self._world = world
        self._api = api
        self.weather = Weather()
        self._drags = False
        self.strike: Callable[[str], None] = lambda _: None
        self.share: Callable[[], None] = lambda: None

    def perform(self, step: Step, sender: Sender, answer: Answer) -> None:
        """Carry out a step; `answer` is called once, by the deadline at the latest."""
        if self._world.now >= sender.deadline:
            self._world.seen.met("attempt_expired")
            self._later(0.001, sender, answer, _EXPIRED)
            return
        self._drags = self._world.chance(self.weather.restless)
        if self._drags:
            self._world.after(self._world.between(0.0, 0.1), "share", self.share)
        match step:
            case CreateContainer():
                self._create(sender, answer)
            case Upload():
                self._upload(step, sender, answer)
            case PushBatch() | UpdateCatalog():
                self._push(self._api.take(step.file_id, step.target), sender, answer)
            case PushItem() | PushDelete():
                self._push((self._alone(step, sender),), sender, answer)
            case _:
                assert_never(step)

    # --- the two calls that change no index

    def _create(self, sender: Sender, answer: Answer) -> None:
        self._reply(sender, answer, self._trouble() or self._container())

    def _container(self) -> Response:
        file_id = self._api.create()
        described = {
            "fileId": file_id,
            "uploadUri": "https://storage.test/" + file_id,
            "requiredHeaders": {"x-amz-server-side-encryption": "AES256"},
        }
        return Response(201, {}, orjson.dumps(described), 0.1)

    def _upload(self, step: Upload, sender: Sender, answer: Answer) -> None:
        if self._world.chance(self.weather.failing):
            self._reply(sender, answer, response(self._world.pick((403, 503))))
            return
        self._api.store(step.container.file_id, step.body)
        self._reply(sender, answer, response(200))

    def _trouble(self) -> Response | None:
        """Return an answer by which a call is turned away with no effect, if it is."""
        world, weather = self._world, self.weather
        if weather.blocked is not None and not world.calm:
            return response(*weather.blocked)
        if world.chance(weather.throttling):
            headers = {"retry-after": str(world.pick((1, 2, 4)))} if world.chance(0.7) else {}
            return response(429, "TOO_MANY_REQUESTS", headers)
        if world.chance(weather.failing):
            return response(503)
        return None

    # --- the calls that do

    def _alone(self, step: SingleCall, sender: Sender) -> Effect:
        match step:
            case PushItem():
                what, body, deletes, tree = "pushed_by_itself", step.body, False, False
            case PushDelete():
                what, body, deletes, tree = (
                    "deleted_by_itself",
                    sender.alone or b"",
                    True,
                    step.children,
                )
            case _:
                assert_never(step)
        self._world.seen.met(what)
        said = orjson.loads(body)
        item = (step.target, step.document_id)
        text = said.get("text", said["v"])
        return Effect(item, said["v"], said["q"], deletes, said["bad"], tree, text=text)

    def _push(self, effects: tuple[Effect, ...], sender: Sender, answer: Answer) -> None:
        sender.starts(effects)
        if self._world.chance(self.weather.deadly + 0.5 * sender.expelled()):
            self._strike(effects, sender, answer)
            return
        trouble = self._trouble()
        if len(effects) > 1 and self._world.chance(0.2 if self._drags else 0.004):
            trouble = response(413, "REQUEST_TOO_LARGE")
        if trouble is not None:
            self._turn_away(effects, sender, answer, trouble)
        elif self._world.chance(self.weather.lossy):
            self._lose(effects, sender, answer)
        else:
            self._deliver(effects, sender, answer)

    def _turn_away(
        self, effects: tuple[Effect, ...], sender: Sender, answer: Answer, trouble: Response
    ) -> None:
        """A gateway's 5xx says nothing about what it waited for: the batch may take effect."""
        at = self._reply(sender, answer, trouble)
        if trouble.status >= 500 and self._world.chance(0.5):
            self._take_effect(effects, sender, self._world.between(0.0, MAX_EFFECT_SECONDS), at)

    def _strike(self, effects: tuple[Effect, ...], sender: Sender, answer: Answer) -> None:
        """The worst: the caller is struck, and what it asked for takes effect as late as it may."""
        world = self._world
        world.after(world.between(0.0, 0.2), "strike", lambda: self.strike(sender.member))
        gives_up = sender.deadline
        self._later(gives_up - world.now, sender, answer, _TIMEOUT)
        after = gives_up - world.now + world.between(0.7, 1.0) * MAX_EFFECT_SECONDS
        self._take_effect(effects, sender, after, gives_up)

    def _lose(self, effects: tuple[Effect, ...], sender: Sender, answer: Answer) -> None:
        world = self._world
        how = world.pick(("unreached", "vanished", "answer", "odd", "late", "late", "late"))
        if how == "unreached":
            self._later(self._delay(), sender, answer, _UNREACHED)
            return
        if how == "odd":  # something on the way repeats the call, or answers in our place
            odd = _ODD if sender.alone else (*_ODD, _USED_UP)
            gives_up = self._reply(sender, answer, world.pick(odd))
            self._take_effect(effects, sender, 0.01, gives_up)
            return
        gives_up, failure = sender.deadline, _TIMEOUT
        if world.chance(0.5):
            gives_up, failure = min(gives_up, world.now + self._delay()), _RESET
        self._later(gives_up - world.now, sender, answer, failure)
        if how == "answer":
            world.seen.met("response_lost")
            self._take_effect(effects, sender, world.between(0.0, gives_up - world.now), gives_up)
        elif how == "late":
            after = gives_up - world.now + world.between(0.0, MAX_EFFECT_SECONDS)
            self._take_effect(effects, sender, after, gives_up)

    def _deliver(self, effects: tuple[Effect, ...], sender: Sender, answer: Answer) -> None:
        """The usual way; slow answers come after the deadline, and so may the effect."""
        there, back = self._delay(), self._delay()
        world = self._world
        gives_up = min(world.now + there + back, sender.deadline)
        there = min(there, gives_up - world.now + MAX_EFFECT_SECONDS)
        if world.chance(0.02):
            world.seen.met("applied_twice")
            self._take_effect(effects, sender, there * 0.5, gives_up)
        reply: list[Reply] = []

        def arrive() -> None:
            reply.append(self._receive(effects, sender, gives_up))

        def come_back() -> None:
            answer(reply[0] if reply and world.now < sender.deadline else _TIMEOUT)

        world.after(there, f"receipt of {sender.member}", arrive)
        world.after(gives_up - world.now, f"answer to {sender.member}", come_back)

    def _receive(self, effects: tuple[Effect, ...], sender: Sender, gives_up: float) -> Response:
        if self._api.refuses(sender.member, effects):
            return response(400, "INVALID_PARAMETER")
        self._apply(effects, sender, gives_up)
        return response(202)

    def _take_effect(
        self, effects: tuple[Effect, ...], sender: Sender, seconds: float, gives_up: float
    ) -> None:
        def arrive() -> None:
            if not self._api.refuses(sender.member, effects):
                self._apply(effects, sender, gives_up)

        self._world.after(seconds, f"effect of {sender.member}", arrive)

    def _apply(self, effects: tuple[Effect, ...], sender: Sender, gives_up: float) -> None:
        late = self._world.now > gives_up
        if late:
            sender.late(effects)
        self._api.apply(effects, "takes effect late" if late else "takes effect")

    # --- time

    def _delay(self) -> float:
        if self._drags:
            return self._world.between(0.3, 2.5)
        if self._world.chance(self.weather.slow):
            return self._world.between(0.2, self._world.pick((1.2, 5.0)))
        return self._world.between(0.01, 0.15)

    def _reply(self, sender: Sender, answer: Answer, reply: Reply) -> float:
        """Answer after a round trip, or a time-out at the deadline; return when."""
        seconds = self._delay() + self._delay()
        left = sender.deadline - self._world.now
        if seconds > left:
            seconds, reply = left, _TIMEOUT
        self._later(seconds, sender, answer, reply)
        return self._world.now + seconds

    def _later(self, seconds: float, sender: Sender, answer: Answer, reply: Reply) -> None:
        self._world.after(seconds, f"answer to {sender.member}", lambda: answer(reply))
