"""Where Coveo answers. Imports the standard library only."""

from __future__ import annotations

from enum import StrEnum


class Region(StrEnum):
    """Where an organization's primary deployment is (docs/78).

    Organization-specific hosts do not serve the Push API.
    """

    US = "us"
    CANADA = "ca"
    EUROPE = "eu"
    AUSTRALIA = "au"
    HIPAA = "hipaa"

    @property
    def push_url(self) -> str:
        """Return the host of the Push API, the Stream API and the source logs."""
        return f"https://api{self._infix}.cloud.coveo.com"

    @property
    def platform_url(self) -> str:
        """Return the host of everything else: sources, fields, limits, security cache."""
        return f"https://platform{self._infix}.cloud.coveo.com"

    @property
    def _infix(self) -> str:
        return {Region.US: "", Region.HIPAA: "hipaa"}.get(self, f"-{self}")
