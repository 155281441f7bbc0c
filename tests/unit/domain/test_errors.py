"""Messages of errors: they must be sayable, whatever they quote."""

from __future__ import annotations

import pytest

from consumer.domain.errors import CdcError, ConfigError, FatalError, PoisonError, RetryableError

QUOTING = "column 'a\ud800'"


@pytest.mark.parametrize(
    "error",
    [
        ConfigError(QUOTING),
        RetryableError(QUOTING, 1.0),
        PoisonError("cast", QUOTING),
        FatalError(QUOTING),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_message_can_always_be_encoded(error: CdcError) -> None:
    """Names come from schemas and files; a log line that cannot be written would end the loop."""
    assert str(error).encode() == b"column 'a\\ud800'"
