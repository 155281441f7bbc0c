"""What can be wrong with one operation. Imports the standard library only."""

from __future__ import annotations

from enum import StrEnum


class ItemFlaw(StrEnum):
    """Why an operation cannot be sent: the reasons of PoisonError here, a closed set.

    The service would accept most of these and lose the item later, or refuse a whole batch.
    """

    DOCUMENT_ID = "document_id_invalid"
    PARENT_ID = "parent_id_invalid"
    FILE_EXTENSION = "file_extension_invalid"
    CONTENT_AMBIGUOUS = "content_ambiguous"
    CONTENT_TOO_LARGE = "content_too_large"
    ITEM_TOO_LARGE = "item_too_large"
    CATALOG_ITEM_TOO_LARGE = "catalog_item_too_large"
    TEXT = "text_invalid"
    METADATA_KEY_EMPTY = "metadata_key_empty"
    METADATA_KEY_RESERVED = "metadata_key_reserved"
    METADATA_KEY_DUPLICATE = "metadata_key_duplicate"
    METADATA_TYPE = "metadata_type_unsupported"
    METADATA_NUMBER = "metadata_number_not_finite"
    PARTIAL_UPDATE = "partial_update_not_taken"
    PERMISSIONS_MISSING = "permissions_missing"
    PERMISSIONS_EMPTY = "permissions_empty"
    PERMISSIONS_TOO_MANY = "permissions_too_many"
    PERMISSIONS_NOT_ENFORCED = "permissions_not_enforced"
    IDENTITY = "identity_invalid"
    IDENTITY_TOO_LARGE = "identity_too_large"
