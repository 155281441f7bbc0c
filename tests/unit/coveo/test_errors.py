"""httpx's exceptions, all of them."""

from __future__ import annotations

import ssl

import httpx
import pytest

from consumer.coveo.errors import failure_kind
from consumer.coveo.exchange import NEVER_SENT, FailureKind
from consumer.http.answers import FAILURES, OversizeError, describe


def every(kind: type[Exception]) -> list[type[Exception]]:
    """Return a class with all its subclasses."""
    return [kind, *(below for each in kind.__subclasses__() for below in every(each))]


ALL = [
    each
    for kind in FAILURES
    for each in ([kind] if kind is UnicodeError else every(kind))  # theirs need more than a text
]
NEVER = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}


def make(kind: type[Exception]) -> Exception:
    """Return an exception of the kind, its text a secret."""
    if issubclass(kind, httpx.HTTPStatusError):
        request = httpx.Request("GET", "https://h.invalid")
        return kind("s3cret", request=request, response=httpx.Response(500))
    return kind("s3cret")


@pytest.mark.parametrize("kind", ALL)
def test_only_what_surely_never_left_is_called_unsent(kind: type[Exception]) -> None:
    """Whatever httpx adds is ambiguous until somebody has thought about it."""
    sent_nothing = failure_kind(make(kind)) in NEVER_SENT
    assert sent_nothing is (kind.__name__ in NEVER | {"InvalidURL"})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ReadTimeout(""), FailureKind.READ),
        (httpx.WriteTimeout(""), FailureKind.WRITE),
        (httpx.WriteError(""), FailureKind.WRITE),
        (httpx.RemoteProtocolError(""), FailureKind.PROTOCOL),
        (httpx.LocalProtocolError(""), FailureKind.PROTOCOL),
        (httpx.PoolTimeout(""), FailureKind.POOL),
        (OversizeError(), FailureKind.OVERSIZE),
    ],
)
def test_each_kind_is_told_apart(error: Exception, kind: FailureKind) -> None:
    """An operator reads it."""
    assert failure_kind(error) is kind


def caused(cause: BaseException) -> httpx.ConnectError:
    """Return a connection error with its cause two levels down, as httpx has it."""
    error = httpx.ConnectError("s3cret")
    error.__cause__ = RuntimeError("s3cret")
    error.__cause__.__cause__ = cause
    return error


def test_a_description_has_the_systems_word_but_no_text() -> None:
    """The text may quote an URL, a header or an answer."""
    assert describe(caused(ConnectionRefusedError(111, "s3cret"))) == "ConnectError (ECONNREFUSED)"
    untrusted = ssl.SSLCertVerificationError(1, "s3cret")
    assert describe(caused(untrusted)) == "ConnectError (the certificate is not trusted)"
    assert describe(httpx.ReadTimeout("s3cret")) == "ReadTimeout"
