"""Where a registry is and who asks it. Imports the standard library only.

Secrets are functions: each is asked when it is needed, so that what is exchanged on disk counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Reveal: TypeAlias = Callable[[], str]
"""Returns a secret as it is now. Raises ConfigError if there is none."""

_APICURIO: Final = re.compile(r"/apis/registry/(v[23])/?")


class Api(StrEnum):
    """What is spoken below the registry's address."""

    CONFLUENT = "confluent"
    """Confluent's; Apicurio's `ccompat`, Karapace and Redpanda speak it as well."""
    APICURIO_V2 = "apicurio-v2"
    APICURIO_V3 = "apicurio-v3"
    """Apicurio's own: the only one that tells contentIds from globalIds."""


def api_of(url: str) -> Api:
    """Return the API that an address is known for: Apicurio's own if it ends as that does."""
    found = _APICURIO.fullmatch(urlsplit(url.strip()).path)
    return Api(f"apicurio-{found[1]}") if found else Api.CONFLUENT


@dataclass(frozen=True, slots=True)
class Basic:
    """A user name and a password; with Confluent Cloud an API key and its secret."""

    username: str
    password: Reveal = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that somebody else keeps valid, such as a projected service account's."""

    token: Reveal = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuth:
    """A client that gets its own tokens (client credentials, RFC 6749 §4.4)."""

    token_url: str
    client_id: str
    client_secret: Reveal = field(repr=False)
    scope: str | None = None
    ca_file: Path | None = None


Credentials: TypeAlias = Basic | Bearer | OAuth


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom to trust, and the certificate to show. The key may stand in the certificate's file."""

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: Reveal | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """Where the registry is: one address, or several with commas, asked in turn.

    Without `api` the address tells. `context` is Confluent's: ids mean something in one context
    only. `deadline_seconds` is for one schema with all it refers to.
    """

    url: str
    api: Api | None = None
    context: str | None = None
    credentials: Credentials | None = None
    tls: Tls = Tls()
    headers: Mapping[str, Reveal] = field(default_factory=dict, repr=False)
    cache_directory: Path | None = None
    deadline_seconds: float = 10.0

    @property
    def urls(self) -> tuple[str, ...]:
        """Return the addresses without the slashes at their ends."""
        return tuple(url.strip().rstrip("/") for url in self.url.split(","))

    @property
    def identity(self) -> str:
        """Return what tells this registry from others: in another, ids mean other schemas."""
        return " ".join((",".join(self.urls), self.context or ""))

    @property
    def speaks(self) -> Api:
        """Return the API that is spoken."""
        return self.api or api_of(self.urls[0])
