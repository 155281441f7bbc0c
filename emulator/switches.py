"""A choice for every point that Coveo does not document. Imports: stdlib only.

The reason for each default is in `docs/emulator.md`, which a test compares with this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


class StreamOnPushSource(StrEnum):
    """What a Stream API call gets for a source that is not stream-enabled."""

    REJECT_412 = "reject_412"
    ACCEPT = "accept"


class StreamOrdering(StrEnum):
    """Of which moment a full load's ordering id is: everything older is removed by it."""

    OPEN = "open"
    CLOSE = "close"


class LogStages(StrEnum):
    """Which stages of an operation the Source Logs API shows."""

    ALL = "all"
    LAST = "last"


class LogOrder(StrEnum):
    """In which order the Source Logs API shows its entries."""

    NEWEST_FIRST = "newest_first"
    OLDEST_FIRST = "oldest_first"


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
    stream_on_push_source: StreamOnPushSource = StreamOnPushSource.REJECT_412
    stream_ordering: StreamOrdering = StreamOrdering.OPEN
    log_stages: LogStages = LogStages.ALL
    log_order: LogOrder = LogOrder.NEWEST_FIRST
    unmapped_metadata: UnmappedMetadata = UnmappedMetadata.SHOWN
    partly_anonymous_level: PartlyAnonymousLevel = PartlyAnonymousLevel.NEXT_LEVEL
