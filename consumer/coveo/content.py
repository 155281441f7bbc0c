"""An item's content: inside the item, or beside it in a container of its own. Pure.

Exactly one content key is mandatory (docs/78). What is 5 MB or larger goes through a container, as
raw compressed bytes (docs/69); smaller content stands in the item, text as it is, bytes compressed
and in base64 (docs/164).
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from consumer.coveo.flaws import ItemFlaw
from consumer.coveo.limits import MAX_CONTAINER_BYTES, MAX_INLINE_CONTENT_BYTES
from consumer.domain.errors import PoisonError
from consumer.domain.operations import Content, JsonValue

_MOST_BYTES_OF_A_CHARACTER: Final = 6
"""A control character, as `\\u0000`."""


@dataclass(frozen=True, slots=True)
class EncodedContent:
    """The item's keys, and the bytes that go beside it; their file id is known only then."""

    keys: Mapping[str, JsonValue] = field(repr=False)
    beside: bytes | None = field(default=None, repr=False)


def content_of(content: Content) -> EncodedContent:
    """Return the content as it is sent. Raises PoisonError for what cannot be.

    Which size the limit means is not said, so neither the content nor what is sent of it reaches
    it inside an item.
    """
    match content:
        case Content(text=None, binary=None):
            # A row without a body has an empty one: anything else would be found by searches
            # without being in the database.
            return EncodedContent({"data": ""})
        case Content(text=str(text), binary=None):
            if _stands_in_its_item(text):
                return EncodedContent({"data": text})
            return _beside(_compressed(_utf8(text)))
        case Content(text=None, binary=bytes(binary)):
            compressed = _compressed(binary)
            if len(binary) < MAX_INLINE_CONTENT_BYTES:
                inline = base64.b64encode(compressed)
                if len(inline) < MAX_INLINE_CONTENT_BYTES:
                    keys: Mapping[str, JsonValue] = {
                        "compressedBinaryData": inline.decode("ascii"),
                        "compressionType": "ZLIB",
                    }
                    return EncodedContent(keys)
            return _beside(compressed)
        case _:
            msg = "an item has either text or binary content"
            raise PoisonError(ItemFlaw.CONTENT_AMBIGUOUS, msg)


def _beside(compressed: bytes) -> EncodedContent:
    if len(compressed) > MAX_CONTAINER_BYTES:
        msg = f"the content has {len(compressed)} bytes compressed, a file container holds "
        msg += f"{MAX_CONTAINER_BYTES}"
        raise PoisonError(ItemFlaw.CONTENT_TOO_LARGE, msg)
    return EncodedContent({"compressionType": "ZLIB"}, compressed)


def _compressed(binary: bytes) -> bytes:
    return zlib.compress(binary)


def _stands_in_its_item(text: str) -> bool:
    """Return whether a text is below the limit as it is, and as JSON writes it."""
    if len(text) >= MAX_INLINE_CONTENT_BYTES or _utf8_bytes(text) >= MAX_INLINE_CONTENT_BYTES:
        return False
    if len(text) < MAX_INLINE_CONTENT_BYTES // _MOST_BYTES_OF_A_CHARACTER:
        return True
    try:
        return len(orjson.dumps(text)) - len('""') < MAX_INLINE_CONTENT_BYTES
    except orjson.JSONEncodeError:
        return True


def _utf8_bytes(text: str) -> int:
    # Surrogates pass here, as above, and are refused, with everything else that is no text, by
    # whoever writes the item.
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # The cause is cut off: it has the text.
        msg = "a text is not valid Unicode"
        raise PoisonError(ItemFlaw.TEXT, msg) from None
