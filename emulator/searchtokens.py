"""Search tokens: who somebody is, signed. Imports: stdlib, viewing.

The real ones are JSON Web Tokens; a client must treat them as opaque.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from emulator.viewing import User

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX = "search."
DEFAULT_LIFETIME_MS = 86_400_000


def issue(secret: bytes, users: Sequence[User], expires_ms: int) -> str:
    """Return a token for these identities."""
    text = json.dumps([expires_ms, [[one.name, one.provider, one.kind] for one in users]])
    payload = base64.urlsafe_b64encode(text.encode()).decode()
    return f"{_PREFIX}{payload}.{_signature(secret, payload)}"


def looks_like_one(token: str) -> bool:
    """Whether this is meant as a search token and not as a key."""
    return token.startswith(_PREFIX)


def read(secret: bytes, token: str, now_ms: int) -> list[User] | None:
    """Return whom a token names; None if it is not ours or has expired."""
    payload, _, signature = token.removeprefix(_PREFIX).partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, payload).encode()):
        return None
    try:
        expires_ms, users = json.loads(base64.urlsafe_b64decode(payload))
    except (binascii.Error, ValueError):
        return None
    return None if expires_ms <= now_ms else [User(*one) for one in users]


def _signature(secret: bytes, payload: str) -> str:
    return hmac.new(secret, b"search" + payload.encode(), hashlib.sha256).hexdigest()
