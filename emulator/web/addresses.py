"""Where the page shows what. Imports: the core's types."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from emulator.identities import IdentityKey


def source_url(name: str) -> str:
    """Return the address of a source's items."""
    return f"/sources/{quote(name, safe='')}"


def item_url(source: str, document_id: str, **more: str) -> str:
    """Return the address of one item and its history."""
    return f"{source_url(source)}/item?{urlencode({'id': document_id, **more})}"


def provider_url(provider: str) -> str:
    """Return the address of a security provider's identities."""
    return f"/identities?{urlencode({'provider': provider})}"


def identity_url(key: IdentityKey) -> str:
    """Return the address of one identity."""
    query = {"provider": key.provider, "kind": key.kind, "name": key.name}
    return f"/identity?{urlencode(query)}"


def log_url(**wanted: str) -> str:
    """Return the address of a part of the operation log."""
    return f"/log?{urlencode(wanted)}" if wanted else "/log"
