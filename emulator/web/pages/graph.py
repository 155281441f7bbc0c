"""An identity among its neighbours, drawn as SVG. Imports: insight, states, markup.

The trees beside it say the same in words and with links, so the drawing itself is hidden from
those who do not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.kinds import kind_words
from emulator.securitycache import State
from emulator.web.markup import Markup, element, join, text, void
from emulator.web.pages.states import state_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.identities import IdentityKey
    from emulator.insight.relationships import Branch, IdentityDetails

_SHOWN = 6
_WIDTH = 960
_BOX_WIDTH = 250
_BOX_HEIGHT = 40
_ROW = 54
_CHARACTERS = 32
_LEFT, _MIDDLE, _RIGHT = 8, (_WIDTH - _BOX_WIDTH) // 2, _WIDTH - _BOX_WIDTH - 8


@dataclass(frozen=True, slots=True)
class _Box:
    x: int
    y: int
    title: str
    below: str
    class_: str = ""

    def markup(self) -> Markup:
        """Draw it."""
        frame = void(
            "rect",
            x=str(self.x),
            y=str(self.y),
            width=str(_BOX_WIDTH),
            height=str(_BOX_HEIGHT),
            rx="6",
        )
        name = element("text", text(_cut(self.title)), x=str(self.x + 12), y=str(self.y + 17))
        under = element(
            "text", text(_cut(self.below)), x=str(self.x + 12), y=str(self.y + 32), class_="small"
        )
        return element("g", join((frame, name, under)), class_=self.class_ or None)


def drawing(found: IdentityDetails) -> Markup:
    """Draw what belongs to the identity on its left, what it belongs to on its right."""
    rows = max(
        1, _count(found.below, found.below_left_out), _count(found.above, found.above_left_out)
    )
    height = rows * _ROW + 10
    middle = (height - _BOX_HEIGHT) // 2
    self_box = _Box(_MIDDLE, middle, found.name, _words(found.key, found.cached.state), "self")
    left = _column(_LEFT, height, found.below, found.below_left_out)
    right = _column(_RIGHT, height, found.above, found.above_left_out)
    lines = [
        *(_arrow(_LEFT + _BOX_WIDTH, one.y, _MIDDLE, middle) for one in left),
        *(_arrow(_MIDDLE + _BOX_WIDTH, middle, _RIGHT, one.y) for one in right),
    ]
    boxes = [one.markup() for one in (*left, self_box, *right)]
    return element(
        "svg",
        join((*lines, *boxes)),
        class_="graph",
        viewBox=f"0 0 {_WIDTH} {height}",
        aria_hidden="true",
        focusable="false",
    )


def _column(x: int, height: int, branches: Sequence[Branch], left_out: int) -> list[_Box]:
    count = _count(branches, left_out)
    top = (height - count * _ROW) // 2 + (_ROW - _BOX_HEIGHT) // 2
    boxes = []
    for row, one in enumerate(branches[:_SHOWN]):
        neighbour = one.neighbour
        off = "off" if neighbour.state in {State.DISABLED, State.IN_ERROR} else ""
        words = f"{neighbour.relationship} · {_words(neighbour.key, neighbour.state)}"
        boxes.append(_Box(x, top + row * _ROW, neighbour.key.name, words, off))
    others = left_out + max(0, len(branches) - _SHOWN)
    if others:
        boxes.append(_Box(x, top + len(boxes) * _ROW, f"and {others} more", "", "off"))
    return boxes


def _count(branches: Sequence[Branch], left_out: int) -> int:
    shown = min(len(branches), _SHOWN)
    return shown + (left_out > 0 or len(branches) > _SHOWN)


def _arrow(from_x: int, from_y: int, to_x: int, to_y: int) -> Markup:
    y1, y2 = from_y + _BOX_HEIGHT // 2, to_y + _BOX_HEIGHT // 2
    bend = (to_x - from_x) // 2
    curve = f"M{from_x} {y1} C{from_x + bend} {y1} {to_x - bend} {y2} {to_x - 7} {y2}"
    head = f"M{to_x} {y2} l-9 -4.5 v9 z"
    return join((void("path", d=curve), void("path", d=head, class_="head")))


def _words(key: IdentityKey, state: State) -> str:
    return f"{kind_words(key.kind)} · {state_words(state)}"


def _cut(name: str) -> str:
    return name if len(name) <= _CHARACTERS else f"{name[: _CHARACTERS - 1]}…"
