"""HTML pieces. Text becomes markup only here, and only escaped. Imports: stdlib only."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Iterable

Markup = NewType("Markup", str)

NOTHING = Markup("")


def text(value: object) -> Markup:
    """Any value as escaped text; None is a dash."""
    return Markup("-" if value is None else escape(str(value)))


def number(value: int) -> Markup:
    """Show an integer with its thousands apart."""
    return Markup(f"{value:,}".replace(",", "\u202f"))


def join(parts: Iterable[Markup]) -> Markup:
    """Pieces one behind the other."""
    return Markup("".join(parts))


def element(tag: str, inner: Markup, **attributes: str | None) -> Markup:
    """Build an element; None leaves an attribute out, see `attribute_name` for the names."""
    return Markup(f"<{tag}{_written(attributes)}>{inner}</{tag}>")


def void(tag: str, **attributes: str | None) -> Markup:
    """Build an element that has no content; the slash closes it in SVG and is nothing in HTML."""
    return Markup(f"<{tag}{_written(attributes)}/>")


def link(label: object, href: str, **attributes: str | None) -> Markup:
    """Build a link with a text."""
    return element("a", text(label), href=href, **attributes)


def attribute_name(name: str) -> str:
    """Turn a keyword into an attribute's name: `class_` is class, `aria_label` aria-label."""
    return name.rstrip("_").replace("_", "-")


def _written(attributes: dict[str, str | None]) -> str:
    return "".join(
        f' {attribute_name(name)}="{escape(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
