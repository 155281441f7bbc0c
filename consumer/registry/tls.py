"""TLS from files that may be exchanged while the program runs. Imports httpx and the domain."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TypeAlias

import httpx

from consumer.domain.errors import ConfigError
from consumer.registry.settings import Tls

Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]


def stamp(tls: Tls) -> Stamp:
    """Return what changes when one of the files is another one by now."""
    files = (tls.ca_file, tls.certificate_file, tls.key_file)
    return tuple(None if file is None else _stamp(file) for file in files)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def context(tls: Tls) -> ssl.SSLContext:
    """Return a context made of the files as they are now. Raises ConfigError naming them.

    Without `ca_file` certifi's or `SSL_CERT_FILE`'s authorities hold.
    """
    try:
        return _context(tls)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        named = (tls.ca_file, tls.certificate_file, tls.key_file)
        files = ", ".join(f"'{file}'" for file in named if file is not None)
        why = getattr(error, "reason", None) or getattr(error, "strerror", None)
        msg = (
            f"schema_registry.tls: {files} cannot be used: {why or type(error).__name__};"
            " give PEM files, a key that belongs to its certificate, and the key's password"
        )
        raise ConfigError(msg) from None


def _context(tls: Tls) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=tls.ca_file) if tls.ca_file else None
    made = made or httpx.create_ssl_context()
    if tls.certificate_file is not None:
        # Without a function here, OpenSSL asks the terminal for the password of an encrypted key.
        password = tls.key_password or _no_password
        made.load_cert_chain(tls.certificate_file, tls.key_file, password)
    return made


def _no_password() -> str:
    return ""
