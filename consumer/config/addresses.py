"""Addresses of services, checked when they are read: none shows its typing error at run time only.

Imports pydantic. Messages never repeat an address: it may hold a password.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Annotated, Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

_SCHEMES: Final = frozenset({"http", "https"})
_PRINTABLE: Final = re.compile(r"[!-~]+", re.ASCII)
_LABEL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", re.ASCII)
_BRACKETED: Final = re.compile(r"\[[^\]]*\](?::[0-9]*)?", re.ASCII)
_MAX_HOST: Final = 253
"""Characters of a host name and, in `_LABEL`, of each of its parts (RFC 1035 §2.3.4)."""


def checked_address(address: str) -> str:
    """Return an `http(s)://host[:port][/path]` as it is. Raises ValueError that says what to do."""
    parts = _split(address)
    if parts.scheme.lower() not in _SCHEMES:
        msg = "must begin with http:// or https://"
        raise ValueError(msg)
    if "@" in parts.netloc:
        msg = (
            "must not hold a user name or password, for it is shown in places; give credentials in "
            "settings or files of their own"
        )
        raise ValueError(msg)
    if parts.query or parts.fragment or address.endswith(("?", "#")):
        msg = "must end with the host, the port or a path: no '?' and no '#'"
        raise ValueError(msg)
    if not _is_host(parts):
        msg = "has no host that could exist; write http://host:port or https://host"
        raise ValueError(msg)
    return address


def checked_addresses(addresses: str) -> str:
    """Return one address, or several with commas, as they are. Raises ValueError."""
    for address in addresses.split(","):
        checked_address(address.strip())
    return addresses


def _split(address: str) -> SplitResult:
    if not _PRINTABLE.fullmatch(address):
        msg = "must have ASCII characters only, and no blanks; write other host names in punycode"
        raise ValueError(msg)
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for what is none
    except ValueError:
        msg = "is no address: check its host and port"
        raise ValueError(msg) from None
    return parts


def _is_host(parts: SplitResult) -> bool:
    host = (parts.hostname or "").removesuffix(".")
    if parts.netloc.startswith("["):
        return bool(_BRACKETED.fullmatch(parts.netloc)) and _is_ipv6(host)
    return len(host) <= _MAX_HOST and all(map(_is_label, host.split(".")))


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def _is_label(label: str) -> bool:
    if not _LABEL.fullmatch(label):
        return False
    try:
        label.encode().decode("idna")
    except UnicodeError:
        return False
    return True


_IN_SCHEMA: Final = Field(json_schema_extra={"pattern": "^https?://"})
Address: TypeAlias = Annotated[str, _IN_SCHEMA, AfterValidator(checked_address)]
Addresses: TypeAlias = Annotated[str, _IN_SCHEMA, AfterValidator(checked_addresses)]
