"""What must be known of a target to write to it. Imports the domain only."""

from __future__ import annotations

from dataclasses import dataclass

from consumer.domain.operations import SourceKind, TargetId


@dataclass(frozen=True, slots=True)
class TargetTraits:
    """A source as configured: `secured` when it shows items by their own permissions.

    `secured` is Coveo's content security "Same users and groups as in your content system"
    (`sourceVisibility: SECURED`); only there does the service look at permissions (docs/78).
    """

    target: TargetId
    source_id: str
    secured: bool
    kind: SourceKind = SourceKind.PUSH
