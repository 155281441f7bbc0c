"""What a configuration expects to find in Coveo. Pure values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from consumer.coveo.answers import Inquiry
from consumer.coveo.api.platform import Privilege, Right
from consumer.doctor.sent import WantedField


@dataclass(frozen=True, slots=True)
class WantedTarget:
    """A source as the configuration takes it to be."""

    name: str
    source_id: str
    secured: bool
    catalog: bool = False
    """Written through the Stream API."""
    providers: frozenset[str] = frozenset()
    """Security providers that permissions name."""
    default_provider: bool = False
    """Whether permissions rest on the source's first provider."""


@dataclass(frozen=True, slots=True)
class Wants:
    """All of it."""

    organization: str
    platform_url: str
    push_url: str
    targets: tuple[WantedTarget, ...]
    fields: tuple[WantedField, ...]
    requests_per_5_minutes: int
    requests_per_day: int


@dataclass(frozen=True, slots=True)
class Need:
    """A privilege, what it is for, and whether `run` cannot do without it."""

    privilege: Privilege
    purpose: str
    required: bool

    @property
    def name(self) -> str:
        """Return it for people."""
        privilege = self.privilege
        about = "" if privilege.target_id == "*" else f" {privilege.target_id}"
        return f"{privilege.domain}{about} {privilege.right}"


_READING: Final = (
    Need(Privilege(Right.VIEW, "ORGANIZATION"), "to get file containers", required=True),
    Need(Privilege(Right.VIEW, "FIELD"), "to compare fields, here only", required=False),
    Need(Privilege(Right.CREATE, "FIELD"), "for `fields apply` only", required=False),
)
_PROVIDERS: Final = Need(
    Privilege(Right.VIEW, "SECURITY_PROVIDER"), "to see providers, here only", required=False
)


def needs(wants: Wants) -> tuple[Need, ...]:
    """Return the privileges that the key should have (docs/78, 33, 59, 98)."""
    pushing = (
        Need(Privilege(Right.EDIT, "SOURCE", target.source_id), "to push", required=True)
        for target in wants.targets
    )
    # Two targets may be one source.
    return tuple(dict.fromkeys((*pushing, *_READING, *_about_providers(wants.targets))))


def _about_providers(targets: Iterable[WantedTarget]) -> Iterator[Need]:
    if any(target.providers or target.default_provider for target in targets):
        yield _PROVIDERS


def inquiry(wants: Wants) -> Inquiry:
    """Return what must be asked to compare Coveo with the configuration: reading calls only."""
    return Inquiry(
        source_ids=tuple(dict.fromkeys(target.source_id for target in wants.targets)),
        privileges=tuple(need.privilege for need in needs(wants)),
        providers=any(_about_providers(wants.targets)),
    )
