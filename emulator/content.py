"""An item's content: compression types and decoding (docs.coveo.com/en/164). Stdlib only."""

from __future__ import annotations

import base64
import binascii
import lzma
import zlib
from enum import StrEnum

_MAX_DECODED_BYTES = 256_000_000
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_RAW_WINDOW = -zlib.MAX_WBITS


class Compression(StrEnum):
    """How content is compressed; ZLIB when nothing is said."""

    UNCOMPRESSED = "UNCOMPRESSED"
    DEFLATE = "DEFLATE"
    GZIP = "GZIP"
    LZMA = "LZMA"
    ZLIB = "ZLIB"


class UndecodableError(Exception):
    """The bytes are not what the compression type says."""


def compression_named(text: str) -> Compression | None:
    """Look up a compression type; case does not matter, as the pages disagree about it."""
    try:
        return Compression(text.upper())
    except ValueError:
        return None


def decode_base64(text: str) -> bytes:
    """Decode strict base64; raises UndecodableError."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        message = f"compressedBinaryData is not base64: {error}"
        raise UndecodableError(message) from error


def decompress(data: bytes, compression: Compression) -> bytes:
    """Undo the compression; raises UndecodableError, also when the result is too large."""
    try:
        match compression:
            case Compression.UNCOMPRESSED:
                return data
            case Compression.LZMA:
                return _lzma(data)
            case Compression.GZIP:
                return _zlib(data, _GZIP_WINDOW)
            case Compression.ZLIB:
                return _zlib(data, zlib.MAX_WBITS)
            case Compression.DEFLATE:
                return _zlib(data, _RAW_WINDOW)
    except (zlib.error, lzma.LZMAError) as error:
        message = f"the content is not {compression}: {error}"
        raise UndecodableError(message) from error


def _zlib(data: bytes, window: int) -> bytes:
    stream = zlib.decompressobj(window)
    result = stream.decompress(data, _MAX_DECODED_BYTES)
    return _complete(result, ended=stream.eof)


def _lzma(data: bytes) -> bytes:
    stream = lzma.LZMADecompressor()
    result = stream.decompress(data, _MAX_DECODED_BYTES)
    return _complete(result, ended=stream.eof)


def _complete(result: bytes, *, ended: bool) -> bytes:
    if not ended:
        message = "the compressed content is cut short or too large"
        raise UndecodableError(message)
    return result
