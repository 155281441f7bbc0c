"""The types of security identities, which the emulator calls kinds. Imports: stdlib only.

Coveo spells them in two families: `VIRTUAL_GROUP` in identity bodies, `VirtualGroup` in item
permissions and on the platform. Both are taken wherever one is asked for.
"""

from __future__ import annotations

_SPELLINGS = {
    "USER": "User",
    "GROUP": "Group",
    "VIRTUAL_GROUP": "VirtualGroup",
    "UNKNOWN": "Unknown",
}
KINDS = tuple(_SPELLINGS)
"""All kinds, as the emulator names them."""
_BY_LETTERS = {spelling.lower(): kind for kind, spelling in _SPELLINGS.items()}


def kind_named(text: str) -> str | None:
    """Look up a kind in either spelling, whatever the case; None if it is none."""
    return _BY_LETTERS.get(text.replace("_", "").lower())


def platform_type(kind: str) -> str:
    """Spell a kind as the platform's calls do."""
    return _SPELLINGS[kind]


def kind_words(kind: str) -> str:
    """Write a kind for people."""
    return kind.replace("_", " ").lower()
