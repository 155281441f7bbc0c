"""What a call came to, as a typed value. Pure. Imports the domain only.

A success whose body is not what the endpoint answers is no success, and no exception either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar, assert_never

from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import ROUTES, Endpoint
from consumer.coveo.exchange import Failure, Reply, Response, code_of, request_id
from consumer.coveo.service_time import ServiceTime, service_time

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Done(Generic[T_co]):
    """The documented success, read."""

    value: T_co
    response: Response


@dataclass(frozen=True, slots=True)
class Declined:
    """An answer that is no success; `code` is `None` where the body names none."""

    endpoint: Endpoint
    code: ErrorCode | None
    response: Response


@dataclass(frozen=True, slots=True)
class Garbled:
    """A success by its status, but its body is not what this endpoint answers."""

    endpoint: Endpoint
    response: Response


Result: TypeAlias = Done[T] | Declined | Garbled | Failure


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an accepted call leaves: the service's time and its name for the exchange, if said."""

    at: ServiceTime | None
    request_id: str | None


def result_of(endpoint: Endpoint, reply: Reply, read: Callable[[bytes], T | None]) -> Result[T]:
    """Return what a reply came to; `read` returns `None` for a body that makes no sense."""
    match reply:
        case Failure():
            return reply
        case Response(status=status) if status not in ROUTES[endpoint].successes:
            return Declined(endpoint, code_of(reply), reply)
        case Response():
            value = read(reply.body)
            return Garbled(endpoint, reply) if value is None else Done(value, reply)
        case _:
            assert_never(reply)


def receipt_of(endpoint: Endpoint, reply: Reply) -> Result[Receipt]:
    """Return what a reply came to of which only the status and the headers count."""

    def read(_: bytes) -> Receipt | None:
        assert isinstance(reply, Response), "only answers are read"
        return Receipt(service_time(reply.headers), request_id(reply))

    return result_of(endpoint, reply, read)
