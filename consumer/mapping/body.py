"""An item's content and its file extension. Imports the domain only."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial
from typing import Any, Final

from consumer.domain.errors import PoisonError
from consumer.domain.events import Value
from consumer.domain.operations import Content
from consumer.mapping import values
from consumer.mapping.expression import compile_expression, named
from consumer.mapping.fields import one_of
from consumer.mapping.part import Part, column, constant, then
from consumer.mapping.problems import BadSpecError
from consumer.mapping.reasons import Reason
from consumer.mapping.spec import BodyKind, BodySpec, ExtensionSpec

_EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]{1,32}")
"""Reference `push-api.md` §2.1."""


def compile_body(spec: BodySpec) -> Part[Content | None]:
    """Compile the content; `None` where the column is null. Raises BadSpecError."""
    source = one_of(spec, "column", "expression")
    if spec.expression is not None:
        if spec.kind is BodyKind.BINARY:
            msg = "an expression yields text; bytes come from a 'column'"
            raise BadSpecError(msg)
        where = named(spec.expression)
        return then(compile_expression(spec.expression), partial(_text, where=where))
    where = f"{source} '{spec.column}'"
    make = _binary if spec.kind is BodyKind.BINARY else _text
    return then(column(spec.column or ""), partial(make, where=where))


def compile_extension(spec: ExtensionSpec) -> Part[str | None]:
    """Compile the extension; `None` where the column is null or empty. Raises BadSpecError."""
    one_of(spec, "column", "constant")
    if spec.column is not None:
        return then(column(spec.column), partial(_extension, where=f"column '{spec.column}'"))
    if _EXTENSION.fullmatch(spec.constant or "") is None:
        msg = (
            "a file extension is a dot with letters and digits, as in '.html'; "
            "one that a column holds is written {column: …}"
        )
        raise BadSpecError(msg)
    return constant(spec.constant)


def _text(value: Any, where: str) -> Content | None:
    match value:
        case None:
            return None
        case str():
            return Content(text=value)
        case bool() | int() | float() | Decimal():
            return Content(text=str(values.to_string(value, where)))
        case bytes():
            raise _no_body(where, "it holds bytes; ask for them with `kind: binary`")
        case _:
            raise _no_body(where, "it holds a list or a structure")


def _binary(value: Value, where: str) -> Content | None:
    match value:
        case None:
            return None
        case bytes():
            return Content(binary=value)
        case _:
            raise _no_body(where, "it holds no bytes; text is sent with `kind: text`")


def _extension(value: Value, where: str) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = f".{value.strip().removeprefix('.').lower()}"
        if _EXTENSION.fullmatch(text) is not None:
            return text
    raise values.bad_value(where, "it holds no file extension")


def _no_body(where: str, why: str) -> PoisonError:
    return PoisonError(Reason.BODY, f"{where} cannot be a body: {why}")
