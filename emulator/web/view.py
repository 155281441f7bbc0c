"""What a page function is given and gives back. Imports: markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.web.markup import Markup

_MAX_DIGITS = 9


class Place(StrEnum):
    """The entries of the navigation, in its order."""

    OVERVIEW = "Overview"
    SEARCH = "Search"
    IDENTITIES = "Identities"
    OPERATIONS = "Operations"
    REQUESTS = "Requests"
    CONTROLS = "Controls"


@dataclass(frozen=True, slots=True)
class View:
    """A page without its frame. `refresh_seconds` lets it load itself again."""

    title: str
    main: Markup
    place: Place = Place.OVERVIEW
    status: int = 200
    refresh_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """What stands in an address behind the question mark. What makes no sense counts as absent."""

    values: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a value without white space around it."""
        return self.values.get(name, "").strip()

    def asked(self, name: str) -> str | None:
        """Return a value, None if it is empty."""
        return self.text(name) or None

    def number(self, name: str) -> int | None:
        """Return a whole number that is not negative."""
        value = self.text(name)
        usable = value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS
        return int(value) if usable else None

    def one_of(self, name: str, values: Iterable[str]) -> str | None:
        """Return a value that is one of these."""
        value = self.text(name)
        return value if value in set(values) else None

    def page(self) -> int:
        """Return the number of a page, from 1."""
        return max(1, self.number("page") or 1)

    def address(self, path: str, **changes: object) -> str:
        """Return the address of the same question at `path` with changes; None takes one out."""
        merged = {**self.values, **changes}
        kept = {name: value for name, value in merged.items() if value not in {None, ""}}
        return f"{path}?{urlencode(kept)}" if kept else path
