"""Why an operation inside an accepted request fails. Imports: stdlib only."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The reason shown in an item's history.

    Only OUT_OF_SEQUENCE_OPERATION is attested word for word (answers.coveo.com, 14966). The rules
    behind the others are documented, their names are the emulator's.
    """

    OUT_OF_SEQUENCE_OPERATION = "OUT_OF_SEQUENCE_OPERATION"
    NOT_AN_OBJECT = "NOT_AN_OBJECT"
    DUPLICATE_KEYS = "DUPLICATE_KEYS"
    MISSING_DOCUMENT_ID = "MISSING_DOCUMENT_ID"
    INVALID_DOCUMENT_ID = "INVALID_DOCUMENT_ID"
    WRONG_TYPE = "WRONG_TYPE"
    MISSING_CONTENT = "MISSING_CONTENT"
    AMBIGUOUS_CONTENT = "AMBIGUOUS_CONTENT"
    NESTED_METADATA = "NESTED_METADATA"
    NULL_METADATA = "NULL_METADATA"
    NUMBER_OUT_OF_RANGE = "NUMBER_OUT_OF_RANGE"
    INVALID_COMPRESSION = "INVALID_COMPRESSION"
    UNDECODABLE_CONTENT = "UNDECODABLE_CONTENT"
    CONTENT_TOO_LARGE = "CONTENT_TOO_LARGE"
    CONTENT_FILE_MISSING = "CONTENT_FILE_MISSING"
    INVALID_PERMISSIONS = "INVALID_PERMISSIONS"
    MISSING_PERMISSIONS = "MISSING_PERMISSIONS"
    TOO_MANY_PERMISSIONS = "TOO_MANY_PERMISSIONS"
    UNKNOWN_IDENTITY = "UNKNOWN_IDENTITY"
    SAME_ID_IN_BATCH = "SAME_ID_IN_BATCH"
    DOCUMENT_LIMIT_EXCEEDED = "DOCUMENT_LIMIT_EXCEEDED"
    OLDER_THAN = "OLDER_THAN"
    ITEM_TOO_LARGE = "ITEM_TOO_LARGE"
    MISSING_ITEM = "MISSING_ITEM"
    INVALID_PARTIAL_UPDATE = "INVALID_PARTIAL_UPDATE"
    BATCH_FILE_MISSING = "BATCH_FILE_MISSING"
    BATCH_FILE_INVALID = "BATCH_FILE_INVALID"
    INVALID_IDENTITY = "INVALID_IDENTITY"
    UNKNOWN_PROVIDER = "UNKNOWN_PROVIDER"


class BadItemError(Exception):
    """One item or one delete entry is not acceptable; the rest of its file is."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep both for the history."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
