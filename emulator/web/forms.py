"""Form fields, each with its label. Imports: markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.web.markup import NOTHING, Markup, element, join, text, void

if TYPE_CHECKING:
    from collections.abc import Iterable


def search_form(*fields: Markup, button: str, action: str | None = None, label: str) -> Markup:
    """Build a form that only asks."""
    inner = join((*fields, element("button", text(button))))
    return element("form", inner, action=action, role="search", aria_label=label)


def action_form(action: str, *fields: Markup, button: str, danger: bool = False) -> Markup:
    """Build a form that changes something."""
    press = element("button", text(button), class_="danger" if danger else "primary")
    return element("form", join((*fields, press)), action=action, method="post")


def entry(
    name: str,
    label: str,
    value: str = "",
    *,
    kind: str = "text",
    suggestions: Iterable[str] = (),
    **attributes: str | None,
) -> Markup:
    """Build a line to write into, with suggestions if there are any."""
    options = join(void("option", value=one) for one in suggestions)
    listed = f"{name}-suggestions" if options else None
    field = void(
        "input",
        type=kind,
        id=name,
        name=name,
        value=value,
        list=listed,
        autocomplete="off",
        **attributes,
    )
    offer = element("datalist", options, id=listed) if options else NOTHING
    return _labelled(name, label, join((field, offer)))


def line(field: Markup) -> Markup:
    """Give a field a line of its own."""
    return element("div", field, class_="line")


def hidden(name: str, value: str) -> Markup:
    """Carry a value along."""
    return void("input", type="hidden", name=name, value=value)


def choice(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str = "") -> Markup:
    """Build a list to choose from; the options are values with their words."""
    inner = join(
        element("option", text(word), value=value, selected="" if value == chosen else None)
        for value, word in options
    )
    return _labelled(name, label, element("select", inner, id=name, name=name))


def any_or(values: Iterable[str]) -> list[tuple[str, str]]:
    """Offer values as they are, and first that any will do."""
    return [("", "any"), *((one, one) for one in values)]


def _labelled(name: str, label: str, field: Markup) -> Markup:
    inner = join((element("label", text(label), for_=name), field))
    return element("div", inner, class_="field")
