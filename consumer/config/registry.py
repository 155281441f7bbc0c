"""The section about the schema registry: where it is, who asks, how records name schemas.

What must hold between its keys is in `registry_checks.py`. Imports pydantic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StrictStr, StringConstraints

from consumer.config.addresses import Address, Addresses
from consumer.config.base import NonEmpty, PositiveSeconds, Section
from consumer.config.edges import FileReference

_HeaderName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,80}$")]
_HeaderValue: TypeAlias = Annotated[StrictStr, StringConstraints(pattern=r"^[ -~]*$")]
_Context: TypeAlias = Annotated[str, StringConstraints(pattern=r"^\.[A-Za-z0-9_-]{1,200}$")]


class BasicSection(Section):
    """A user name and a password; with Confluent Cloud an API key and its secret."""

    username: NonEmpty
    """Name of the user, or API key."""
    password_file: Path
    """File with the password; read whenever it is needed."""


class OAuthSection(Section):
    """A client that gets its own tokens (client credentials)."""

    token_url: Address
    """Address of the token endpoint."""
    client_id: NonEmpty
    """Id of the client."""
    client_secret_file: Path
    """File with the client's secret; read whenever a token is asked for."""
    scope: NonEmpty | None = None
    """Scope to ask for."""
    ca_file: Path | None = None
    """Authorities of the token endpoint, if it is not one that everybody trusts."""


class TlsSection(Section):
    """TLS with the registry, in PEM files; they are read again when they change."""

    ca_file: Path | None = None
    """Authorities to trust in place of the usual ones."""
    certificate_file: Path | None = None
    """The certificate to show (mutual TLS)."""
    key_file: Path | None = None
    """Its key, if that is not in the certificate's file."""
    key_password_file: Path | None = None
    """File with the password of an encrypted key."""


class SchemaRegistrySection(Section):
    """Where the schemas of records come from; see the page about registries."""

    url: Addresses | None = None
    """Address of the schema registry; several with commas, asked in turn. It ends as the API does:
    `/apis/registry/v3` is Apicurio's own, `/apis/ccompat/v7` the same registry by Confluent's.
    Needed unless each mapping says that its values and keys are not Avro (`encoding: json`, and
    `key_encoding` where keys are read)."""
    api: Literal["auto", "confluent", "apicurio-v2", "apicurio-v3"] = "auto"
    """What is spoken at `url`, where its end does not tell, as behind a proxy."""
    framing: Literal[
        "auto", "confluent", "apicurio-headers", "apicurio-8-byte", "apicurio-4-byte"
    ] = "auto"
    """How keys and values name their schemas. `auto` takes the last header that does, else the
    first bytes; any other refuses what is not so."""
    payload_ids: Literal["auto", "content", "global"] = "auto"
    """What Apicurio's ids in front of payloads are (its converter's `use-id`): `auto` takes 8 bytes
    for a globalId and 4 bytes for a contentId, as its versions 2 and 3 do unless told otherwise."""
    check_names: bool = True
    """Whether a schema that is named after another table, or after a key where a value is, holds
    its partition. Switch it off if a transform gives such names on purpose."""
    context: _Context | None = None
    """Confluent's context that ids belong to, such as `.staging`."""
    basic: BasicSection | None = None
    """Who asks: by user name and password."""
    bearer_token_file: Path | None = None
    """Who asks: by a token in this file, which somebody else keeps valid; read at every request."""
    oauth: OAuthSection | None = None
    """Who asks: by tokens that are fetched with a client's id and secret."""
    tls: TlsSection = Field(default_factory=TlsSection)
    """TLS with the registry."""
    headers: dict[_HeaderName, _HeaderValue | FileReference] = Field(default_factory=dict)
    """Headers of every request, such as Confluent Cloud's `target-sr-cluster`; a value can be
    `{file: path}`."""
    deadline_seconds: PositiveSeconds = 10.0
    """Longest time for fetching one schema with all that it refers to."""
    cache_directory: Path | None = None
    """Folder where schemas are kept, so that a start or a replay does not need the registry. Each
    is compared with the registry's as soon as that answers."""
