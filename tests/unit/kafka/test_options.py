"""One setting at a time: the client itself says whether it knows it and takes the value."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest
from confluent_kafka import cimpl

from consumer.kafka.names import CLIENT_NAMES, JAVA_NAMES
from consumer.kafka.options import Option, flaw
from consumer.kafka.refused import REFUSED


def names_of_the_client(folder: Path) -> set[str]:
    """Return what the installed client prints of itself: its `CONFIGURATION.md`."""
    file = folder / "CONFIGURATION.md"
    client, libc = ctypes.CDLL(cimpl.__file__), ctypes.CDLL(None)
    try:
        show = client.rd_kafka_conf_properties_show
    except AttributeError:
        pytest.skip("this build of the client hides its functions")
    libc.fopen.restype = ctypes.c_void_p
    libc.fclose.argtypes = show.argtypes = [ctypes.c_void_p]
    stream = libc.fopen(str(file).encode(), b"w")
    show(stream)
    libc.fclose(stream)
    rows = [line.split("|") for line in file.read_text(encoding="utf-8").splitlines()]
    settable = [row for row in rows if len(row) > 5 and "see dedicated API" not in row[-1]]
    return {row[0].strip() for row in settable if row[1].strip() in {"*", "C"}}


def test_the_names_are_those_of_the_installed_client(tmp_path: Path) -> None:
    """With a new client, a new list."""
    assert names_of_the_client(tmp_path) == CLIENT_NAMES


@pytest.mark.parametrize("name", sorted(CLIENT_NAMES - REFUSED.keys()))
def test_the_client_knows_every_name_that_is_offered(name: str) -> None:
    """Whoever follows the advice must not be refused again."""
    assert "knows no setting" not in (flaw(name, "1") or "")


@pytest.mark.parametrize(("java", "ours"), JAVA_NAMES.items())
def test_the_java_client_s_names_lead_to_librdkafka_s(java: str, ours: str) -> None:
    """They are what most documentation of Kafka speaks of."""
    assert java not in CLIENT_NAMES
    assert set(ours.split(" and ")) <= CLIENT_NAMES
    assert f"librdkafka's is {ours}" in (flaw(java, "x") or "")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("fetch.wait.max.mss", 1, "did you mean 'fetch.wait.max.ms'"),
        ("ssl.ca.locaton", "x", "did you mean 'ssl.ca.location'"),
        ("sasl.passwort", "x", "did you mean 'sasl.password'"),
        ("max.poll.interval", 1, "CONFIGURATION.md, or remove it"),
        ("frobnicate", 1, "CONFIGURATION.md, or remove it"),
        ("fetch.wait.max.ms", 300_001, "must be between 0 and 300000"),
        ("fetch.wait.max.ms", "many", "refuses the value"),
        ("security.protocol", "SASL_SSLL", "refuses the value"),
        ("socket.keepalive.enable", "maybe", "refuses the value"),
    ],
)
def test_what_the_client_refuses_comes_with_advice(name: str, value: Option, words: str) -> None:
    """Its own message repeats the value, and says nothing about what was meant."""
    assert words in (flaw(name, value) or "")


def test_no_advice_is_a_setting_that_is_refused() -> None:
    """`enable.auto.comit` must not lead to `enable.auto.commit`."""
    offered = flaw("enable.auto.comit", value=True) or ""
    assert "'enable.auto.commit'" not in offered


def test_asking_makes_no_client(tmp_path: Path) -> None:
    """A client with Kerberos would run a command, one with a library would load it."""
    ran = tmp_path / "ran"
    assert flaw("sasl.kerberos.kinit.cmd", f"touch {ran}") is None
    assert flaw("security.protocol", "SASL_PLAINTEXT") is None
    assert flaw("ssl.ca.location", "no-such-file") is None
    assert flaw("fetch.min.bytes", 1) is None
    assert not ran.exists()
