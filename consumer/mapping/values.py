"""Values of columns as JSON: what a field may hold, and how a value becomes it. Pure functions.

A field holds text, a number, a boolean or a list of these (reference `push-api.md` §2.3). The
index knows numbers as doubles, so a number that a double does not hold is sent as text.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Final, TypeAlias, assert_never

from consumer.domain.errors import PoisonError
from consumer.domain.events import Scalar, Value
from consumer.domain.operations import JsonValue
from consumer.mapping.reasons import Reason
from consumer.mapping.spec import Cast

Convert: TypeAlias = Callable[[Scalar, str], JsonValue]
"""Makes JSON of one value that is not null. The text says where it stands, for the message."""

_Number: TypeAlias = "int | float | Decimal"

MAX_EXACT_INTEGER: Final = 2**53
"""Beyond it a double, and so the index and JSON in the browser, skips integers (IEEE 754)."""
_MAX_DIGITS: Final = 1_000
_MAX_DEPTH: Final = 64
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,300}")
_DECIMAL: Final = re.compile(
    r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?"
)
_NO_NUMBERS: Final = frozenset(
    sign + word for word in ("nan", "inf", "infinity") for sign in ("", "+", "-")
)
"""How databases and connectors write what is no finite number, where numbers come as text."""
_INFINITE_MOMENTS: Final = frozenset({"infinity", "-infinity"})
_TRUE: Final = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE: Final = frozenset({"false", "f", "no", "n", "off", "0"})


def converter(cast: Cast | None) -> Convert:
    """Return the conversion that a field asks for."""
    return natural if cast is None else _CONVERTERS[cast]


def scalar(value: Value, where: str) -> Scalar:
    """Return a value that is neither a list nor a structure. Raises PoisonError('cast')."""
    match value:
        case None | str() | bool() | int() | float() | Decimal() | bytes():
            return value
        case list():
            raise bad_value(where, "a list is inside a list or where one value is expected")
        case _:
            raise bad_value(where, "a structure has no place in a field; pick a part with `json`")


def natural(value: Scalar, where: str) -> JsonValue:
    """Keep the type; a number that a double does not hold becomes text."""
    match value:
        case None | str() | bool():
            return value
        case int() | float() | Decimal():
            return _number(value, where)
        case bytes():
            raise bad_value(where, "it holds bytes; ask for them with `as: base64`")
    assert_never(value)


def to_string(value: Scalar, where: str) -> JsonValue:
    """Write any value but bytes as text."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return _digits(value, where)
        case _:
            return natural(value, where)


def to_integer(value: Scalar, where: str) -> JsonValue:
    """Accept whole numbers, also as text or with a fraction of zero; no number counts as null."""
    match value:
        case str() if _is_no_number(value):
            return None
        case bool() | None | bytes():
            raise bad_value(where, "it is no whole number")
        case str() if _INTEGER.fullmatch(value.strip()):
            return _number(int(value), where)
        case str():
            raise bad_value(where, "its text is no whole number")
        case _:
            exact = _exact(value, where)
            if exact != exact.to_integral_value():
                raise bad_value(where, "it is no whole number")
            return _number(int(exact), where)


def to_number(value: Scalar, where: str) -> JsonValue:
    """Accept numbers, also as text; `NaN` and infinity count as null, as in a column of doubles."""
    match value:
        case str() if _is_no_number(value):
            return None
        case bool() | None | bytes():
            raise bad_value(where, "it is no number")
        case str() if _DECIMAL.fullmatch(value.strip()):
            return _number(Decimal(value.strip()), where)
        case str():
            raise bad_value(where, "its text is no number")
        case _:
            return _number(value, where)


def to_boolean(value: Scalar, where: str) -> JsonValue:
    """Accept booleans, 0 and 1 (MySQL's `tinyint(1)`), and the usual words for them."""
    match value:
        case bool():
            return value
        case int() | Decimal() if _exact(value, where) in {0, 1}:
            return value == 1
        case str() if value.strip().lower() in _TRUE:
            return True
        case str() if value.strip().lower() in _FALSE:
            return False
        case _:
            raise bad_value(where, "it is neither true nor false")


def to_date(value: Scalar, where: str) -> JsonValue:
    """Write a date or a time stamp as `2024-02-29T13:14:15.123Z`, in UTC.

    PostgreSQL's `infinity` is no moment that an index could hold: it counts as null.
    """
    match value:
        case str() if value.strip().lower() in _INFINITE_MOMENTS:
            return None
        case str():
            return _date(value.strip(), where)
        case _:
            raise bad_value(where, "it is no date")


def to_base64(value: Scalar, where: str) -> JsonValue:
    """Write bytes as base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise bad_value(where, "it holds no bytes")


def to_json(value: Value, where: str) -> JsonValue:
    """Write a list or a structure as JSON text, numbers to their last digit.

    Text stays as it is: a column of JSON is that text already.
    """
    return value if isinstance(value, str) else _json_text(value, where, _MAX_DEPTH)


def _json_text(value: Value, where: str, depth: int) -> str:
    if depth == 0:
        raise bad_value(where, "it is nested too deep")
    match value:
        case None:
            return "null"
        case list():
            return f"[{','.join(_json_text(each, where, depth - 1) for each in value)}]"
        case dict():
            pairs = (
                f"{_quoted(key)}:{_json_text(each, where, depth - 1)}"
                for key, each in value.items()
            )
            return f"{{{','.join(pairs)}}}"
        case str():
            return _quoted(value)
        case _:
            return str(to_string(scalar(value, where), where))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def from_moment(moment: datetime) -> str:
    """Write a moment the way the service reads it most safely; without a zone it is UTC."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def bad_value(where: str, why: str) -> PoisonError:
    """Return the error for a value that does not fit its field."""
    return PoisonError(Reason.CAST, f"{where}: {why}")


def _date(text: str, where: str) -> str:
    try:
        return from_moment(datetime.fromisoformat(text.removesuffix("Z")))
    except (ValueError, OverflowError) as error:
        raise bad_value(where, "its text is no date between the years 1 and 9999") from error


def _is_no_number(text: str) -> bool:
    return text.strip().lower() in _NO_NUMBERS


def _exact(value: _Number, where: str) -> Decimal:
    """Return a finite number of bounded length. Raises PoisonError('cast')."""
    if isinstance(value, float) and not isfinite(value):
        raise bad_value(where, "it is not a finite number")
    if isinstance(value, int) and value.bit_length() > 3 * _MAX_DIGITS:
        raise bad_value(where, "its number is too long")
    try:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation as error:
        raise bad_value(where, "it is no number") from error
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int):
        raise bad_value(where, "it is not a finite number")
    if exact.adjusted() > _MAX_DIGITS or exponent < -_MAX_DIGITS:
        raise bad_value(where, "its number is too long")
    return exact


def _number(value: _Number, where: str) -> JsonValue:
    if isinstance(value, float):
        _exact(value, where)
        return value
    exact = _exact(value, where)
    if exact == exact.to_integral_value():
        whole = int(exact)
        return whole if abs(whole) <= MAX_EXACT_INTEGER else f"{exact:f}"
    near = float(exact)
    return near if isfinite(near) and Decimal(repr(near)) == exact else f"{exact:f}"


def _digits(value: _Number, where: str) -> str:
    exact = _exact(value, where)
    return repr(value) if isinstance(value, float) else f"{exact:f}"


_CONVERTERS: Final[Mapping[Cast, Convert]] = {
    Cast.JSON: to_json,
    Cast.STRING: to_string,
    Cast.INTEGER: to_integer,
    Cast.NUMBER: to_number,
    Cast.BOOLEAN: to_boolean,
    Cast.DATE: to_date,
    Cast.BASE64: to_base64,
}
