"""Documents → JSON, whatever is in them: neither a log line nor `/status` may end the loop.

Names from a registry or a database come from outside and need not be text. Imports orjson.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

_MAX_EXACT: Final = 2**63
"""Beyond it the encoder refuses an integer."""


def to_json(document: Mapping[str, object], option: int = 0) -> bytes:
    """Return the document as JSON in UTF-8; raises nothing.

    What is no JSON shows its type, never its content; a character that is none (half of a pair of
    UTF-16) shows as its escape.
    """
    option |= orjson.OPT_NON_STR_KEYS
    try:
        return orjson.dumps(document, default=_type_only, option=option)
    except orjson.JSONEncodeError:
        return orjson.dumps(_plain(document), option=option)


def _plain(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case bool() | float() | None:
            return value
        case int():
            return int(value) if -_MAX_EXACT <= value < _MAX_EXACT else hex(value)
        case Mapping():
            return {_plain(str(name)): _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return _type_only(value)


def _type_only(value: object) -> str:
    return f"<{type(value).__name__}>"
