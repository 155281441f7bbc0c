"""What can be set about an emulated service. Imports: switches.

`Limits` holds documented numbers; the choices for what is not documented are in `switches`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from emulator.switches import Switches


class Visibility(StrEnum):
    """Who may see a source's items; only SECURED sources look at item permissions."""

    SECURED = "SECURED"
    SHARED = "SHARED"
    PRIVATE = "PRIVATE"


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source to create; `name` is its id in request paths, `title` what people call it.

    The first of `providers` is the one of item permissions that name none (docs.coveo.com/en/78).
    `type` is one of Coveo's source types: PUSH, CATALOG, or that of a source somebody else feeds.
    """

    name: str
    visibility: Visibility = Visibility.SHARED
    push_enabled: bool = True
    providers: tuple[str, ...] = ()
    type: str = "PUSH"
    stream_enabled: bool = False
    title: str = ""


EMAIL_PROVIDER = "Email Security Provider"


@dataclass(frozen=True, slots=True)
class Cascade:
    """A security provider that another one's identities may be mapped into."""

    id: str
    name: str
    type: str = "EMAIL"


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """A security provider to create (docs.coveo.com/en/85).

    `case_sensitive` None takes the switch's choice; an e-mail provider is never case-sensitive.
    """

    id: str
    name: str = ""
    type: str = "EXPANDED"
    case_sensitive: bool | None = None
    cascades: tuple[Cascade, ...] = ()
    node_required: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests per sliding five minutes, requests and items per UTC day; None means no limit.

    The two profiles are the numbers of docs.coveo.com/en/l62e0540. The items-per-day limit exists
    (docs.coveo.com/en/63), its number depends on the licence, so no profile sets it.
    """

    requests_per_five_minutes: int | None = None
    requests_per_day: int | None = None
    items_per_day: int | None = None


UNLIMITED = Quota()
PRODUCTION = Quota(requests_per_five_minutes=250, requests_per_day=15_000)
NON_PRODUCTION = Quota(requests_per_five_minutes=150, requests_per_day=10_000)
QUOTA_PROFILES = {
    "unlimited": UNLIMITED,
    "production": PRODUCTION,
    "non_production": NON_PRODUCTION,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes and times of docs.coveo.com/en/63, 69, 43, 59, 131 and l62e0540.

    A megabyte is 10^6 bytes here: which one Coveo means is not specified, and the smaller reading
    is the one a client must satisfy in any case.
    """

    max_request_bytes: int = 6_000_000
    max_container_bytes: int = 256_000_000
    max_inline_content_bytes: int = 5_000_000
    max_permissions: int = 5_000
    max_items: int | None = None
    container_lifetime_seconds: int = 3_600
    max_queue_delay_minutes: int = 1_440
    max_log_window_days: int = 7
    max_stream_item_bytes: int = 3_000_000


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of the past is kept; the oldest goes first.

    The days of the log are those of docs.coveo.com/en/1864.
    """

    history_per_item: int = 20
    requests: int = 100_000
    log_entries: int = 100_000
    log_days: int = 14
    identity_log_entries: int = 10_000
    violations: int = 1_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything about one emulated organization.

    `api_keys` None accepts any bearer token; `read_only_keys` are known but get 403. `seed` makes
    file ids, signatures and fault dice repeatable.
    """

    organization: str = "emulator"
    sources: tuple[SourceSpec, ...] = ()
    providers: tuple[ProviderSpec, ...] = ()
    api_keys: frozenset[str] | None = field(default=None, repr=False)
    read_only_keys: frozenset[str] = field(default=frozenset(), repr=False)
    quota: Quota = UNLIMITED
    limits: Limits = field(default_factory=Limits)
    switches: Switches = field(default_factory=Switches)
    retention: Retention = field(default_factory=Retention)
    indexing_delay_seconds: float = 0.0
    cache_refresh_seconds: float = 86_400.0
    seed: int | None = None
