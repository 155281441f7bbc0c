"""Which columns a CEL expression reads, found by reading its text. Imports nothing.

The library names an expression's identifiers, but neither what follows `row.` nor which of them a
macro binds (`row.tags.exists(t, t == 'x')`). Both must be known at start: the columns to have them
decoded, the rest to refuse what would fail on every row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from consumer.mapping.problems import BadSpecError

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<raw>[bB]?[rR][bB]?(?:'''.*?'''|\"\"\".*?\"\"\"|'[^']*'|"[^"]*"))
      | (?P<string>[bB]?(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))
      | (?P<number>\d[\w.]*)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_MACROS: Final = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})
_TYPES: Final = frozenset(
    {"bool", "bytes", "double", "duration", "dyn", "int", "list", "map", "null_type", "string"}
    | {"timestamp", "type", "uint"}
)
_WORDS: Final = frozenset({"true", "false", "null", "in"})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Binding:
    """A macro's variable and the tokens it is known in."""

    name: str
    start: int
    end: int


def columns_of(text: str, variables: frozenset[str]) -> tuple[str, ...]:
    """Return the columns read as `row.name` or `row["name"]`, in order of appearance.

    `variables` are the identifiers that the library found: what this reader sees must agree.
    Raises BadSpecError for `row` as a whole and for identifiers that would be undefined.
    """
    tokens = _tokens(text)
    bindings = _bindings(tokens)
    columns = []
    for at, token in enumerate(tokens):
        if token.kind != "name" or not _is_root(tokens, at):
            continue
        if token.text == "row":
            columns.append(_column(tokens, at))
        elif not any(b.name == token.text and b.start < at < b.end for b in bindings):
            _check_known(token.text)
    if "row" in variables and not columns:
        msg = "the expression uses 'row' in a way that names no column"
        raise BadSpecError(msg)
    return tuple(dict.fromkeys(columns))


def _tokens(text: str) -> Sequence[_Token]:
    found = (_Token(str(m.lastgroup), m.group()) for m in _TOKEN.finditer(text))
    return [token for token in found if token.kind != "space"]


def _text(tokens: Sequence[_Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _is_root(tokens: Sequence[_Token], at: int) -> bool:
    """Return whether a name stands for itself: no field, no function, no word of the language."""
    return (
        _text(tokens, at - 1) != "."
        and _text(tokens, at + 1) != "("
        and tokens[at].text not in _WORDS
    )


def _bindings(tokens: Sequence[_Token]) -> Sequence[_Binding]:
    found = []
    for at, token in enumerate(tokens):
        opens = _text(tokens, at - 1) == "." and _text(tokens, at + 1) == "("
        if token.text in _MACROS and opens and _text(tokens, at + 3) == ",":
            found.append(_Binding(_text(tokens, at + 2), at + 1, _closing(tokens, at + 1)))
    if any(binding.name == "row" for binding in found):
        msg = "a macro's variable cannot be called 'row'"
        raise BadSpecError(msg)
    return found


def _closing(tokens: Sequence[_Token], opening: int) -> int:
    depth = 0
    for at in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[at].text, 0)
        if depth == 0:
            return at
    return len(tokens)


def _column(tokens: Sequence[_Token], at: int) -> str:
    match _text(tokens, at + 1):
        case "." if _text(tokens, at + 3) != "(":
            return _text(tokens, at + 2)
        case "[" if _text(tokens, at + 3) == "]" and tokens[at + 2].kind == "string":
            quoted = _text(tokens, at + 2)
            if "\\" not in quoted and quoted[0] in "'\"" and quoted[:3] not in {"'''", '"""'}:
                return quoted[1:-1]
        case _:
            pass
    msg = "'row' must be followed by a column: row.title, or row[\"Odd-Name\"]"
    raise BadSpecError(msg)


def _check_known(name: str) -> None:
    if name in _TYPES:
        return
    close = get_close_matches(name, _TYPES, n=1)
    hint = f", or did you mean '{close[0]}'" if close else ""
    msg = f"'{name}' is undefined; a column is written row.{name}{hint}"
    raise BadSpecError(msg)
