"""What was checked, what came of it, what it means and what to do. Pure. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What came of a check, the best first."""

    OK = "ok"
    WARNING = "warning"
    """Works, but not as well or as long as it should."""
    UNKNOWN = "unknown"
    """Not answered: neither good nor bad."""
    ERROR = "error"
    """Somebody must change something: pushing fails, loses values, or shows what it must not."""


_WORSE = (Verdict.OK, Verdict.WARNING, Verdict.UNKNOWN, Verdict.ERROR)


class Check(StrEnum):
    """Everything that is checked; a closed set, each explained in docs/doctor.md."""

    CONFIGURATION = "configuration"
    PLATFORM_HOST = "platform_host"
    PUSH_HOST = "push_host"
    KEY = "key"
    ORGANIZATION = "organization"
    CLOCK = "clock"
    PRIVILEGE = "privilege"
    SOURCE = "source"
    SOURCE_KIND = "source_kind"
    SOURCE_OWNER = "source_owner"
    SOURCE_ENABLED = "source_enabled"
    SOURCE_VISIBILITY = "source_visibility"
    SOURCE_STATE = "source_state"
    PROVIDER = "provider"
    FIELD = "field"
    BURST_QUOTA = "burst_quota"
    DAILY_QUOTA = "daily_quota"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one thing. `to_do` is empty where there is nothing to do."""

    check: Check
    about: str
    """A target, a field, a host, …; empty where a check has one subject only."""
    verdict: Verdict
    message: str
    to_do: str = ""

    @property
    def document(self) -> dict[str, str]:
        """Return it for JSON."""
        return {
            "check": self.check.value,
            "about": self.about,
            "verdict": self.verdict.value,
            "message": self.message,
            "to_do": self.to_do,
        }


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict on everything: one error outweighs all else, then what is not known."""
    return max((one.verdict for one in findings), key=_WORSE.index, default=Verdict.OK)
