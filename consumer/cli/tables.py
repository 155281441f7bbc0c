"""Tables as plain text: the same on a terminal, in a file and in a log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Row = Sequence[str]


def in_columns(head: Row, rows: Iterable[Row]) -> str:
    """Return rows under a head, each column as wide as its longest cell; the last one runs on."""
    everything = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*everything, strict=True)]
    return "\n".join(_line(row, widths) for row in everything)


def _line(row: Row, widths: Sequence[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join(cells).rstrip()
