"""A request and its answer as plain values, free of HTTP libraries. Imports: errors, orjson."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.errors import PushApiError, StorageError


class Endpoint(StrEnum):
    """The names of the endpoints in faults, logs and counters."""

    CREATE_FILE = "create_file"
    UPLOAD_FILE = "upload_file"
    PUSH_ITEM = "push_item"
    DELETE_ITEM = "delete_item"
    PUSH_BATCH = "push_batch"
    DELETE_OLDER_THAN = "delete_older_than"
    SOURCE_STATUS = "source_status"
    PUSH_IDENTITY = "push_identity"
    DELETE_IDENTITY = "delete_identity"
    PUSH_ALIAS = "push_alias"
    PUSH_IDENTITY_BATCH = "push_identity_batch"
    DISABLE_OLDER_THAN = "disable_older_than"
    OPEN_STREAM = "open_stream"
    ADD_CHUNK = "add_chunk"
    CLOSE_STREAM = "close_stream"
    UPDATE_STREAM = "update_stream"
    MERGE_STREAM = "merge_stream"
    DELETE_OLDER_ITEMS = "delete_older_items"
    READ_LOGS = "read_logs"
    READ_LOG_FACETS = "read_log_facets"
    LIST_SOURCES = "list_sources"
    CREATE_SOURCE = "create_source"
    READ_SOURCE = "read_source"
    UPDATE_SOURCE = "update_source"
    DELETE_SOURCE = "delete_source"
    PUSH_REFRESH = "push_refresh"
    READ_MAPPINGS = "read_mappings"
    UPDATE_MAPPINGS = "update_mappings"
    LIST_FIELDS = "list_fields"
    CREATE_FIELDS = "create_fields"
    CREATE_FIELD = "create_field"
    READ_FIELD = "read_field"
    UPDATE_FIELD = "update_field"
    DELETE_FIELD = "delete_field"
    LIST_PROVIDERS = "list_providers"
    CREATE_PROVIDER = "create_provider"
    READ_PROVIDER = "read_provider"
    UPDATE_PROVIDER = "update_provider"
    DELETE_PROVIDER = "delete_provider"
    LIST_SCHEDULES = "list_schedules"
    REFRESH_CACHE = "refresh_cache"
    REFRESH_IDENTITY = "refresh_identity"
    ENABLE_IDENTITIES = "enable_identities"
    LIST_IDENTITIES = "list_identities"
    READ_IDENTITY = "read_identity"
    LIST_RELATIVES = "list_relatives"
    CACHE_STATUS = "cache_status"
    READ_LIMITS = "read_limits"
    EVALUATE_PRIVILEGE = "evaluate_privilege"
    LIST_ACTIVITIES = "list_activities"
    SEARCH = "search"
    CREATE_SEARCH_TOKEN = "create_search_token"  # noqa: S105 - the name of an endpoint
    READ_DOCUMENT = "read_document"
    DOCUMENT_HTML = "document_html"
    DOCUMENT_TEXT = "document_text"
    ITEM_PERMISSIONS = "item_permissions"
    EFFECTIVE_PERMISSIONS = "effective_permissions"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, completely read. `headers` has lower-case names, `parts` is what the path names.

    `copies` is how often the pipeline gets the operation: more than one imitates a queue that
    delivers a message again.
    """

    endpoint: Endpoint
    number: int
    path: str
    organization: str
    source: str | None = None
    file_id: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    oversize: bool = False
    base_url: str = ""
    copies: int = 1

    def twice(self) -> Call:
        """Return the same call, delivered to the pipeline two times."""
        return replace(self, copies=2)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the client gets."""

    status: int
    body: bytes = b""
    media_type: str | None = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def request_id(number: int) -> str:
    """Return what `X-Request-ID` and the bodies that name a request call it."""
    return f"emulator-{number}"


def push_error_reply(error: PushApiError) -> Reply:
    """Render a Push API refusal as JSON, with Retry-After where it has one."""
    body = orjson.dumps({"errorCode": error.code, "message": error.message})
    wait = error.retry_after_seconds
    return Reply(error.status, body, headers={} if wait is None else {"Retry-After": str(wait)})


def storage_error_reply(error: StorageError) -> Reply:
    """Render a storage refusal as S3 does, in XML."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error>"
    )
    return Reply(error.status, text.encode(), media_type="application/xml")
