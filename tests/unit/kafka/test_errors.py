"""The table of Kafka error codes is total, and its rows mean what they say."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from consumer.domain.errors import ConfigError, FatalError, RetryableError
from consumer.kafka.errors import TABLE, Verdict, error_in, translate, verdict_of

CODES = {
    name: code
    for name in dir(KafkaError)
    if name.isupper() and isinstance(code := getattr(KafkaError, name), int)
}


def test_every_code_of_the_client_has_a_row() -> None:
    """A new version of the client brings new codes: someone must decide about each."""
    assert set(CODES) == set(TABLE)


@pytest.mark.parametrize("name", sorted(CODES))
def test_every_code_is_translated_by_its_row(name: str) -> None:
    """Total: no code may surprise the loop."""
    wanted = {
        Verdict.BENIGN: type(None),
        Verdict.RETRY: RetryableError,
        Verdict.CONFIG: ConfigError,
        Verdict.FATAL: FatalError,
    }[TABLE[name][0]]
    error = translate(KafkaError(CODES[name]), "topic t")
    assert isinstance(error, wanted)
    assert error is None or (name in str(error) and "topic t" in str(error))


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (KafkaError._PARTITION_EOF, Verdict.BENIGN),
        (KafkaError._ALL_BROKERS_DOWN, Verdict.RETRY),
        (KafkaError._MAX_POLL_EXCEEDED, Verdict.RETRY),
        (KafkaError.REBALANCE_IN_PROGRESS, Verdict.RETRY),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, Verdict.CONFIG),
        (KafkaError._AUTO_OFFSET_RESET, Verdict.CONFIG),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, Verdict.CONFIG),
        (KafkaError._FENCED, Verdict.FATAL),
    ],
)
def test_the_codes_that_decide_most_are_where_they_belong(code: int, verdict: Verdict) -> None:
    """Waiting on a missing right, or stopping for a broker's restart, would both be wrong."""
    assert verdict_of(KafkaError(code))[0] is verdict


def test_what_the_client_calls_fatal_is_fatal_whatever_its_code() -> None:
    """After a fatal error the client does nothing any more, without saying so again."""
    error = KafkaError(KafkaError._TRANSPORT, "x", fatal=True)
    assert isinstance(translate(error, "client"), FatalError)


def test_an_unknown_code_is_waited_for_in_the_open() -> None:
    """A broker newer than the client must not stop everything."""
    assert isinstance(translate(KafkaError(9_999), "client"), RetryableError)


def test_the_error_in_an_exception_is_found_or_made() -> None:
    """The client raises exceptions with and without an error object."""
    assert error_in(KafkaException(KafkaError(KafkaError._STATE))).name() == "_STATE"
    assert error_in(KafkaException("text")).code() == KafkaError._FAIL
