"""The Push API's numbers, each with its source. Imports the standard library only.

`docs/N` is `docs.coveo.com/en/N`. Whether Coveo's megabyte is 10^6 or 2^20 bytes is not said; the
smaller reading satisfies both. What the documentation leaves open is marked "ours".
"""

from __future__ import annotations

from typing import Final

MAX_ITEM_BYTES: Final = 6_000_000
"""One item as JSON. Documented for a single-item call (docs/63); ours for items of a batch, so
that every item could also go alone."""

MAX_CATALOG_ITEM_BYTES: Final = 3_000_000
"""One item of a catalog as JSON (docs/l62e0540), its content in it."""

MAX_SINGLE_CALL_BYTES: Final = 5_000_000
"""An item that goes by a call of its own. 6 MB are documented (docs/63); ours is less, for its
users reported a 500 above 5 MB, which would be repeated for ever. Larger ones go by a batch."""

MAX_SINGLE_CALL_ID_CHARACTERS: Final = 1_000
"""Document id of such a call, which has it in the query. Ours: no length is documented; escaped it
is three times as long at most, well below what gateways take as a request line."""

MAX_INLINE_CONTENT_BYTES: Final = 5_000_000
"""Content inside an item must be smaller than this (docs/78, docs/164); measured here on what is
sent: text as JSON writes it, or base64 of the compressed bytes."""

MAX_CONTAINER_BYTES: Final = 240_000_000
"""A file container: batch or content. 256 MB is documented (docs/63); exactly 2^28 bytes were seen
to be too many, so this stays well below either reading."""

MAX_FILE_ID_CHARACTERS: Final = 200
"""Longest id of a container that is taken. Ours: they are UUIDs."""

MAX_CONTENTS_PER_BATCH: Final = 10
"""Items of one batch whose content has a container of its own (docs/69). Ours: each costs a
request of the quota and an upload within the attempt's deadline."""

MAX_QUEUE_DELAY_MINUTES: Final = 1_440
"""Longest delay of a purge; the bound of Coveo's own Python SDK, no page names one."""

MAX_LOG_DAYS: Final = 7
"""Longest span of one query of the source logs (docs/59)."""

MAX_PERMISSIONS: Final = 5_000
"""Allowed and denied identities of one item; more is accepted and then rejected (docs/63)."""

MAX_EXACT_INTEGER: Final = 2**53
"""Integers beyond this are sent as strings: JSON readers that use doubles would change them
(RFC 8259 §6); a string is converted to the field's type (docs/162)."""

RESERVED_KEYS: Final = frozenset(
    {
        "documentid",
        "data",
        "compressedbinarydata",
        "compressedbinarydatafileid",
        "compressiontype",
        "fileextension",
        "parentid",
        "permissions",
        "orderingid",
    },
)
"""Keys of an item that are never metadata, in lower case: keys ignore case (docs/78)."""

MAX_RESPONSE_BYTES: Final = 256 * 1024
"""Largest answer read. Ours: containers and errors are a few kilobytes."""

MAX_PAGE_BYTES: Final = 16_000_000
"""The same of an answer that is a page of entries: logs, fields, identities. Ours: a page of a
thousand entries of ten kilobytes, and some more."""

MAX_RETRY_AFTER_SECONDS: Final = 86_400.0
"""Longest wait that a 429 can impose. Ours: a daily quota is over after a day."""

MAX_PASSING_RETRY_AFTER_SECONDS: Final = 900.0
"""The same for a passing trouble (408, 5xx). Ours: it says nothing about a quota, and whatever
stands in for the service for a moment must not stop the organization for a day."""

DAILY_QUOTA_WAIT_SECONDS: Final = 3_600.0
"""Wait after `TOO_MANY_DOCUMENTS_DAILY` without Retry-After. Ours: the hour of reset is unknown."""

QUOTA_WINDOW_SECONDS: Final = 300.0
"""Window of the burst quota (docs/l62e0540)."""

DAY_SECONDS: Final = 86_400.0
"""Window of the daily quota (docs/l62e0540)."""

PRODUCTION_QUOTA: Final = (250, 15_000)
"""Requests per five minutes and per day of a production organization (docs/l62e0540)."""

NON_PRODUCTION_QUOTA: Final = (150, 10_000)
"""The same for any other organization (docs/l62e0540)."""

REQUESTS_PER_BATCH: Final = 2
"""Calls of one batch that count: container and batch call; the upload goes to another host."""
