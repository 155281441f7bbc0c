"""Takes secrets and document ids out of text, by what is known and by what they look like. Pure.

Two nets: every secret that the configuration leads to is replaced wherever it stands, and whatever
has the shape of a credential is replaced though nobody knows it. A word too many is no loss.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "***"
_HIDDEN_ID: Final = "(document id)"
_SHORT: Final = 6
"""A secret that is shorter is replaced as a whole word only: it may be part of many."""

_REST: Final = r"[^\s\"'<>\\]*"
_NAMES: Final = (
    r"passw(?:or)?d|passwd|secret|token|api[_-]?key|authorization|signature|credentials?"
    r"|user_?name|x-amz-[a-z-]+|cookie|jaas[a-z.]*"
)
_VALUE: Final = r"(?:\\\"(?:(?!\\\").)*\\\"|\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s\"',;&}\\]+)"
"""Quoted inside of a quoted text, quoted, or a word."""
_SHAPES: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # PEM, whole; or what is left of one that was cut off.
        (r"(?s)-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", HIDDEN),
        # User names and passwords in URLs, then their queries, which hold signatures.
        (r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s/\"'@?#]*@", rf"\1{HIDDEN}@"),
        (rf"(?i)(\b[a-z][a-z0-9+.-]{{0,20}}://[^\s\"'<>?#\\]*)[?#]{_REST}", rf"\1?{HIDDEN}"),
        # The query of a request line or a path, but no condition of an expression.
        (rf"(?<=[\w/.~%-])\?[\w.~%+-]{{1,80}}=(?!=){_REST}", f"?{HIDDEN}"),
        # A header of cookies, all of them.
        (r"(?i)\b((?:set-)?cookie[ \t]*[:=][ \t]*)(?![\"'\\])[^\"'\\\r\n]+", rf"\1{HIDDEN}"),
        # Headers of authorization (RFC 7235), with whatever follows the scheme.
        (r"(?i)\b(bearer|basic|digest|negotiate|apikey)[ =:]+[a-z0-9._~+/=-]{4,}", rf"\1 {HIDDEN}"),
        # Names that mean a secret, with what is said to be their value.
        (rf"(?i)((?:{_NAMES})\\?[\"']?\s*[:=]\s*){_VALUE}", rf"\1{HIDDEN}"),
        # Coveo's API keys: like a UUID, with two letters in front.
        (r"\b\w{10}-\w{4}-\w{4}-\w{4}-\w{12}\b", HIDDEN),
        # JSON Web Tokens.
        (r"\beyJ[\w-]{6,}\.[\w-]*(?:\.[\w-]*)?", HIDDEN),
        # Lines of keys and certificates, wherever they were cut.
        (r"(?<![\w+/=])(?=[\w+/]*[A-Z])(?=[\w+/]*[0-9])[A-Za-z0-9+/]{56,}={0,2}", HIDDEN),
    )
)

_ESCAPE: Final = re.compile("%[0-9A-F]{2}")


class Scrubber:
    """Knows what must not be seen."""

    def __init__(self, secrets: Iterable[str], id_prefixes: Iterable[str] = ()) -> None:
        """Hide `secrets` in any spelling, and whatever follows a prefix of document ids."""
        known = {form for secret in secrets for form in _spellings(secret)}
        # The longest first: one may be part of another.
        ordered = sorted(known, key=lambda form: (-len(form), form))
        self._secrets: Final = re.compile("|".join(map(_whole, ordered))) if ordered else None
        self._ids: Final = tuple(
            re.compile(re.escape(form) + r"(?!\*\*\*)(?:[^\s\"'<>\\]|\\/)+", re.IGNORECASE)
            for prefix in sorted(set(id_prefixes), key=lambda each: (-len(each), each))
            for form in _spellings_of_id(prefix)
        )

    def text(self, text: str) -> str:
        """Return the text without any secret or document id."""
        hidden = self.keeping_ids(text)
        for prefix in self._ids:
            hidden = prefix.sub(_HIDDEN_ID, hidden)
        return hidden

    def keeping_ids(self, text: str) -> str:
        """Return the text without any secret: for texts that hold templates of ids."""
        hidden = text if self._secrets is None else self._secrets.sub(HIDDEN, text)
        for shape, replacement in _SHAPES:
            hidden = shape.sub(replacement, hidden)
        return hidden


def _spellings_of_id(prefix: str) -> Iterable[str]:
    """Return what ids begin with as it can stand in queries, once or twice, and in JSON."""
    escaped = quote(prefix, safe="")
    return dict.fromkeys((prefix, escaped, quote(escaped, safe=""), prefix.replace("/", "\\/")))


def _spellings(secret: str) -> set[str]:
    """Return the secret as it can stand in URLs, in JSON, in Python and in headers."""
    if not secret.strip():
        return set()
    encoded = secret.encode("utf-8", "surrogatepass")
    lines = {line for line in secret.splitlines() if len(line.strip()) >= _SHORT}
    in_urls = {quote(secret, safe=safe, errors="replace") for safe in ("", "/")}
    in_urls.add(quote_plus(secret, errors="replace"))
    in_json = {json.dumps(secret, ensure_ascii=each)[1:-1] for each in (True, False)}
    return (
        {secret, secret.strip(), repr(secret)[1:-1], encoded.hex()}
        | lines
        | in_urls
        | {_ESCAPE.sub(lambda found: found[0].lower(), each) for each in in_urls}
        | in_json
        | {json.dumps(each)[1:-1] for each in in_json}
        | _in_base64(encoded)
    )


def _in_base64(secret: bytes) -> set[str]:
    """Return its base64, and what stands of it in that of a longer text, wherever that begins.

    Three bytes are four characters: which, besides the secret, depends on how many come before.
    """
    found = {base64.b64encode(secret).decode()}
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret).decode()
        own = text[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        if len(own) > _SHORT:
            found.add(own)
    return found | {each.replace("+", "-").replace("/", "_") for each in found}


def _whole(form: str) -> str:
    escaped = re.escape(form)
    return rf"(?<!\w){escaped}(?!\w)" if len(form) < _SHORT else escaped
