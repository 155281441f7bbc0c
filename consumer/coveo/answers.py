"""What was asked around pushing, and each answer as it came. Values only.

Every answer stands by itself: one that is refused leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from consumer.coveo.api.log_entries import LogPage
from consumer.coveo.api.platform import Privilege
from consumer.coveo.api.platform_models import Field, Limits, SecurityProvider, Source
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import Host
from consumer.coveo.exchange import Failure
from consumer.coveo.results import Declined, Garbled, Result

NotGiven: TypeAlias = Declined | Garbled | Failure
"""A result without a value."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What to ask about."""

    source_ids: tuple[str, ...]
    privileges: tuple[Privilege, ...]
    providers: bool
    """Whether security providers matter."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back. `providers` is `None` where they were not asked for."""

    sources: Mapping[str, Result[Source]]
    privileges: Mapping[Privilege, Result[bool]]
    fields: Result[tuple[Field, ...]]
    limits: Result[Limits]
    providers: Result[tuple[SecurityProvider, ...]] | None
    logs: Result[LogPage]

    def about_organization(self) -> Iterator[Result[object]]:
        """Yield the answers to calls that have the organization in their path."""
        yield from self.sources.values()
        yield self.fields
        yield self.limits
        if self.providers is not None:
            yield self.providers
        yield self.logs

    @property
    def organization_unknown(self) -> bool:
        """Return whether Coveo said that there is no such organization."""
        return ErrorCode.ORGANIZATION_NOT_FOUND in self.codes

    @property
    def codes(self) -> frozenset[ErrorCode | None]:
        """Return the codes of what was refused in the organization."""
        refused = (one for one in self.about_organization() if isinstance(one, Declined))
        return frozenset(one.code for one in refused)

    def all(self) -> Iterator[tuple[Host, Result[object]]]:
        """Yield every answer with who gave it."""
        for result in (*self.privileges.values(), *self.sources.values()):
            yield Host.PLATFORM, result
        for each in (self.fields, self.limits, self.providers):
            if each is not None:
                yield Host.PLATFORM, each
        yield Host.PUSH, self.logs
