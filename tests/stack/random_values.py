"""What to write into columns: ordinary values, and about as often the extreme ones.

Every draw takes a seeded generator and returns a value as the drivers take it. Where a value has
no form in Python (infinity, years before Christ) it is the database's own text.

Left out, because the value is known to change before it reaches any reader (`docs/types.md`, "What
no reader can tell"), or to be set aside (`docs/mapping.md`): arrays of several dimensions,
MariaDB's zero dates and `bigint unsigned` beyond 2^63, numbers of more than a thousand digits, a
text that is Debezium's marker for values left out, nulls among those to whom access is denied.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.e2e.rows import BODY_MARK, READER_MARK

Draw = Callable[[random.Random], Any]

LARGE_CHARACTERS: Final = 1_000_000
_LARGE_SHARE: Final = 0.004
_TEXTS: Final = (
    "",
    " ",
    "  blanks around  ",
    "a",
    "\u00dcn\u00ef \u2014 \u65e5\u672c \U0001f389 \u202eright to left",
    "a\u0301 is not \u00e1, \ufb01 is not fi",
    "\ufeff\u200b\u2028\u2029\ufffd",
    "\U0010ffff\uffff\ufffe\ue000",
    "\t\r\n\x01\x1b\x7f\x85",
    "'; DROP TABLE notes; -- \" \\ %s {title} $1 \\u0000",
    '{"a": [1, null]}',
    "null",
    "NaN",
    "true",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 20,
    f"{BODY_MARK}",
)
_PLANES: Final = (
    (0x20, 0x7E),
    (0xA1, 0x24F),
    (0x3041, 0x30FF),
    (0x4E00, 0x9FFF),
    (0x1F300, 0x1F64F),
)
_DETAILS: Final = (
    "{}",
    '{"maker": {"name": "\u00dc"}, "n": 1}',
    '{"maker": {"name": ""}, "n": 9007199254740993}',
    '{"maker": {"name": null}, "n": 0.1}',
    '{"maker": null, "n": -123456789012345678901234567890.5}',
    '{"maker": {"name": "\\u2028 \\"quoted\\" \\\\"}, "n": 1e22}',
    '{"n": 1.50, "deep": [[[[{"": [true, false, null]}]]]]}',
)
JSON_TEXTS: Final = (*_DETAILS, "null", '""', "[]", "0", "-1.5e-7", '[{"a": "\U0001f389"}]')


def nullable(draw: Draw, share: float = 0.15) -> Draw:
    """Return null now and then."""
    return lambda chance: None if chance.random() < share else draw(chance)


def one_of(*pool: object) -> Draw:
    """Return one of these."""
    return lambda chance: chance.choice(pool)


def mixed(pool: Sequence[object], ordinary: Draw) -> Draw:
    """Return one of the pool or an ordinary value, as often."""
    return lambda chance: chance.choice(pool) if chance.random() < 0.5 else ordinary(chance)


def text(longest: int = 40) -> Draw:
    """Return text of any script, of at most so many characters."""

    def ordinary(chance: random.Random) -> str:
        first, last = chance.choice(_PLANES)
        length = chance.randint(0, longest - len(BODY_MARK))
        return BODY_MARK + "".join(chr(chance.randint(first, last)) for _ in range(length))

    return mixed([each[:longest] for each in _TEXTS], ordinary)


def large_text(chance: random.Random) -> str:
    """Return text, rarely a million characters of it."""
    if chance.random() < _LARGE_SHARE:
        return chance.choice("x\u00fc\u65e5") * LARGE_CHARACTERS
    return str(text(200)(chance))


def whole(bits: int) -> Draw:
    """Return an integer of so many bits, with a sign."""
    bound = 2 ** (bits - 1)
    pool = [0, 1, -1, bound - 1, -bound]
    pool += [sign * (2**53 + step) for sign in (1, -1) for step in (-1, 0, 1) if bits > 53]
    return mixed(pool, lambda chance: chance.randint(-bound, bound - 1))


def unsigned(bits: int) -> Draw:
    """Return an integer from 0 on."""
    return mixed([0, 1, 2**bits - 1], lambda chance: chance.randint(0, 2**bits - 1))


def decimal(digits: int, scale: int, *pool: str) -> Draw:
    """Return a number of at most so many digits, with `scale` of them behind the point."""
    most = f"{'9' * (digits - scale)}.{'9' * scale}"
    extremes = [*pool, "0", f"-{most}", most, f"0.{'0' * (scale - 1)}1", "0.10", "1.50"]

    def ordinary(chance: random.Random) -> str:
        number = chance.randint(-(10**digits) + 1, 10**digits - 1)
        sign, all_digits = "-" if number < 0 else "", f"{abs(number):0{digits}}"
        return f"{sign}{all_digits[:-scale]}.{all_digits[-scale:]}"

    return mixed(extremes, ordinary)


ANY_NUMERIC: Final = decimal(
    30, 9,
    "NaN", "-0.00", "1e-30", "1e300", "9007199254740992", "9007199254740993",
    "9007199254740993.10", "0.1000000000000000055511151231257827", "0.30000000000000004",
    "1e22", "123456789012345678901234567890.123456789012345678901234567890",
)  # fmt: skip
"""For `numeric` without a bound."""

_FINITE: Final = ("0", "-0", "0.1", "1e22", "5e-324", "1.7976931348623157e308", "-2.5",
                  "9007199254740993", "0.30000000000000004")  # fmt: skip
FINITE_DOUBLE: Final = mixed(
    _FINITE, lambda chance: repr(chance.gauss(0, 1) * 10 ** chance.randint(-9, 9))
)
ANY_DOUBLE: Final = mixed(("NaN", "Infinity", "-Infinity", *_FINITE), FINITE_DOUBLE)
ANY_REAL: Final = one_of("NaN", "Infinity", "-Infinity", "0", "-0", "0.1", "3.4028235e38", "1e-45",
                         "16777217", "-2.5", "0.3", "123456.79")  # fmt: skip


def moments(first: str, last: str, digits: int, *pool: str) -> Draw:
    """Return a moment between two, with so many digits behind the second."""
    start, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (first, last))
    microseconds = (end - start) // timedelta(microseconds=1)

    def ordinary(chance: random.Random) -> str:
        moment = start + timedelta(microseconds=chance.randint(0, microseconds))
        cut = f"{moment:%H:%M:%S}.{moment.microsecond:06}"[: 9 + digits].rstrip(".")
        return f"{moment.date().isoformat()} {cut}"

    return mixed([first, last, *pool], ordinary)


def days(first: str, last: str, *pool: str) -> Draw:
    """Return a date between two."""
    draw = moments(f"{first} 00:00:00", f"{last} 00:00:00", 0)
    return mixed([first, last, *pool], lambda chance: draw(chance)[:10])


BEYOND: Final = (
    "infinity",
    "-infinity",
    "10000-01-01 00:00:00",
    "294276-12-31 23:59:59",
    "0001-12-31 23:59:59 BC",
    "0044-03-15 12:00:00 BC",
    "4713-01-01 00:00:00 BC",
)
"""PostgreSQL's moments that no index can hold."""
BEYOND_DAYS: Final = ("infinity", "-infinity", "10000-01-01", "0044-03-15 BC", "0001-12-31 BC",
                      "5874897-12-31", "4713-01-01 BC")  # fmt: skip
AROUND: Final = (
    "1969-12-31 23:59:59.999999",
    "1970-01-01 00:00:00",
    "2024-02-29 23:59:59.9995",
    "1582-10-04 00:00:00",
    "1582-10-15 00:00:00",
    "1900-02-28 12:00:00.001",
)
"""Moments where calendars, signs and roundings change."""
AROUND_DAYS: Final = tuple(each[:10] for each in AROUND)
TIMES: Final = one_of("00:00:00", "24:00:00", "23:59:59.999999", "13:14:15.1", "00:00:00.000999")
SPANS: Final = one_of("-838:59:59.999999", "838:59:59.999999", "25:00:00.5", "-00:00:01.000999",
                      "00:00:00", "23:59:59.999999")  # fmt: skip


def octets(longest: int = 60) -> Draw:
    """Return bytes, also none."""
    pool = [b"", b"\x00", b"\xff\xfe", bytes(range(256))[:longest], b"__debezium"]
    return mixed(pool, lambda chance: chance.randbytes(chance.randint(0, longest)))


def array(draw: Draw, longest: int = 5) -> Draw:
    """Return a list, also an empty one."""
    return lambda chance: [draw(chance) for _ in range(chance.randint(0, longest))]


def numbers(chance: random.Random) -> str:
    """Return PostgreSQL's text of an array of integers and nulls."""
    drawn = [nullable(whole(32))(chance) for _ in range(chance.randint(0, 5))]
    return "{" + ",".join("NULL" if each is None else str(each) for each in drawn) + "}"


READERS: Final = tuple(
    f"{READER_MARK}-{name}" for name in ("a", "\u00fc", "x y", "\U0001f389", "o'n")
)
"""Names of those who may see an item."""
OBJECTS: Final = one_of(*_DETAILS)
"""JSON objects of one shape."""
