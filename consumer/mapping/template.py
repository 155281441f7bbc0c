"""Templates of document ids and other URIs: literal text and `{column}` placeholders.

Values are percent-encoded but for RFC 3986's unreserved characters, so a placeholder never yields
more than `[A-Za-z0-9-._~%]*`, and columns are read exactly, so that nothing of a key is cut off. On
both rests that two rows never share an id. Imports the domain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Final, TypeAlias
from urllib.parse import quote

from consumer.domain.errors import PoisonError
from consumer.domain.events import UNAVAILABLE, Row, Value
from consumer.mapping.part import Part, Read, Scope, unavailable
from consumer.mapping.problems import BadSpecError
from consumer.mapping.reasons import Reason

TOPIC: Final = "$topic"
"""The pseudo column that stands for the record's topic."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_START = re.compile(r"[a-z][a-z0-9+.-]*://")
_LITERAL = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
_SEPARATES = re.compile(r"[^A-Za-z0-9\-._~%]")
_MAX_DIGITS = 1_000

Encode: TypeAlias = Callable[[Value], str | None]


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: `literals` stand before, between and behind the `names`."""

    literals: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns it reads, each once, in order of appearance."""
        return tuple(dict.fromkeys(name for name in self.names if name != TOPIC))

    @property
    def names_topic(self) -> bool:
        """Return whether the topic is part of what it yields."""
        return TOPIC in self.names


def parse(text: str) -> Template:
    """Parse a template of a URI. Raises BadSpecError."""
    pieces = _PLACEHOLDER.split(text)
    literals, names = tuple(pieces[::2]), tuple(pieces[1::2])
    if not all(names):
        msg = "a placeholder '{}' names no column; write '{column}'"
        raise BadSpecError(msg)
    if any("{" in literal or "}" in literal for literal in literals):
        msg = "a brace has no partner; a placeholder is written '{column}'"
        raise BadSpecError(msg)
    for literal in literals:
        if _LITERAL.fullmatch(literal) is None:
            msg = (
                "the text around the placeholders has a character that no URI may hold; "
                "write it as %XX"
            )
            raise BadSpecError(msg)
    if _START.match(literals[0]) is None:
        msg = (
            "it must begin with a literal scheme in lower case and '://', as in 'kb://articles/"
            "{id}': the service drops items whose id is not such a URI without saying so"
        )
        raise BadSpecError(msg)
    return Template(literals, names)


def parse_document_id(text: str) -> Template:
    """Parse the template of a document id, whose outcome must tell rows apart.

    Raises BadSpecError, also when two placeholders could run into each other: with '{a}-{b}' the
    rows ('1-2', '3') and ('1', '2-3') would share an id.
    """
    template = parse(text)
    if not template.columns:
        msg = "it names no column, so that every row would get the same id"
        raise BadSpecError(msg)
    for left, literal, right in zip(
        template.names, template.literals[1:], template.names[1:], strict=False
    ):
        if _SEPARATES.search(literal) is None:
            msg = (
                f"'{{{left}}}' and '{{{right}}}' must be separated by a character that values "
                "cannot contain once they are percent-encoded, such as '/', ':' or ','; with "
                f"'{literal}' between them different rows could get the same id"
            )
            raise BadSpecError(msg)
    return template


def compile_template(template: Template) -> Part[str | None]:
    """Return the part that fills the template in; `None` where one of its columns is null."""

    def bind(scope: Scope) -> Read[str | None]:
        first, slots = _slots(template, scope)

        def render(row: Row) -> str | None:
            text = first
            for position, encode, literal in slots:
                value = encode(row[position])
                if value is None:
                    return None
                text += value + literal
            return text

        return render

    return Part((), bind, template.columns)


def _slots(template: Template, scope: Scope) -> tuple[str, tuple[tuple[int, Encode, str], ...]]:
    """Merge the topic into the literals; what is left are columns, each with the text behind it."""
    first, slots = template.literals[0], list[tuple[int, Encode, str]]()
    for name, literal in zip(template.names, template.literals[1:], strict=True):
        if name != TOPIC:
            slots.append((scope.exact(name), _encoder(name), literal))
        elif slots:
            position, encode, before = slots.pop()
            slots.append((position, encode, before + scope.topic + literal))
        else:
            first += scope.topic + literal
    return first, tuple(slots)


def _encoder(name: str) -> Encode:
    def encode(value: Value) -> str | None:
        match value:
            case None:
                return None
            case bool():
                return "true" if value else "false"
            case int() | Decimal() | float():
                return _number(value, name)
            case str():
                return _text(value, name)
            case bytes():
                return value.hex()
            case _ if value is UNAVAILABLE:
                raise unavailable(name)
            case _:
                raise _no_id(name, "it holds a list or a structure")

    return encode


def _text(value: str, name: str) -> str:
    try:
        return quote(value, safe="")
    except UnicodeEncodeError as error:
        raise _no_id(name, "its text is not valid Unicode") from error


def _number(value: float | Decimal, name: str) -> str:
    """Write equal numbers alike and different ones differently: 1.50 and 1.5 are one key."""
    if isinstance(value, int):
        if value.bit_length() > 3 * _MAX_DIGITS:
            raise _no_id(name, "its number is too long")
        return str(value)
    if not (value.is_finite() if isinstance(value, Decimal) else isfinite(value)):
        raise _no_id(name, "it is not a finite number")
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if exact == 0:
        return "0"
    exponent = exact.as_tuple().exponent
    if exact.adjusted() > _MAX_DIGITS or (isinstance(exponent, int) and exponent < -_MAX_DIGITS):
        raise _no_id(name, "its number is too long")
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _no_id(name: str, why: str) -> PoisonError:
    return PoisonError(Reason.DOCUMENT_ID, f"column '{name}' cannot be part of a URI: {why}")
