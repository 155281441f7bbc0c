"""What a column's text in the database is as a field of an item: one rule per type of column.

The text is what a SELECT gives. Written from the promises of `docs/mapping.md` alone; nothing of
the program is used, so that both can be wrong only if they are wrong alike.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

_Settings: TypeAlias = Mapping[str, str]
Rule: TypeAlias = Callable[[str, str], Any]
"""From the column's type and its text to what the item holds; None leaves the field out."""

_UNRESERVED: Final = "-._~"
_EXACT_INTEGERS: Final = 2**53
_MICROS_PER_DAY: Final = 86_400_000_000
_MICROS_PER_MONTH: Final = 2_629_800_000_000
"""365.25 / 12 days, as Debezium counts a month."""
_INTERVAL: Final = re.compile(
    r"P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?[\d.]+)S)?)?"
)


def field(kind: str, text: str | None, cast: str | None, settings: Mapping[str, str]) -> Any:
    """Return what an item's field holds of a column."""
    if text is None:
        return None
    if kind.endswith("[]"):
        return _array(kind, text, cast, settings)
    has_booleans = kind == "tinyint(1)" and "converters" in settings
    rule = _boolean if has_booleans else _rule(kind)
    found = rule(kind, text)
    if found is None:
        return None
    form = _FORMS.get(rule)
    return _cast(found, cast) if form is None else form(found, text, cast, settings)


# --- rules ----------------------------------------------------------------------------------------


def _text(_kind: str, text: str) -> Any:
    return text


def _padded(kind: str, text: str) -> Any:
    length = re.search(r"\((\d+)\)", kind)
    return text.ljust(int(length[1]) if length else 1)


def _integer(_kind: str, text: str) -> Any:
    return int(text)


def _decimal(_kind: str, text: str) -> Any:
    number = Decimal(text)
    return number if number.is_finite() else None


def _float(_kind: str, text: str) -> Any:
    number = float(text)
    return number if abs(number) != float("inf") and number == number else None  # noqa: PLR0124 - NaN


def _boolean(_kind: str, text: str) -> Any:
    return text in {"true", "t", "1"}


def _bytes(_kind: str, text: str) -> Any:
    return bytes.fromhex(text.removeprefix("\\x"))


def _bits(kind: str, text: str) -> Any:
    if kind == "bit(1)":
        return text == "1"
    return int(text, 2) if text else 0


def _date(_kind: str, text: str) -> Any:
    return _moment_of(f"{text} 00:00:00")


def _moment(_kind: str, text: str) -> Any:
    return _moment_of(text)


def _moment_of(text: str) -> str | None:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00)?", text)
    if found is None or found[1] == "0000-00-00":  # infinity, or no year from 1 to 9999
        return None
    digits = (found[3] or "").ljust(3, "0")[:3]
    return f"{found[1]}T{found[2]}.{digits}Z"


def _time(_kind: str, text: str) -> Any:
    whole, _, digits = text.partition(".")
    cut = f"{whole}.{digits.ljust(3, '0')[:3]}"
    return cut if re.search("[1-9]", cut) else cut.removeprefix("-")


def _zoned_time(_kind: str, text: str) -> Any:
    found = re.fullmatch(r"(\d\d:\d\d:\d\d)(?:\.(\d+))?([+-]\d\d(?::\d\d)?)", text)
    assert found is not None
    sign = -1 if found[3][0] == "-" else 1
    hours, _, minutes = found[3][1:].partition(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0)) * sign
    local = datetime.fromisoformat(f"2000-01-01T{found[1]}").replace(tzinfo=UTC)
    digits = (found[2] or "").rstrip("0")
    return f"{local - offset:%H:%M:%S}{'.' + digits if digits else ''}Z"


def _interval(_kind: str, text: str) -> Any:
    found = _INTERVAL.fullmatch(text)
    assert found is not None, text
    years, months, days, hours, minutes = (int(found[n] or 0) for n in range(1, 6))
    micros = int(Decimal(found[6] or 0) * 1_000_000)
    micros += (hours * 3_600 + minutes * 60) * 1_000_000 + days * _MICROS_PER_DAY
    return micros + (years * 12 + months) * _MICROS_PER_MONTH


def _members(_kind: str, text: str) -> Any:
    return text.split(",") if text else []


def _structure(_kind: str, text: str) -> Any:
    """Return the coordinates that `show` of the scenario's table picked; not of an empty shape."""
    numbers = json.loads(text)
    return [float(each) for each in numbers] if _all_finite(numbers) else None


def _all_finite(numbers: list[Any]) -> bool:
    return bool(numbers) and not any(isinstance(each, str) for each in numbers)


_RULES: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(("smallint", "integer", "bigint", "oid", "int", "year"), _integer),
    **dict.fromkeys(("tinyint", "mediumint"), _integer),
    **dict.fromkeys(("numeric", "decimal", "money"), _decimal),
    **dict.fromkeys(("real", "double precision", "double", "float"), _float),
    "boolean": _boolean,
    "bytea": _bytes,
    **dict.fromkeys(("blob", "longblob", "tinyblob", "mediumblob", "binary", "varbinary"), _bytes),
    **dict.fromkeys(("bit", "bit varying"), _bits),
    "character": _padded,
    "date": _date,
    **dict.fromkeys(("datetime", "timestamp"), _moment),
    **dict.fromkeys(("timestamp without time zone", "timestamp with time zone"), _moment),
    **dict.fromkeys(("time without time zone", "time"), _time),
    "time with time zone": _zoned_time,
    "interval": _interval,
    "set": _members,
    **dict.fromkeys(("point", "geometry", "geography"), _structure),
    **dict.fromkeys(("linestring", "polygon", "box", "path", "lseg"), _structure),
    **dict.fromkeys(("circle", "line"), _float),
}
"""By the type's name without its length; all others are text."""


def _rule(kind: str) -> Rule:
    name = re.sub(r"\(.*?\)", "", kind).replace(" unsigned", "").strip()
    return _RULES.get(name, _text)


# --- forms ----------------------------------------------------------------------------------------


def _in_decimal_mode(number: Decimal, text: str, cast: str | None, settings: _Settings) -> Any:
    mode = settings.get("decimal.handling.mode", "precise")
    if cast == "string" or (mode == "string" and cast is None):
        return text
    return float(number) if mode == "double" else _number(number)


def _in_binary_mode(content: bytes, _text: str, _cast: str | None, settings: _Settings) -> Any:
    match settings.get("binary.handling.mode"):
        case "hex":
            return content.hex()
        case "base64-url-safe":
            return base64.urlsafe_b64encode(content).decode()
        case _:
            return base64.b64encode(content).decode()


def _in_interval_mode(micros: int, text: str, _cast: str | None, settings: _Settings) -> Any:
    in_parts = settings.get("time.precision.mode") == "structured"
    if in_parts or settings.get("interval.handling.mode") == "string":
        found = _INTERVAL.fullmatch(text)
        assert found is not None
        years, months, days, hours, minutes, seconds = (found[n] or "0" for n in range(1, 7))
        return f"P{years}Y{months}M{days}DT{hours}H{minutes}M{seconds}S"
    sign, rest = ("-" if micros < 0 else ""), abs(micros)
    digits = f"{rest % 1_000_000:06}".rstrip("0")
    return f"PT{sign}{rest // 1_000_000}{'.' + digits if digits else ''}S"


def _in_time_mode(cut: str, text: str, _cast: str | None, settings: _Settings) -> Any:
    if settings.get("time.precision.mode") != "isostring":
        return cut
    whole, _, digits = text.partition(".")
    return f"{whole}.{digits}".rstrip("0").rstrip(".") + "Z" if digits else f"{whole}Z"


_FORMS: Final[Mapping[Rule, Callable[[Any, str, str | None, _Settings], Any]]] = {
    _decimal: _in_decimal_mode,
    _bytes: _in_binary_mode,
    _interval: _in_interval_mode,
    _time: _in_time_mode,
}
"""Rules whose result depends on the connector's settings."""


def _cast(value: Any, cast: str | None) -> Any:
    match value, cast:
        case bool(), "string":
            return "true" if value else "false"
        case _, "boolean":
            return bool(value)
        case int(), "string":
            return str(value)
        case bool(), _:
            return value
        case int(), _:
            return _number(Decimal(value))
        case _:
            return value


def _number(number: Decimal) -> Any:
    """Return a number where a double holds it, else its digits."""
    if number == number.to_integral_value():
        whole = int(number)
        return whole if abs(whole) <= _EXACT_INTEGERS else f"{number:f}"
    near = float(number)
    return near if Decimal(repr(near)) == number else f"{number:f}"


def _array(kind: str, text: str, cast: str | None, settings: Mapping[str, str]) -> Any:
    items = [field(kind[:-2], each, cast, settings) for each in elements(text)]
    return [each for each in items if each is not None]


def elements(text: str) -> list[str | None]:
    """Take PostgreSQL's text of an array of one dimension apart."""
    if text.startswith("{{"):  # of several, Debezium carries nulls only
        return []
    items: list[str | None] = []
    for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)', text[1:-1]):
        if bare:
            items.append(None if bare == "NULL" else bare)
        else:
            items.append(re.sub(r"\\(.)", r"\1", quoted))
    return items
