"""Why a row cannot be mapped: the closed set behind `PoisonError.reason`. Imports nothing."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Label-safe words; the message beside one names the column or the field, never its value."""

    UNAVAILABLE_VALUE = "unavailable_value"
    """A column that the mapping uses was left out of the event (an unchanged TOASTed value)."""
    BEFORE_IMAGE_MISSING = "before_image_missing"
    """`full_before_images` is set, but the event has no usable old row."""
    AFTER_IMAGE_MISSING = "after_image_missing"
    """An insert, update or read without the new row."""
    KEY_MISSING = "key_missing"
    """The record has no key to make a document id of."""
    DOCUMENT_ID = "document_id"
    """A value that no document id can be made of: null, a list, bytes of no text, …"""
    CAST = "cast"
    """A value does not have the type that the field asks for."""
    JSON = "json"
    """A column that should hold JSON does not."""
    EXPRESSION = "expression"
    """A CEL expression failed on this row, or gave something a condition or field cannot be."""
    BODY = "body"
    """A value that no body can be made of."""
    AMBIGUOUS_NULL = "ambiguous_null"
    """A null that may stand for a value left out, where it says who may see the item."""
    AMBIGUOUS_DEFAULT = "ambiguous_default"
    """A default that may stand for null, where it says who may see the item."""
    CATALOG_ID = "catalog_id"
    """A null in a field by which a catalog knows its items."""
    PARTIAL_UPDATE = "partial_update"
    """An update that leaves values out, and says something that no partial update can say."""
    PERMISSION_VALUE = "permission_value"
    """A value that names no identity where one was expected."""
