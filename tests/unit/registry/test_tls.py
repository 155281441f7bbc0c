"""TLS and mutual TLS, against a real server with certificates of its own authority."""

from __future__ import annotations

import os
import pty
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from consumer.domain.errors import ConfigError
from consumer.domain.schemas import SchemaRef
from consumer.registry.remote import RemoteRegistry
from consumer.registry.settings import OAuth, RegistrySettings, Tls
from tests.architecture.tree import ROOT
from tests.fakes.registry import HttpRegistry, http_registry

ID = SchemaRef("id/7")


class Authority:
    """Makes certificates; whoever trusts its file trusts them."""

    def __init__(self, folder: Path) -> None:
        """Write the authority's own certificate."""
        self._ca = trustme.CA()
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(self.file)

    def server(self, *, wants_certificate: bool = False, name: str = "127.0.0.1") -> ssl.SSLContext:
        """Return a server's side of TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        if wants_certificate:
            self._ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client(self, name: str = "client", password: bytes | None = None) -> Tls:
        """Return a client's side of TLS, its certificate and key in two files."""
        issued = self._ca.issue_cert(f"{name}@example.com")
        certificate, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        content = issued.private_key_pem.bytes()
        key.write_bytes(content if password is None else _encrypted(content, password))
        return Tls(self.file, certificate, key)


def _encrypted(key: bytes, password: bytes) -> bytes:
    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give an authority that nobody else knows."""
    return Authority(tmp_path / "authority")


@contextmanager
def serving(context: ssl.SSLContext) -> Iterator[HttpRegistry]:
    """Serve a registry that has schema 7."""
    with http_registry(context) as http:
        http.answers["/schemas/ids/7"] = (200, {"schema": '"int"'})
        yield http


def fetched(http: HttpRegistry, tls: Tls) -> str:
    """Ask for schema 7."""
    return RemoteRegistry(RegistrySettings(http.url, tls=tls)).fetch(ID).text


def test_a_registry_is_trusted_by_its_authority(authority: Authority, tmp_path: Path) -> None:
    """And by no other: neither everybody's nor a stranger's."""
    with serving(authority.server()) as http:
        assert fetched(http, Tls(authority.file)) == '"int"'
        for stranger in (Tls(), Tls(Authority(tmp_path / "stranger").file)):
            with pytest.raises(ConfigError, match=r"the certificate is not trusted.*ca_file"):
                fetched(http, stranger)
    assert len(http.seen) == 1


def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    """An authority's word on one machine says nothing about another."""
    with (
        serving(authority.server(name="registry.example.com")) as http,
        pytest.raises(ConfigError, match="TLS with the registry fails"),
    ):
        fetched(http, Tls(authority.file))


def test_a_registry_that_wants_a_certificate_gets_it(authority: Authority) -> None:
    """In one file with its key, or in two, encrypted or not."""
    two = authority.client()
    assert two.certificate_file is not None
    assert two.key_file is not None
    one = authority.client("one")
    assert one.certificate_file is not None
    assert one.key_file is not None
    one.certificate_file.write_bytes(one.certificate_file.read_bytes() + one.key_file.read_bytes())
    locked = replace(authority.client("locked", b"hunter2"), key_password=lambda: "hunter2")
    with serving(authority.server(wants_certificate=True)) as http:
        for tls in (two, replace(one, key_file=None), locked):
            assert fetched(http, tls) == '"int"'


def test_a_missing_certificate_is_said_to_be_missing(authority: Authority) -> None:
    """Not "not reachable": waiting would not mend it."""
    with (
        serving(authority.server(wants_certificate=True)) as http,
        pytest.raises(ConfigError, match=r"certificate_file: who asks"),
    ):
        fetched(http, Tls(authority.file))


def test_files_that_are_exchanged_count_without_a_restart(authority: Authority) -> None:
    """Certificates are renewed while the program runs."""
    tls = authority.client()
    assert tls.certificate_file is not None
    assert tls.key_file is not None
    good = tls.certificate_file.read_bytes(), tls.key_file.read_bytes()
    other = authority.client("other").certificate_file
    assert other is not None
    with serving(authority.server(wants_certificate=True)) as http:
        registry = RemoteRegistry(RegistrySettings(http.url, tls=tls))
        tls.certificate_file.write_bytes(other.read_bytes())  # not this key's
        with pytest.raises(ConfigError, match=r"schema_registry\.tls: .*client\.pem"):
            registry.fetch(ID)
        tls.certificate_file.write_bytes(good[0])
        assert registry.fetch(ID).text == '"int"'


def _damaged(authority: Authority, tmp_path: Path) -> dict[str, Tls]:
    locked = authority.client("locked", b"hunter2")
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("hunter2")
    return {
        "no file": Tls(tmp_path / "none.pem"),
        "no PEM": Tls(nonsense),
        "no password": locked,
        "wrong password": replace(locked, key_password=lambda: "swordfish"),
        "endless password": replace(locked, key_password=lambda: "x" * 5_000),
        "no key": Tls(authority.file, authority.file),
    }


@pytest.mark.parametrize(
    "flaw", ["no file", "no PEM", "no password", "wrong password", "endless password", "no key"]
)
def test_files_that_cannot_be_used_are_named_at_the_start(
    authority: Authority, tmp_path: Path, flaw: str
) -> None:
    """An encrypted key without a password must not ask the terminal for it."""
    tls = _damaged(authority, tmp_path)[flaw]
    with pytest.raises(ConfigError, match=r"schema_registry\.tls: .* cannot be used") as caught:
        RemoteRegistry(RegistrySettings("https://127.0.0.1:9", tls=tls))
    assert ".pem" in str(caught.value)
    assert "hunter2" not in repr(caught.value)


ASKS = """
import fcntl, sys, termios
from pathlib import Path
from consumer.registry import tls
from consumer.registry.settings import Tls
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
try:
    tls.context(Tls(None, Path(sys.argv[1]), Path(sys.argv[2])))
except Exception as error:
    print(type(error).__name__)
"""


def test_a_locked_key_does_not_ask_the_terminal_for_its_password(authority: Authority) -> None:
    """A program that was started by hand would wait there for ever, before its first line."""
    tls = authority.client("locked", b"hunter2")
    ours, terminal = pty.openpty()
    command = [sys.executable, "-c", ASKS, str(tls.certificate_file), str(tls.key_file)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=terminal, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        try:
            said, _ = child.communicate(timeout=30)
        finally:
            child.kill()
            os.close(terminal)
            os.close(ours)
    assert said.split() == [b"ConfigError"]


def test_a_token_endpoint_has_an_authority_of_its_own(authority: Authority) -> None:
    """Trusting the registry's for it, or the other way round, would be trusting too much."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(http_registry(authority.server()))
        endpoint.answers["/token"] = (200, {"access_token": "t", "expires_in": 60})
        http = stack.enter_context(serving(authority.server()))
        client = OAuth(f"{endpoint.url}/token", "c", lambda: "s", ca_file=authority.file)
        settings = RegistrySettings(http.url, credentials=client, tls=Tls(authority.file))
        assert RemoteRegistry(settings).fetch(ID).text == '"int"'
        distrusting = replace(settings, credentials=replace(client, ca_file=None))
        with pytest.raises(Exception, match="the certificate is not trusted"):
            RemoteRegistry(distrusting).fetch(ID)
