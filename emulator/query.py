"""Query expressions: a small part of Coveo's query syntax, to predicates. Stdlib only.

Served are `@field==value` (whole value, case does not matter), `@field=value` (its words, or an
equal number), `<>`, `<`, `<=`, `>`, `>=`, lists of values in parentheses, `@field` alone, words
and "phrases", `AND` (also left out), `OR`, `NOT`, and parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

_TOKEN = re.compile(
    r"\s*(?:(?P<field>@[A-Za-z][A-Za-z0-9_]*)|(?P<op>==|<>|>=|<=|=|>|<)|(?P<mark>[(),])"
    r'|"(?P<quoted>[^"]*)"|(?P<word>[^\s(),"=<>]+))'
)
_WORDS = re.compile(r"\w+")


class QuerySyntaxError(Exception):
    """The expression cannot be understood; the message says where."""


class Document(Protocol):
    """What an expression asks of an item."""

    def values(self, name: str) -> list[Any]:
        """Return the values of a field, none if the item does not have it."""
        ...

    def mentions(self, phrase: str) -> bool:
        """Whether the item's text has these words one behind the other; casefolded."""
        ...


Predicate = Callable[[Document], bool]


@dataclass(frozen=True, slots=True)
class Expression:
    """A predicate. `equalities` are `@field==value` terms without which nothing matches.

    `words` are those that score a hit.
    """

    matches: Predicate
    equalities: tuple[tuple[str, tuple[str, ...]], ...] = ()
    words: tuple[str, ...] = ()


EVERYTHING = Expression(lambda _: True)


def both(one: Expression, other: Expression) -> Expression:
    """Match what both match."""
    return Expression(
        lambda document: one.matches(document) and other.matches(document),
        one.equalities + other.equalities,
        one.words + other.words,
    )


def parse(text: str) -> Expression:
    """Read an expression; nothing at all matches everything. Raises QuerySyntaxError."""
    reader = _Reader(_tokens(text))
    if reader.kind is None:
        return EVERYTHING
    expression = reader.alternatives()
    if reader.kind is not None:
        raise _wrong(detail=f"'{reader.value}' was not expected")
    return expression


def words_of(text: str) -> list[str]:
    """Split text into casefolded words."""
    return _WORDS.findall(text.casefold())


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise _wrong(detail=f"'{text[position : position + 20]}' cannot be read")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        position = found.end()
    return tokens


class _Reader:
    """Reads tokens by recursive descent."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def kind(self) -> str | None:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None

    @property
    def value(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def alternatives(self) -> Expression:
        parts = [self._conjunction()]
        while self._keyword("OR"):
            parts.append(self._conjunction())
        if len(parts) == 1:
            return parts[0]
        words = tuple(word for one in parts for word in one.words)
        return Expression(lambda document: any(one.matches(document) for one in parts), words=words)

    def _conjunction(self) -> Expression:
        whole = self._negation()
        while self._keyword("AND") or self._goes_on():
            whole = both(whole, self._negation())
        return whole

    def _goes_on(self) -> bool:
        return self.kind is not None and self.value != ")" and not self._is_keyword("OR")

    def _negation(self) -> Expression:
        if self._keyword("NOT"):
            inner = self._negation()
            return Expression(lambda document: not inner.matches(document))
        if self._mark("("):
            inner = self.alternatives()
            if not self._mark(")"):
                raise _wrong(detail="a parenthesis is not closed")
            return inner
        if self.kind == "field":
            return self._field()
        if self.kind in {"word", "quoted"}:
            return _phrase(self._take())
        raise _wrong(
            detail=f"'{self.value}' was not expected" if self.kind else "it ends too early"
        )

    def _field(self) -> Expression:
        name = self._take()[1:].lower()
        if self.kind != "op":
            return Expression(lambda document: bool(document.values(name)))
        operator, wanted = self._take(), self._values()
        test = _TESTS[operator]
        if operator == "<>":
            return Expression(
                lambda document: (
                    not any(_equal(v, w) for v in document.values(name) for w in wanted)
                )
            )
        needed = ((name, tuple(wanted)),) if operator == "==" else ()
        return Expression(
            lambda document: any(test(v, w) for v in document.values(name) for w in wanted), needed
        )

    def _values(self) -> list[str]:
        if not self._mark("("):
            return [self._one_value()]
        values = [self._one_value()]
        while self._mark(","):
            values.append(self._one_value())
        if not self._mark(")"):
            raise _wrong(detail="a list of values is not closed")
        return values

    def _one_value(self) -> str:
        if self.kind not in {"word", "quoted"}:
            raise _wrong(detail="a value is missing")
        return self._take()

    def _take(self) -> str:
        value = self.value
        self._at += 1
        return value

    def _mark(self, mark: str) -> bool:
        return self._accept(found=self.kind == "mark" and self.value == mark)

    def _keyword(self, word: str) -> bool:
        return self._accept(found=self._is_keyword(word))

    def _is_keyword(self, word: str) -> bool:
        return self.kind == "word" and self.value == word

    def _accept(self, *, found: bool) -> bool:
        self._at += found
        return found


def _phrase(text: str) -> Expression:
    phrase = " ".join(words_of(text))
    if not phrase:
        return EVERYTHING
    return Expression(lambda document: document.mentions(phrase), words=(phrase,))


def _equal(value: Any, wanted: str) -> bool:
    number = _number(wanted)
    if isinstance(value, (int, float)) and number is not None:
        return value == number
    return str(value).casefold() == wanted.casefold()


def _contains(value: Any, wanted: str) -> bool:
    if not isinstance(value, str):
        return _equal(value, wanted)
    return f" {' '.join(words_of(wanted))} " in f" {' '.join(words_of(value))} "


def _compared(test: Callable[[float, float], bool]) -> Callable[[Any, str], bool]:
    def compare(value: Any, wanted: str) -> bool:
        one, other = _number(value), _number(wanted)
        return one is not None and other is not None and test(one, other)

    return compare


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


_TESTS: dict[str, Callable[[Any, str], bool]] = {
    "==": _equal,
    "=": _contains,
    "<>": _equal,
    ">": _compared(lambda one, other: one > other),
    ">=": _compared(lambda one, other: one >= other),
    "<": _compared(lambda one, other: one < other),
    "<=": _compared(lambda one, other: one <= other),
}


def _wrong(detail: str) -> QuerySyntaxError:
    return QuerySyntaxError(f"The query expression is not valid: {detail}")
