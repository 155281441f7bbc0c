"""Partial updates of the Stream API (docs.coveo.com/en/p4eb0515). Imports: rejections.

Operators are taken in camel case, as documented, and in the upper case that an official client
sends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.rejections import BadItemError, Reason

Body = dict[str, Any]
_RESERVED = frozenset({"documentid", "permissions"})


@dataclass(frozen=True, slots=True)
class PartialUpdate:
    """One operator on one field of an item."""

    operator: str
    field: str
    value: Any

    def apply(self, body: Body) -> Body:
        """Return the changed body; raises BadItemError if the field's value is of another kind."""
        name = next((key for key in body if key.lower() == self.field.lower()), self.field)
        return {**body, name: _OPERATORS[self.operator](body.get(name), self.value)}


def read_partial_update(fields: Body) -> PartialUpdate:
    """Read an entry with lower-case keys; raises BadItemError."""
    operator, name = fields.get("operator"), fields.get("field")
    known = operator.replace("_", "").lower() if isinstance(operator, str) else ""
    if known not in _OPERATORS:
        raise _bad(detail=f"operator must be one of {', '.join(NAMES)}")
    if not isinstance(name, str) or not name or name.lower() in _RESERVED:
        raise _bad(detail="field must be the name of a metadata key")
    value = fields.get("value")
    if not isinstance(value, _VALUES.get(known, object)):
        raise _bad(detail=f"the value of {NAMES_BY_KEY[known]} is of a wrong type")
    return PartialUpdate(known, name, value)


def merged(body: Body, given: Body) -> Body:
    """Return the body with the given keys in place of its own; case does not count in keys."""
    replaced = {key.lower() for key in given}
    return {**{k: v for k, v in body.items() if k.lower() not in replaced}, **given}


def _append(current: Any, value: list[Any]) -> Any:
    known = _array(current)
    for one in value:
        if one not in known:
            known = [*known, one]
    return known


def _remove(current: Any, value: list[Any]) -> Any:
    return [one for one in _array(current) if one not in value]


def _put(current: Any, value: Body) -> Any:
    return {**_dictionary(current), **value}


def _drop(current: Any, value: str | list[str]) -> Any:
    keys = [value] if isinstance(value, str) else value
    return {key: inner for key, inner in _dictionary(current).items() if key not in keys}


def _replace(_: Any, value: Any) -> Any:
    return value


def _array(current: Any) -> list[Any]:
    if current is None:
        return []
    if isinstance(current, dict):
        raise _bad(detail="the field holds a dictionary, not an array")
    return current if isinstance(current, list) else [current]


def _dictionary(current: Any) -> Body:
    if current is None:
        return {}
    if not isinstance(current, dict):
        raise _bad(detail="the field does not hold a dictionary")
    return current


def _bad(detail: str) -> BadItemError:
    return BadItemError(Reason.INVALID_PARTIAL_UPDATE, detail)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "arrayappend": _append,
    "arrayremove": _remove,
    "fieldvaluereplace": _replace,
    "dictionaryput": _put,
    "dictionaryremove": _drop,
}
_VALUES: dict[str, type | tuple[type, ...]] = {
    "arrayappend": list,
    "arrayremove": list,
    "dictionaryput": dict,
    "dictionaryremove": (str, list),
}
NAMES = ("arrayAppend", "arrayRemove", "fieldValueReplace", "dictionaryPut", "dictionaryRemove")
NAMES_BY_KEY = {name.lower(): name for name in NAMES}
