"""What must not be seen does not survive, in whatever spelling; what helps stays."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.support.scrub import Scrubber

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SECRET = st.text(st.characters(exclude_characters="*", exclude_categories=["Cs", "Cc"]), min_size=6)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in an URL": lambda text: quote(text, safe=""),
    "in a form": quote_plus,
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in JSON as UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 without its end": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "in base64 of URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "in a path": quote,
    "in an URL in small letters": lambda text: _small(quote(text, safe="")),
    "in JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "in Python": lambda text: repr(text)[1:-1],
    "in hexadecimal": lambda text: text.encode().hex(),
}


def _small(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


@given(SECRET, TEXT, TEXT, st.sampled_from(sorted(SPELLINGS)))
def test_a_known_secret_never_survives(secret: str, before: str, after: str, spelling: str) -> None:
    """Wherever it stands, next to whatever, in any of the ways in which text is encoded."""
    spelt = SPELLINGS[spelling](secret)
    if not secret.strip() or spelt in before + after:
        return
    assert spelt not in Scrubber([secret]).text(f"{before}{spelt}{after}")


@given(st.text("ab:@", max_size=6), st.text(st.characters(codec="ascii"), min_size=9), TEXT)
def test_a_known_secret_never_survives_in_the_base64_of_more(
    before: str, secret: str, after: str
) -> None:
    """`Basic` credentials are a name and a password in one, and where that begins shifts all."""
    if not secret.strip() or "*" in secret:
        return
    encoded = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
    left = re.sub(r"[*]+", "", Scrubber([secret]).text(encoded))
    whole = len(secret) * 4 // 3
    assert len(left) <= len(encoded) - whole + 4


@given(st.lists(SECRET, max_size=4), TEXT)
def test_scrubbing_twice_is_scrubbing_once(secrets: list[str], text: str) -> None:
    """A bundle may be made of a bundle's log."""
    scrubber = Scrubber(secrets)
    once = scrubber.text(text)
    assert all(secret not in once for secret in secrets if secret.strip())


SHAPES = [
    "Authorization: Bearer S3CRET.abc-_~+/==",
    '{"authorization": "Bearer S3CRETabc"}',
    "Basic UzNDUkVUOnVzZXI=",
    "https://user:S3CRET@host/path",
    "kafka://S3CRET@host:9092",
    "https://bucket.invalid/a?X-Amz-Signature=S3CRET&b=1",
    "https://host/path#S3CRET",
    "X-Amz-Security-Token: S3CRET",
    "x-amz-credential=S3CRET",
    "sasl.password=S3CRET",
    'ssl.key.password: "S3CRET in several words"',
    "{'client_secret': 'S3CRET, with; marks'}",
    '"{\\"password\\": \\"S3CRET in JSON in JSON\\"}"',
    "api-key: S3CRET",
    "access_token=S3CRET&x=1",
    "Cookie: S3CRET",
    "Cookie: theme=dark; session=S3CRET; other=S3CRET",
    '{"set-cookie": "theme=dark; session=S3CRET"}',
    "PUT /acme/files/1?sig=S3CRET&x=1 HTTP/1.1",
    'required username=\\"S3CRET\\" serviceName=kafka',
    "user_name: S3CRET",
    'sasl.jaas.config: "org.Login required password=\\"S3CRET\\";"',
    "xxS3CRET01-ab12-cd34-ef56-0123456789ab",
    "eyJhbGciOiJIUzI1NiJ9.S3CRET.sig",
    "-----BEGIN PRIVATE KEY-----\nS3CRET\n-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\\nS3CRET and the file was cut here",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7S3CRETabcdefghijklmn",
]


@pytest.mark.parametrize("text", SHAPES)
def test_what_looks_like_a_credential_is_hidden_though_nobody_knows_it(text: str) -> None:
    """Another program's log may stand in the same file."""
    scrubbed = Scrubber([]).text(f"before {text} after")
    assert "S3CRET" not in scrubbed
    assert "UzNDUkVU" not in scrubbed
    assert scrubbed.startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        '{"timestamp":"2026-11-24T14:35:00.123Z","level":"info","event":"batch_accepted"}',
        "request_id 0f8fad5b-d9cb-469f-a165-70867728950e, mapping 3fa94bc01d22e57a",
        'cdc_push_requests_total{target="kb",endpoint="files",code="201"} 17.0',
        "/push/v1/organizations/acme/sources/acme-abc123/documents/batch",
        "https://api.cloud.coveo.com/push/v1/organizations/acme",
        "api_key_file: /run/secrets/api-key",
        "kb.public.articles/3@1234 waits: schema",
    ],
)  # fmt: skip
def test_what_helps_stays_as_it_is(text: str) -> None:
    """A bundle of asterisks helps nobody."""
    assert Scrubber(["some-other-secret"], ["kb://articles/"]).text(text) == text


def test_a_short_secret_is_hidden_as_a_word() -> None:
    """It may be part of many words, but no word of its own."""
    assert Scrubber(["abc"]).text("abc abcd, x=abc.") == "*** abcd, x=***."


@pytest.mark.parametrize(
    "text",
    ["kb://articles/17", "kb://articles/a%20b?x=1", "documentId=kb%3A%2F%2Farticles%2F17&x",
     '{"m":"item kb://articles/17"}', "KB://articles/17", '"kb:\\/\\/articles\\/17"',
     "kb%253A%252F%252Farticles%252F17"],
)  # fmt: skip
def test_document_ids_are_hidden(text: str) -> None:
    """They are made of keys of rows."""
    scrubber = Scrubber([], ["kb://articles/"])
    assert "17" not in scrubber.text(text)
    assert "a%20b" not in scrubber.text(text)
    assert "kb://articles/{id}" in scrubber.keeping_ids("id: kb://articles/{id}")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000,
        "a.b-" * 75_000,
        "x:" * 150_000,
        "://" * 100_000,
        '"' * 300_000,
        "-----BEGIN A-----" * 10_000,
        "A1/" * 100_000,
        "password: " * 30_000,
        'token="' * 40_000,
    ],
    ids=range(9),
)
def test_no_text_takes_long(text: str) -> None:
    """A pattern that goes back and forth would make a bundle that never ends."""
    begun = time.perf_counter()
    Scrubber(["some-secret"], ["kb://"]).text(text)
    assert time.perf_counter() - begun < 5
