"""HTML pieces. Text becomes markup only here, and only escaped. Imports: stdlib only."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Markup = NewType("Markup", str)

STYLE = """
:root { color-scheme: light dark; --line: #c9ced6; --soft: #f3f5f8; --dim: #55606e;
  --text: #16202c; --back: #ffffff; --link: #0b5cad; --good: #17692f; --bad: #a8201a; }
@media (prefers-color-scheme: dark) { :root { --line: #3a4450; --soft: #1d242d; --dim: #a3afbd;
  --text: #e6ebf1; --back: #12171d; --link: #7db8f5; --good: #7fd49a; --bad: #ff938c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--back);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
a:focus-visible, input:focus-visible, button:focus-visible, [tabindex]:focus-visible {
  outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--dim); padding: .25rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem .35rem 0;
  text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--soft); padding: .75rem; overflow: auto; max-height: 24rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
form { display: flex; gap: .5rem; flex-wrap: wrap; align-items: end; }
input, button { font: inherit; padding: .3rem .6rem; color: inherit; background: var(--soft);
  border: 1px solid var(--line); border-radius: .25rem; }
nav { display: flex; gap: 1rem; flex-wrap: wrap; margin: .75rem 0; }
.good { color: var(--good); } .bad { color: var(--bad); } .dim { color: var(--dim); }
"""


def text(value: object) -> Markup:
    """Any value as escaped text; None is a dash."""
    return Markup("-" if value is None else escape(str(value)))


def number(value: int) -> Markup:
    """Show an integer with its thousands apart."""
    return Markup(f"{value:,}".replace(",", "\u202f"))


def join(parts: Iterable[Markup]) -> Markup:
    """Pieces one behind the other."""
    return Markup("".join(parts))


def element(tag: str, inner: Markup, **attributes: str) -> Markup:
    """Build an element; a trailing underscore of an attribute's name is left out."""
    written = "".join(
        f' {name.rstrip("_")}="{escape(value)}"' for name, value in attributes.items()
    )
    return Markup(f"<{tag}{written}>{inner}</{tag}>")


def link(label: object, href: str, **attributes: str) -> Markup:
    """Build a link."""
    return element("a", text(label), href=href, **attributes)


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Markup]]) -> Markup:
    """Build a table with a caption and column heads."""
    head = join(element("th", text(name), scope="col") for name in heads)
    body = join(element("tr", join(element("td", cell) for cell in row)) for row in rows)
    inner = join(
        (
            element("caption", text(caption)),
            element("thead", element("tr", head)),
            element("tbody", body),
        )
    )
    # A region that scrolls must be reachable by keyboard.
    return element(
        "div",
        element("table", inner),
        class_="wide",
        tabindex="0",
        role="region",
        **{"aria-label": caption},
    )


def document(title: str, main: Markup, refresh_seconds: int = 0) -> bytes:
    """Build a whole page; one with `refresh_seconds` loads itself again after that time."""
    refresh = f'<meta http-equiv="refresh" content="{refresh_seconds}">' if refresh_seconds else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{refresh}<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        '<a class="skip" href="#main">Skip to content</a>'
        f'<main id="main">{main}</main></body></html>'
    ).encode()
