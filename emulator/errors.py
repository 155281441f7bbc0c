"""Errors the service answers with at once, one function each. Imports: stdlib only.

Names come from docs.coveo.com/en/95 and /63, several only from their 2017 editions. The body is
always `{"errorCode", "message"}` (Coveo's OpenAPI document). `REQUEST_TOO_LARGE` is a made-up
code: no page names one for 413.
"""

from __future__ import annotations


class PushApiError(Exception):
    """A refusal with its HTTP status, error code and, for 429, the seconds to wait."""

    def __init__(
        self, status: int, code: str, message: str, retry_after_seconds: int | None = None
    ) -> None:
        """Keep the parts of the answer."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_seconds = retry_after_seconds


class StorageError(Exception):
    """A refusal by the file storage, which speaks S3's XML and not the Push API's JSON."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep the parts of the answer."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid_json(detail: str) -> PushApiError:
    """400: malformed, duplicate keys, nested objects, or a mandatory key missing (docs/95)."""
    return PushApiError(400, "INVALID_JSON", f"The request body is not valid: {detail}")


def unauthorized() -> PushApiError:
    """401: no Authorization header (docs/95)."""
    return PushApiError(401, "UNAUTHORIZED", "The Authorization header is missing.")


def invalid_token() -> PushApiError:
    """401: the key is disabled, deleted, expired or unknown (docs/95)."""
    return PushApiError(401, "INVALID_TOKEN", "The access token is not valid.")


def access_denied(detail: str) -> PushApiError:
    """403: the key lacks the privilege (docs/95, 2017)."""
    return PushApiError(403, "ACCESS_DENIED", f"Access is denied: {detail}")


def organization_not_found(name: str) -> PushApiError:
    """404: no such organization (docs/95, 2017)."""
    return PushApiError(404, "ORGANIZATION_NOT_FOUND", f"Organization '{name}' was not found.")


def route_not_found(path: str) -> PushApiError:
    """404 for a path that is no endpoint; the code is the emulator's own."""
    return PushApiError(404, "NOT_FOUND", f"There is no endpoint at '{path}'.")


def source_does_not_exist(name: str) -> PushApiError:
    """412, not 404: no such source (docs/95, 2017)."""
    return PushApiError(412, "SOURCE_DOES_NOT_EXIST", f"Source '{name}' does not exist.")


def not_found(code: str, what: str) -> PushApiError:
    """404 of the platform's calls; the codes are the emulator's own."""
    return PushApiError(404, code, f"There is no {what}.")


def invalid_request(detail: str) -> PushApiError:
    """400 of the platform's calls; the code is the emulator's own."""
    return PushApiError(400, "INVALID_REQUEST", detail)


def already_exists(code: str, what: str) -> PushApiError:
    """409 of the platform's calls; the codes are the emulator's own."""
    return PushApiError(409, code, f"There is already {what}.")


def missing_parameter(name: str) -> PushApiError:
    """412: a required parameter is absent (docs/95, 2017)."""
    return PushApiError(412, "MISSING_PARAMETER", f"The parameter '{name}' is required.")


def invalid_parameter(name: str, detail: str) -> PushApiError:
    """412: a parameter has a wrong type or value (docs/95, 2017)."""
    return PushApiError(412, "INVALID_PARAMETER", f"The parameter '{name}' is not valid: {detail}")


def document_limit_exceeded(limit: int) -> PushApiError:
    """412: the index holds as many items as the licence allows (docs/63)."""
    return PushApiError(
        412, "DOCUMENT_LIMIT_EXCEEDED", f"The limit of {limit} items in the index is reached."
    )


def request_too_large(limit: int) -> PushApiError:
    """413: a single request above 6 MB (docs/63)."""
    return PushApiError(413, "REQUEST_TOO_LARGE", f"The request exceeds {limit} bytes.")


def unsupported_media_type(given: str | None) -> PushApiError:
    """415: a body that is not announced as application/json (docs/95, 2017)."""
    return PushApiError(
        415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Type must be application/json, not '{given}'."
    )


def too_many_requests(retry_after_seconds: int) -> PushApiError:
    """429 with Retry-After: the request quota is spent (docs/63)."""
    return PushApiError(
        429, "TOO_MANY_REQUESTS", "The request quota is exceeded.", retry_after_seconds
    )


def too_many_documents_daily(retry_after_seconds: int) -> PushApiError:
    """429 with Retry-After: the day's item quota is spent (docs/63)."""
    return PushApiError(
        429, "TOO_MANY_DOCUMENTS_DAILY", "The daily item quota is exceeded.", retry_after_seconds
    )


def not_implemented(what: str) -> PushApiError:
    """501: part of the real service that the emulator does not serve; the code is its own."""
    return PushApiError(501, "NOT_IMPLEMENTED", f"The emulator does not serve {what}.")
