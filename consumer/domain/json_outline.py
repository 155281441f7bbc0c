"""What JSON text holds outside of its strings: how much it can grow to. Standard library only.

Texts are untrusted and megabytes long, so nothing is kept for each string: a million short ones
would take a hundred times their length.
"""

from __future__ import annotations

import re
from typing import Final

_STRING: Final = rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
"""Matches an unfinished string to the end, so that the time stays linear."""
_STRINGS: Final = re.compile(_STRING, re.DOTALL)
_STRETCHES: Final = re.compile(
    rb'(?:[^"]*+' + _STRING + rb'){1,4096}+[^"]*+|[^"]++',
    re.DOTALL,
)
_ALL_BUT_MARKS: Final = bytes(byte for byte in range(256) if byte not in b",[]{}")


def outline(text: bytes) -> bytes:
    """Return the commas and brackets of JSON that are not within a string, whatever `text` is."""
    return b"".join(
        _STRINGS.sub(b"", stretch[0]).translate(None, _ALL_BUT_MARKS)
        for stretch in _STRETCHES.finditer(text)
    )
