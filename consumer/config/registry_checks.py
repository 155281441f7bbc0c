"""What must hold between keys of the registry's section, as `checks.py` has it for all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from consumer.config.registry import SchemaRegistrySection
from consumer.domain.problems import Path, outline
from consumer.mapping.problems import Findings
from consumer.mapping.spec import MappingSpec

_SECTION: Final = "schema_registry"
_WHO: Final = ("basic", "bearer_token_file", "oauth")
_OURS: Final = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "host"}
    | {"te", "transfer-encoding", "upgrade", "user-agent"}
)
"""Headers that the client sets by itself, or by who asks."""


_OF_RECORDS: Final = frozenset({"url", "framing", "payload_ids", "check_names"})
"""Keys that say something without a registry, too."""


def check_registry(
    section: SchemaRegistrySection, mappings: Sequence[MappingSpec], found: Findings
) -> None:
    """Note whatever cannot be used beside something else."""
    _check_needed(section, mappings, found)
    _check_who_asks(section, found)
    _check_tls(section, found)
    _check_headers(section, found)


def _check_needed(
    section: SchemaRegistrySection, mappings: Sequence[MappingSpec], found: Findings
) -> None:
    """Without a registry nothing may be Avro: each record of it would be a dead letter."""
    if section.url is not None:
        return
    for at, spec in enumerate(mappings):
        lacking = _may_be_avro(spec)
        if lacking:
            message = (
                f"is missing, and records of mappings[{at}] may be Avro: give the registry's "
                f"address, or say there how they are written ({' and '.join(lacking)})"
            )
            keys = ("encoding", "key_encoding", "full_before_images")
            rests_on = (("mappings", at, key) for key in keys)
            found.add(_at("url"), message, _at("url"), *rests_on)
            return
    for name in sorted(section.model_fields_set - _OF_RECORDS):
        message = "belongs to a registry, and none is given: add its 'url', or leave this out"
        found.add(_at(name), message, outline(_at(name)), _at("url"))


def _may_be_avro(spec: MappingSpec) -> list[str]:
    """Return the keys that would say that it may not be; a key that nothing reads may be any."""
    values = [] if spec.encoding == "json" else ["encoding: json"]
    is_read = not spec.full_before_images
    keys = is_read and spec.key_encoding in {None, "avro"}
    return [*values, *(["key_encoding"] if keys else [])]


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
