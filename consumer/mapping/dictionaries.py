"""A structure of one level as a value: what Coveo calls a dictionary field. Pure.

Coveo's pages disagree on whether metadata may hold objects, so a mapping has to ask for it.
"""

from __future__ import annotations

import json
from decimal import Decimal

from consumer.domain.errors import PoisonError
from consumer.domain.events import Value
from consumer.domain.operations import JsonValue
from consumer.mapping.reasons import Reason
from consumer.mapping.values import bad_value, natural, scalar


def to_dictionary(value: Value, where: str) -> JsonValue:
    """Return a structure, or a text that is a JSON object, without its nulls.

    Raises PoisonError for anything else, and for values that are lists or structures themselves.
    """
    found = parsed_json(value, where) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise bad_value(where, "it is no structure, nor a JSON object as text")
    made: dict[str, JsonValue] = {}
    for key, each in found.items():
        written = natural(scalar(each, where), where)
        if written is not None:
            made[key] = written
    return made


def parsed_json(text: str, where: str) -> Value:
    """Return the value of a JSON text, numbers to their last digit. Raises PoisonError('json')."""
    try:
        parsed: Value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except ArithmeticError as error:
        raise PoisonError(Reason.JSON, f"{where} holds JSON with a number out of range") from error
    except (ValueError, RecursionError) as error:
        raise PoisonError(Reason.JSON, f"{where} does not hold JSON") from error
    return parsed


def _no_constant(name: str) -> Decimal:
    raise ValueError(name)
