"""CEL: conditions and computed values over `row.<column>`. The only importer of `cel`.

The library is native code. It has crashed the process on texts of 40,000 characters and on deeply
nested data (seen with 0.10), so both are bounded here, far below. Imports the domain and `cel`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeGuard

import cel
from cel import stdlib

from consumer.domain.errors import PoisonError
from consumer.domain.events import UNAVAILABLE, Row, Value
from consumer.mapping.part import Part, Read, Scope, unavailable
from consumer.mapping.problems import BadSpecError
from consumer.mapping.reasons import Reason
from consumer.mapping.references import columns_of

MAX_CHARACTERS: Final = 2_000
_MAX_DEPTH: Final = 64

_ADDED: Final[Mapping[str, Callable[..., Any]]] = {
    "indexOf": stdlib.index_of,
    "join": stdlib.join,
    "lowerAscii": stdlib.lower_ascii,
    "replace": stdlib.replace,
    "split": stdlib.split,
    "substring": stdlib.substring,
    "trim": stdlib.trim,
    "upperAscii": stdlib.upper_ascii,
}
_CONVERSIONS: Final = {"bytes", "double", "duration", "dyn", "int", "string", "timestamp", "uint"}
_OF_TEXT: Final = {"contains", "endsWith", "matches", "size", "startsWith", "type"}
_OF_TIME: Final = {
    *("getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours"),
    *("getMilliseconds", "getMinutes", "getMonth", "getSeconds"),
}
FUNCTIONS: Final = frozenset({*_CONVERSIONS, *_OF_TEXT, *_OF_TIME, *_ADDED})
"""What an expression may call, beside operators and the macros `all`, `exists`, `filter`, …."""

logging.getLogger("cel").disabled = True
"""The library logs what an added function failed with, and that text can hold a column's value."""

_FAILURES: Final = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
"""What the library raises on values that do not suit the expression (seen; others are ours)."""


def compile_expression(text: str) -> Part[Any]:
    """Compile an expression. Raises BadSpecError; the part raises PoisonError('expression').

    Exact numerics become doubles in an expression; what it yields may be any CEL value.
    """
    program = _compile(text)
    columns = columns_of(text, frozenset(program.variables()))
    _check_functions(program)

    def bind(scope: Scope) -> Read[Any]:
        context = cel.Context(None, dict(_ADDED))
        slots = tuple((name, scope.index[name]) for name in columns)

        def evaluate(row: Row) -> Any:
            try:
                values = {name: _to_cel(row[position], name, 0) for name, position in slots}
                context.add_variable("row", values)
                return program.execute(context)
            except _FAILURES as error:
                raise _failed(text, type(error).__name__) from None

        return evaluate

    return Part(columns, bind)


def compile_condition(text: str) -> Part[bool]:
    """Compile an expression that must yield true or false. Raises BadSpecError."""
    part = compile_expression(text)

    def bind(scope: Scope) -> Read[bool]:
        read = part.bind(scope)

        def decide(row: Row) -> bool:
            outcome = read(row)
            if outcome is True or outcome is False:
                return outcome
            raise _failed(text, f"it gave {type(outcome).__name__}, not true or false")

        return decide

    return Part(part.columns, bind)


def _compile(text: str) -> cel.Program:
    if len(text) > MAX_CHARACTERS:
        msg = f"the expression is longer than {MAX_CHARACTERS} characters"
        raise BadSpecError(msg)
    try:
        return cel.compile(text)
    except _FAILURES as error:
        first = str(error).partition("ERROR: ")[2].partition("\n")[0]
        msg = f"the expression is no CEL: {first or type(error).__name__}"
        raise BadSpecError(msg) from None


def _check_functions(program: cel.Program) -> None:
    for name in program.functions():
        if name[:1].isalpha() and name not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            msg = f"'{name}()' is no known function; known are {known}"
            raise BadSpecError(msg)


def _to_cel(value: Value, name: str, depth: int) -> Any:
    """Make a value fit for the library. Raises PoisonError for one that is missing or too deep."""
    match value:
        case Decimal():
            return float(value)
        case list() | dict() if depth >= _MAX_DEPTH:
            raise PoisonError(Reason.EXPRESSION, f"column '{name}' is nested too deep for CEL")
        case list():
            return [_to_cel(one, name, depth + 1) for one in value]
        case dict():
            return {key: _to_cel(one, name, depth + 1) for key, one in value.items()}
        case _ if value is UNAVAILABLE:
            raise unavailable(name)
        case _:
            return value


def named(text: str) -> str:
    """Return how messages call an expression: by its text, or the beginning of a long one."""
    return f"the expression '{text if len(text) <= 60 else text[:59] + '…'}'"


def _failed(text: str, why: str) -> PoisonError:
    return PoisonError(
        Reason.EXPRESSION,
        f"{named(text)} failed on this row: {why}; guard nulls with "
        "'row.x != null && …' and convert types with int(), double() or string()",
    )


def is_moment(value: object) -> TypeGuard[dt.datetime]:
    """Return whether an expression's outcome is a CEL timestamp."""
    return isinstance(value, dt.datetime)
