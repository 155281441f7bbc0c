"""Settings: what is refused, why, and what the client gets."""

from __future__ import annotations

import re
from typing import Any

import pytest

from consumer.domain.errors import ConfigError
from consumer.kafka.membership import open_membership
from consumer.kafka.refused import CALLBACKS, REFUSED
from consumer.kafka.settings import OURS, GroupProtocol, KafkaSettings, problems


def _settings(**changes: Any) -> KafkaSettings:
    return KafkaSettings(**{"bootstrap_servers": "127.0.0.1:1", "group_id": "g"} | changes)


def _refusals(**changes: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _settings(**changes).consumer_config()
    return str(caught.value).splitlines()


@pytest.mark.parametrize("name", sorted({*REFUSED, *CALLBACKS, "error_cb", "oauth_cb"}))
def test_every_unsafe_setting_is_refused_with_its_reason(name: str) -> None:
    """Each would lose records, or is said elsewhere already."""
    (line,) = _refusals(options={name: "x"})
    assert re.fullmatch(rf"kafka\.settings\.{re.escape(name)}: .*remove it.*", line)


def test_all_problems_are_named_at_once() -> None:
    """An operator who mends one at a time starts six times."""
    options = {"enable.auto.commit": True, "no.such.thing": 1, "fetch.min.bytes": "many"}
    lines = _refusals(bootstrap_servers=" ", group_id="", options=options)
    assert [line.split(":")[0] for line in lines] == [
        "kafka.bootstrap_servers",
        "kafka.group_id",
        "kafka.settings.enable.auto.commit",
        "kafka.settings.no.such.thing",
        "kafka.settings.fetch.min.bytes",
    ]


@pytest.mark.parametrize(
    "name", ["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"]
)
def test_what_the_broker_decides_under_kip_848_is_refused_there_only(name: str) -> None:
    """The client would refuse it too, but only when it is made, and without saying why."""
    value = "range" if name.startswith("partition") else 3000
    assert "KIP-848" in _refusals(group_protocol=GroupProtocol.CONSUMER, options={name: value})[0]
    assert _settings(options={name: value}).consumer_config()[name] == value


def test_reading_uncommitted_rows_is_refused() -> None:
    """Rows of an aborted transaction never were in the topic, for anyone who counts on it."""
    assert "aborted" in _refusals(options={"isolation.level": "read_uncommitted"})[0]
    _settings(options={"isolation.level": "read_committed"}).consumer_config()


def test_a_poll_interval_below_the_session_time_out_is_refused() -> None:
    """The client refuses it in words that do not name our field."""
    (line,) = _refusals(max_poll_interval_ms=30_000)
    assert line.startswith("kafka.max_poll_interval_seconds: 30000 ms is below")
    _settings(max_poll_interval_ms=30_000, options={"session.timeout.ms": 6000}).consumer_config()


def test_nothing_that_is_ours_can_be_passed_through() -> None:
    """Each has its reason in the list of refusals."""
    assert set(OURS) <= set(REFUSED)


def test_what_is_ours_wins_and_what_is_theirs_passes_through() -> None:
    """Safe whatever the operator writes; open for everything else."""
    config = _settings(options={"fetch.max.bytes": 1_000_000, "client.rack": "a"}).consumer_config()
    assert (config["enable.auto.commit"], config["auto.offset.reset"]) == (False, "error")
    assert (config["fetch.max.bytes"], config["client.rack"]) == (1_000_000, "a")
    assert config["queued.max.messages.kbytes"] == 16_384


@pytest.mark.parametrize(
    ("protocol", "strategy", "incremental"),
    [
        (GroupProtocol.CLASSIC, None, True),
        (GroupProtocol.CLASSIC, "range,roundrobin", False),
        (GroupProtocol.CLASSIC, "cooperative-sticky", True),
        (GroupProtocol.CONSUMER, None, True),
    ],
)
def test_the_protocol_says_which_assign_call_is_right(
    protocol: GroupProtocol, strategy: str | None, *, incremental: bool
) -> None:
    """The wrong one raises, or drops what the member already has."""
    options = {} if strategy is None else {"partition.assignment.strategy": strategy}
    assert _settings(group_protocol=protocol, options=options).incremental is incremental


def test_a_producer_gets_the_connection_and_nothing_of_the_group() -> None:
    """Dead letters go to the same cluster with the same credentials."""
    options = {"sasl.username": "u", "security.protocol": "plaintext", "fetch.max.bytes": 1024}
    assert _settings(options=options).producer_config() == {
        "client.id": "coveo-cdc",
        "bootstrap.servers": "127.0.0.1:1",
        "sasl.username": "u",
        "security.protocol": "plaintext",
    }


def test_each_problem_says_where_it_stands_and_what_it_rests_on() -> None:
    """Whoever reads a file with more mistakes must know which of them may be one mistake."""
    one, other = problems(_settings(max_poll_interval_ms=9, options={"group.remote.assignor": "x"}))
    protocol = ("kafka", "group_protocol")
    assert one.path == ("kafka", "max_poll_interval_seconds")
    assert set(one.rests_on) == {one.path, protocol, ("kafka", "settings", "session.timeout.ms")}
    assert other.path == ("kafka", "settings", "group.remote.assignor")
    assert other.rests_on == (other.path, protocol)


def test_a_session_time_out_from_the_environment_is_compared_too() -> None:
    """A variable is text whatever it says."""
    (line,) = _refusals(max_poll_interval_ms=30_000, options={"session.timeout.ms": "40000"})
    assert "(40000)" in line


def test_neither_repr_nor_a_refusal_shows_a_value() -> None:
    """Options hold passwords, and both end up in logs."""
    options = {"sasl.password": "hunter2", "ssl.key.password": "hunter2", "no.such": "hunter2"}
    assert "hunter2" not in repr(_settings(options=options))
    assert "hunter2" not in "\n".join(_refusals(options=options))


def test_what_only_the_client_can_check_is_a_configuration_error_too() -> None:
    """A key without its certificate shows when the client is made."""
    with pytest.raises(ConfigError, match="the client refuses"):
        open_membership(_settings(options={"ssl.ca.location": "/none", "security.protocol": "ssl"}))
