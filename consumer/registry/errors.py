"""What a registry's answers, or their absence, say about what to do next. Imports domain, http.

Nothing of an answer is shown: it may quote anything.
"""

from __future__ import annotations

import ssl
from typing import Final

from consumer.domain.errors import CdcError, ConfigError, PoisonError, RetryableError
from consumer.http.answers import OversizeError, causes, describe

_PASSING: Final = frozenset({408, 425, 429})


class UnknownSchemaError(ConfigError):
    """The registry answers, and knows no such schema: what the disk has may be another one's."""


class NoAnswerError(RetryableError):
    """Nobody answers, whatever is asked."""


class NoAccessError(ConfigError):
    """We are not let in, whatever we ask for."""


def refused(what: str, status: int, credentials: str) -> CdcError:
    """Return the error of an answer that is neither a success nor "there is no such schema".

    `credentials` names the keys that say who asks.
    """
    answer = f"{what}: the registry answered {status}"
    if status in _PASSING or status >= 500:
        return RetryableError(answer)
    if status in (401, 403):
        return NoAccessError(f"{answer}: check {credentials}, and its rights to read schemas")
    if 300 <= status < 400:
        return ConfigError(f"{answer}, a redirection: give its target as schema_registry.url")
    return ConfigError(f"{answer}: check schema_registry.url and api")


def unanswered(what: str, error: Exception) -> CdcError:
    """Return the error of an exchange without an answer: wait, but for what TLS objects to."""
    if isinstance(error, OversizeError):
        reason = "bad_schema"
        return PoisonError(reason, f"{what}: the registry's answer is longer than any schema")
    if _is_about_tls(error):
        msg = (
            f"{what}: TLS with the registry fails, {describe(error)}: check"
            " schema_registry.tls (ca_file: whom to trust; certificate_file: who asks) and url"
        )
        return NoAccessError(msg)
    return NoAnswerError(f"{what}: the registry is not reachable: {describe(error)}")


def _is_about_tls(error: Exception) -> bool:
    """Return whether one side refuses the other's certificate, version or name.

    A connection that ends in the middle is also an SSLError, and passes.
    """
    found = [cause for cause in causes(error) if isinstance(cause, ssl.SSLError)]
    passing = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
    return any(not isinstance(cause, passing) for cause in found)
