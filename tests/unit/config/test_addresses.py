"""Addresses of services: what cannot be one is found when the file is read, and never repeated."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.config.addresses import checked_address, checked_addresses
from tests.unit.config.writing import GOOD, loaded, problems

WRONG = [
    ("user:s3cret@registry:8081", "must begin with http"),
    ("ftp://s3cret", "must begin with http"),
    ("registry:8081", "must begin with http"),
    ("https://user:s3cret@registry", "must not hold a user name or password"),
    ("https://u:s3cret@[bad", "is no address"),
    ("https://api..cloud.coveo.com", "has no host"),
    ("https://", "has no host"),
    ("https://xn--/", "has no host"),
    (f"https://{'x' * 64}.com", "has no host"),
    ("https://[::1]s3cret", "has no host"),
    ("https://host:99999", "is no address"),
    ("https://host:s3cret", "is no address"),
    ("https://ho st", "no blanks"),
    ("https://höst", "ASCII"),
    ("https://host/?key=s3cret", r"no '\?'"),
    ("https://host/#", "no '#'"),
]


@pytest.mark.parametrize(("address", "message"), WRONG)
def test_an_address_that_cannot_be_one_is_refused_with_its_line(
    tmp_path: Path, address: str, message: str
) -> None:
    """At run time it would look like a network that is down; and it may hold a password."""
    text = GOOD.replace("organization: acme", f'organization: acme\n  base_url: "{address}"')
    (found,) = problems(tmp_path, text)
    assert found.startswith("coveo-cdc.yaml:10: coveo.base_url: ")
    with pytest.raises(ValueError, match=message):
        checked_address(address)
    assert "s3cret" not in found


def test_the_registrys_addresses_are_checked_one_by_one(tmp_path: Path) -> None:
    """Its client would name a wrong one in full, with the password that may stand in it."""
    text = GOOD.replace("http://registry:8081", "http://a:1, https://u:s3cret@b")
    (found,) = problems(tmp_path, text)
    assert found.startswith("coveo-cdc.yaml:7: schema_registry.url: must not hold a user name")
    assert "s3cret" not in found


@pytest.mark.parametrize(
    "address",
    [
        "http://h",
        "https://a-b.c_d.e:443/p/q",
        "http://[::1]:80",
        "http://127.0.0.1:9/",
        "http://h.",
    ],
)
def test_what_can_be_an_address_is_taken_as_it_is(tmp_path: Path, address: str) -> None:
    """A proxy may add a path, a local emulator has a port."""
    text = GOOD.replace("organization: acme", f'organization: acme\n  base_url: "{address}"')
    assert loaded(tmp_path, text).coveo.base_url == address
    assert checked_addresses(f"{address}, {address}")


@given(st.text(max_size=12), st.sampled_from(["", "http://", "https://u:p@", "http://[::1"]))
def test_any_text_is_an_address_or_refused(text: str, start: str) -> None:
    """Never anything but a ValueError, which becomes the message at its line."""
    with suppress(ValueError):
        assert checked_address(start + text) == start + text
