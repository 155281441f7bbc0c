"""Values of an item: from a column, a constant, a template or an expression.

Imports the domain only. What cannot be compiled raises BadSpecError, what a row does not allow
PoisonError; messages name column and field, never a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from consumer.domain.errors import PoisonError
from consumer.domain.events import Value
from consumer.domain.operations import JsonValue
from consumer.mapping import values
from consumer.mapping.dictionaries import parsed_json, to_dictionary
from consumer.mapping.expression import compile_expression, is_moment, named
from consumer.mapping.part import Part, column, constant, then
from consumer.mapping.problems import BadSpecError
from consumer.mapping.reasons import Reason
from consumer.mapping.spec import Cast, ValueSpec
from consumer.mapping.template import compile_template, parse

_WHOLE: Final[Mapping[Cast, Callable[[Value, str], JsonValue]]] = {
    Cast.JSON: values.to_json,
    Cast.DICTIONARY: to_dictionary,
}
"""Casts of whole structures and lists; the others are of each value in a list."""


def compile_value(spec: ValueSpec) -> Part[JsonValue]:
    """Compile a field: text, number, boolean, a list of these, or `None` to leave it out."""
    source = one_of(spec, "column", "constant", "template", "expression")
    if source != "column" and (spec.json_pointer is not None or spec.split is not None):
        msg = "'json' and 'split' go with 'column' only"
        raise BadSpecError(msg)
    if source in {"constant", "template"} and (spec.cast or spec.default is not None):
        msg = f"'as' and 'default' have no meaning beside '{source}'"
        raise BadSpecError(msg)
    if spec.cast is Cast.DICTIONARY and (spec.default is not None or spec.split is not None):
        msg = "'default' and 'split' have no meaning beside 'as: dictionary'"
        raise BadSpecError(msg)
    if spec.constant is not None:
        return constant(_as_json(spec.constant))
    if spec.template is not None:
        return then(compile_template(parse(spec.template)), _unchanged)
    if spec.expression is not None:
        where = named(spec.expression)
        raw = then(compile_expression(spec.expression), partial(_from_cel, where=where))
    else:
        where = f"column '{spec.column}'"
        raw = compile_pick(spec.column or "", spec.json_pointer, spec.split)
    return then(raw, _finish(spec.cast, _as_json(spec.default), where))


def compile_pick(name: str, pointer: str | None, split: str | None) -> Part[Value]:
    """Read a column, perhaps look into its JSON, perhaps split its text."""
    part = column(name)
    where = f"column '{name}'"
    if pointer is not None:
        part = then(part, partial(_point, steps=_steps(pointer), where=where))
    if split is not None:
        part = then(part, partial(_split, delimiter=split))
    return part


def one_of(spec: object, *names: str) -> str:
    """Return the one that is given. Raises BadSpecError if it is none or several."""
    given = [name for name in names if getattr(spec, name) is not None]
    if len(given) == 1:
        return given[0]
    listed = ", ".join(f"'{name}'" for name in names)
    msg = f"give exactly one of {listed}; here it is {len(given) or 'none'}"
    raise BadSpecError(msg)


def _unchanged(value: str | None) -> JsonValue:
    return value


def _as_json(value: object) -> JsonValue:
    """Constants are checked by their model; a tuple is how it keeps a list."""
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    return value if isinstance(value, str | int | float | bool) else None


def _finish(cast: Cast | None, default: JsonValue, where: str) -> Callable[[Value], JsonValue]:
    whole = _WHOLE.get(cast) if cast is not None else None
    if whole is not None:
        return lambda value: default if value is None else whole(value, where)
    convert = values.converter(cast)

    def one(value: Value) -> JsonValue:
        return None if value is None else convert(values.scalar(value, where), where)

    def finish(value: Value) -> JsonValue:
        if not isinstance(value, list):
            made = one(value)
            return default if made is None else made
        return [made for made in map(one, value) if made is not None]

    return finish


def _from_cel(value: Any, where: str) -> Value:
    """Keep what a field can hold of a CEL outcome."""
    match value:
        case None | str() | bool() | int() | float():
            return value
        case list():
            return [_from_cel(one, where) for one in value]
        case _ if is_moment(value):
            return _from_cel_moment(value, where)
        case _:
            raise PoisonError(
                Reason.EXPRESSION, f"{where} gave {type(value).__name__}, which no field can hold"
            )


def _from_cel_moment(value: datetime, where: str) -> str:
    try:
        return values.from_moment(value)
    except OverflowError:
        msg = f"{where} gave a moment that is not between the years 1 and 9999 in UTC"
        raise PoisonError(Reason.EXPRESSION, msg) from None


def _steps(pointer: str) -> tuple[str, ...]:
    """Parse a JSON pointer (RFC 6901). Raises BadSpecError."""
    if pointer and not pointer.startswith("/"):
        msg = "a JSON pointer begins with '/', as in '/address/city'"
        raise BadSpecError(msg)
    steps = pointer.split("/")[1:]
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def _point(value: Value, steps: tuple[str, ...], where: str) -> Value:
    """Follow a pointer into JSON text or a decoded structure; what is not there is null.

    A pointer that leads into text or a number is refused: the column is not what was expected,
    and in a list of denied users that must not read as nobody.
    """
    node = parsed_json(value, where) if isinstance(value, str) else value
    for step in steps:
        match node:
            case dict():
                node = node.get(step)
            case list() if step.isascii() and step.isdecimal() and len(step) < 10:
                node = node[int(step)] if int(step) < len(node) else None
            case None:
                return None
            case _:
                msg = f"{where} holds JSON of another shape than the pointer expects"
                raise PoisonError(Reason.JSON, msg)
    return node


def _split(value: Value, delimiter: str) -> Value:
    if not isinstance(value, str):
        return value
    pieces: list[Value] = [piece.strip() for piece in value.split(delimiter) if piece.strip()]
    return pieces or None
