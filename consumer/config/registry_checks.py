"""What must hold between keys of the registry's section, as `checks.py` has it for all others."""

from __future__ import annotations

from typing import Final

from consumer.config.registry import SchemaRegistrySection
from consumer.domain.problems import Path, outline
from consumer.mapping.problems import Findings

_SECTION: Final = "schema_registry"
_WHO: Final = ("basic", "bearer_token_file", "oauth")
_OURS: Final = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "host"}
    | {"te", "transfer-encoding", "upgrade", "user-agent"}
)
"""Headers that the client sets by itself, or by who asks."""


def check_registry(section: SchemaRegistrySection, found: Findings) -> None:
    """Note whatever cannot be used beside something else."""
    _check_who_asks(section, found)
    _check_tls(section, found)
    _check_headers(section, found)


def _check_who_asks(section: SchemaRegistrySection, found: Findings) -> None:
    given = [name for name in _WHO if getattr(section, name) is not None]
    if len(given) > 1:
        message = f"'{given[0]}' says who asks already: give one of {', '.join(map(repr, _WHO))}"
        found.add(_at(given[1]), message, *(outline(_at(name)) for name in given))


def _check_tls(section: SchemaRegistrySection, found: Findings) -> None:
    tls = section.tls
    for name in ("key_file", "key_password_file"):
        if getattr(tls, name) is not None and tls.certificate_file is None:
            message = "belongs to a certificate: give 'certificate_file' too"
            found.add(_at("tls", name), message, _at("tls", name), _at("tls", "certificate_file"))


def _check_headers(section: SchemaRegistrySection, found: Findings) -> None:
    for name in section.headers:
        if name.lower() in _OURS:
            message = "this header is set by itself, or by who asks; leave it out"
            found.add(_at("headers", name), message, _at("headers", name))


def _at(*keys: str) -> Path:
    return (_SECTION, *keys)
