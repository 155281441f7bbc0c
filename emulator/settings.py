"""What can be set about an emulated service. Imports: stdlib only.

`Limits` holds documented numbers, `Switches` holds a choice for every point that Coveo does not
document. The reason for each default is in `docs/emulator.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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
    """Sizes and lifetimes of docs.coveo.com/en/63, 69, 43 and 131.

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


class UnknownFile(StrEnum):
    """What a batch call gets whose container is unknown, expired, consumed or was never filled."""

    REJECT_412 = "reject_412"
    ACCEPT_THEN_ERROR = "accept_then_error"


class SecondUpload(StrEnum):
    """What a second upload into the same container does."""

    REFUSE = "refuse"
    REPLACE = "replace"


class EqualOrdering(StrEnum):
    """What happens to an operation with the ordering id already recorded for its item."""

    REJECT = "reject"
    APPLY = "apply"


class BatchOrdering(StrEnum):
    """When a batch gets the ordering id that its request did not give."""

    ON_RECEIPT = "on_receipt"
    WHEN_CONSUMED = "when_consumed"


class SameIdInBatch(StrEnum):
    """Which operation counts when one file names a document id more than once."""

    DELETE_LAST = "delete_last"
    ADD_LAST = "add_last"
    ERROR = "error"


class ContentKey(StrEnum):
    """Whether an item must carry one of the three content keys; two are always wrong."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class DictionaryMetadata(StrEnum):
    """Whether a metadata value may be an object of plain values."""

    REJECT = "reject"
    ONE_LEVEL = "one_level"


class Leniency(StrEnum):
    """Accept or reject a thing that the documentation does not mention."""

    ACCEPT = "accept"
    REJECT = "reject"


class AcceptedBody(StrEnum):
    """The JSON text of a 202 answer; both are seen in documentation."""

    NULL = "null"
    OBJECT = "{}"


class UnknownProvider(StrEnum):
    """What an identity call gets that names a security provider which does not exist."""

    REJECT_412 = "reject_412"
    ACCEPT_THEN_ERROR = "accept_then_error"


class IdentityPush(StrEnum):
    """How much of an identity a push overwrites: members and mappings are two calls."""

    OWN_PART = "own_part"
    WHOLE = "whole"


class RelatedIdentities(StrEnum):
    """Whether naming an identity as a member, granted identity or alias makes it known."""

    KNOWN = "known"
    UNKNOWN = "unknown"


class EmailIdentities(StrEnum):
    """Whether an item may name an e-mail identity that nobody pushed."""

    CREATED_ON_REFERENCE = "created_on_reference"
    MUST_EXIST = "must_exist"


class UnmappedMetadata(StrEnum):
    """What a search result shows of a key for which there is no field."""

    SHOWN = "shown"
    LEFT_OUT = "left_out"


class IdentityChanges(StrEnum):
    """When a pushed identity changes what people may see."""

    ON_REFRESH = "on_refresh"
    AT_ONCE = "at_once"


class IdentityKnown(StrEnum):
    """From when on an item may name an identity."""

    PUSHED = "pushed"
    REFRESHED = "refreshed"


class PartlyAnonymousLevel(StrEnum):
    """What a level says about a user whom no set mentions, while some sets let anyone in."""

    NEXT_LEVEL = "next_level"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Switches:
    """One choice per undocumented point."""

    unknown_file: UnknownFile = UnknownFile.REJECT_412
    second_upload: SecondUpload = SecondUpload.REFUSE
    equal_ordering: EqualOrdering = EqualOrdering.REJECT
    monotonic_ordering: bool = True
    batch_ordering: BatchOrdering = BatchOrdering.ON_RECEIPT
    same_id_in_batch: SameIdInBatch = SameIdInBatch.DELETE_LAST
    content_key: ContentKey = ContentKey.REQUIRED
    dictionary_metadata: DictionaryMetadata = DictionaryMetadata.REJECT
    null_metadata: Leniency = Leniency.ACCEPT
    undecodable_content: Leniency = Leniency.REJECT
    differing_document_id: Leniency = Leniency.ACCEPT
    accepted_body: AcceptedBody = AcceptedBody.NULL
    unknown_provider: UnknownProvider = UnknownProvider.REJECT_412
    identity_push: IdentityPush = IdentityPush.OWN_PART
    related_identities: RelatedIdentities = RelatedIdentities.KNOWN
    email_identities: EmailIdentities = EmailIdentities.CREATED_ON_REFERENCE
    identity_known: IdentityKnown = IdentityKnown.PUSHED
    identity_changes: IdentityChanges = IdentityChanges.ON_REFRESH
    provider_case_sensitive: bool = True
    unmapped_metadata: UnmappedMetadata = UnmappedMetadata.SHOWN
    partly_anonymous_level: PartlyAnonymousLevel = PartlyAnonymousLevel.NEXT_LEVEL


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of the past is kept; the oldest goes first."""

    history_per_item: int = 20
    requests: int = 100_000
    log_entries: int = 100_000
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
