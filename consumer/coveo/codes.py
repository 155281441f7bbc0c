"""The error codes of the service and of its storage: a closed set. Standard library only.

Service: docs/95, docs/63 and their 2017 editions. Storage: Amazon S3's list of error responses;
those that an upload can meet. Whatever else comes is `UNKNOWN`, and its text is in the logs only.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ErrorCode(StrEnum):
    """What a refusal says of itself."""

    INVALID_JSON = "INVALID_JSON"
    """Malformed JSON, keys twice, sub-objects, or a mandatory key that is missing."""
    ORGANIZATION_IS_PAUSED = "ORGANIZATION_IS_PAUSED"
    """The organization sleeps; logging in to its console wakes it."""
    UNAUTHORIZED = "UNAUTHORIZED"
    """No key came."""
    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - a code
    """The key is disabled, deleted, expired, or not allowed from this address."""
    ACCESS_DENIED = "ACCESS_DENIED"
    """The key lacks a privilege."""
    ORGANIZATION_NOT_FOUND = "ORGANIZATION_NOT_FOUND"
    """No such organization."""
    SOURCE_DOES_NOT_EXIST = "SOURCE_DOES_NOT_EXIST"
    """No such source, or the organization's first one is still being provisioned."""
    MISSING_PARAMETER = "MISSING_PARAMETER"
    """A required parameter is absent."""
    INVALID_PARAMETER = "INVALID_PARAMETER"
    """A parameter has a wrong value; also a file id that is not known."""
    DOCUMENT_LIMIT_EXCEEDED = "DOCUMENT_LIMIT_EXCEEDED"
    """The index holds as many items as the licence allows."""
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    """Above 6 MB, or a container above 256 MB; the name is not confirmed by any page."""
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    """The content type is not JSON."""
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    """The request quota is spent."""
    TOO_MANY_DOCUMENTS_DAILY = "TOO_MANY_DOCUMENTS_DAILY"
    """The day's items are spent."""

    STORAGE_ACCESS_DENIED = "AccessDenied"
    """The upload URI expired, was used, or other headers came than were signed."""
    STORAGE_SIGNATURE = "SignatureDoesNotMatch"
    """The upload URI, or a header that is signed, was changed on the way."""
    STORAGE_TOKEN_EXPIRED = "ExpiredToken"  # noqa: S105 - a code
    """The credentials behind the upload URI expired before it did."""
    STORAGE_CLOCK = "RequestTimeTooSkewed"
    """The storage's clock and the service's differ."""
    STORAGE_ARGUMENT = "InvalidArgument"
    """Two ways of signing at once, or a header that makes no sense."""
    STORAGE_TOO_LARGE = "EntityTooLarge"
    """The body is above what the storage takes."""
    STORAGE_INCOMPLETE = "IncompleteBody"
    """Less came than was announced."""
    STORAGE_TIMEOUT = "RequestTimeout"
    """The body came too slowly."""
    STORAGE_SLOW_DOWN = "SlowDown"
    """Too many requests for the storage."""
    STORAGE_INTERNAL = "InternalError"
    """The storage's own trouble."""
    STORAGE_UNAVAILABLE = "ServiceUnavailable"
    """The same."""

    UNKNOWN = "UNKNOWN"
    """A code that is not in this set."""


_KNOWN: Final = {code.value: code for code in ErrorCode}


def known_code(text: str | None) -> ErrorCode | None:
    """Return the code that a refusal names, `None` if it names none."""
    if text is None:
        return None
    return _KNOWN.get(text, ErrorCode.UNKNOWN)
