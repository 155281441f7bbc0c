"""The registry's section: what it becomes, and what is refused before anything is connected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from consumer import parts
from consumer.config.load import load, load_compiled
from consumer.config.model import Settings
from consumer.config.problems import ConfigErrors
from consumer.decode.settings import Framing, Wire
from consumer.domain.schemas import IdSpace
from consumer.registry.settings import Api, Basic, Bearer, OAuth, RegistrySettings, Tls
from tests.unit.config.writing import GOOD, loaded, written

PLAIN = 'schema_registry: {url: "http://registry:8081"}'


def section(**keys: object) -> str:
    """Return a configuration whose registry has these keys."""
    whole = {"url": "https://registry:8081", **keys}
    return GOOD.replace(PLAIN, f"schema_registry: {json.dumps(whole)}")


def registry(folder: Path, **keys: object) -> RegistrySettings:
    """Return what the registry's edge is told."""
    return settings_of(loaded(folder, section(**keys)))


def settings_of(settings: Settings) -> RegistrySettings:
    """Return what the registry's edge is told of these."""
    told = parts.registry_settings(settings)
    assert told is not None
    return told


def refusals(folder: Path, **keys: object) -> list[str]:
    """Return what is wrong with such a section, edges included, without the folder's name."""
    with pytest.raises(ConfigErrors) as caught:
        load_compiled(written(folder, section(**keys)), {}, parts.edge_problems)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_an_address_is_enough(tmp_path: Path) -> None:
    """Nobody is asked to know more."""
    plain = registry(tmp_path)
    assert (plain.speaks, plain.credentials, plain.tls) == (Api.CONFLUENT, None, Tls())
    decode = parts.decode_settings(loaded(tmp_path))
    assert decode.wire == Wire(Framing.AUTO, None)
    assert decode.mapped_topics == frozenset({"kb.public.articles"})


def test_secrets_are_files_beside_the_configuration(tmp_path: Path) -> None:
    """They are read when they are needed, by whoever sends them."""
    (tmp_path / "s").write_text("hunter2\n", encoding="utf-8")
    who = registry(tmp_path, basic={"username": "u", "password_file": "s"}).credentials
    assert isinstance(who, Basic)
    assert (who.username, who.password()) == ("u", "hunter2")
    who = registry(tmp_path, bearer_token_file="s").credentials
    assert isinstance(who, Bearer)
    assert who.token() == "hunter2"
    client = {"token_url": "https://idp/token", "client_id": "c", "client_secret_file": "s"}
    who = registry(tmp_path, oauth={**client, "scope": "x", "ca_file": "ca.pem"}).credentials
    assert isinstance(who, OAuth)
    assert (who.client_secret(), who.scope, who.ca_file) == ("hunter2", "x", tmp_path / "ca.pem")
    headers = registry(tmp_path, headers={"A": "b", "C": {"file": "s"}}).headers
    assert {name: reveal() for name, reveal in headers.items()} == {"A": "b", "C": "hunter2"}


def test_tls_files_start_at_the_configuration_too(tmp_path: Path) -> None:
    """And the key's password is a file as well."""
    (tmp_path / "s").write_text("hunter2\n", encoding="utf-8")
    files = {"ca_file": "ca", "certificate_file": "c", "key_file": "k", "key_password_file": "s"}
    tls = settings_of(load(written(tmp_path, section(tls=files)), {})).tls
    places = (tls.ca_file, tls.certificate_file, tls.key_file)
    assert places == (tmp_path / "ca", tmp_path / "c", tmp_path / "k")
    assert tls.key_password is not None
    assert tls.key_password() == "hunter2"


def test_how_schemas_are_named_is_told_to_decoding(tmp_path: Path) -> None:
    """Everything that `auto` would have to guess."""
    text = section(framing="apicurio-8-byte", payload_ids="content", check_names=False)
    decode = parts.decode_settings(loaded(tmp_path, text))
    assert decode.wire == Wire(Framing.APICURIO_8_BYTE, IdSpace.CONTENT)
    assert decode.mapped_topics is None


def test_where_schemas_are_is_told_to_the_registrys_edge(tmp_path: Path) -> None:
    """An address behind a proxy tells nothing, so it can be said."""
    whole = registry(tmp_path, api="apicurio-v3", deadline_seconds=3, cache_directory="c")
    assert (whole.speaks, whole.deadline_seconds) == (Api.APICURIO_V3, 3)
    assert whole.cache_directory == tmp_path / "c"
    assert registry(tmp_path, url="http://r/apis/registry/v2").speaks is Api.APICURIO_V2
    assert registry(tmp_path, context=".staging").context == ".staging"


WHO = {"username": "u", "password_file": "password"}
CLIENT = {"token_url": "ftp://x", "client_id": "c", "client_secret_file": "password"}


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"basic": WHO, "bearer_token_file": "password"}, "bearer_token_file: 'basic' says who"),
        ({"basic": {"username": "u"}}, "schema_registry.basic.password_file: is missing"),
        ({"basic": {**WHO, "password_file": "none"}}, "secret file 'none' cannot be used"),
        ({"bearer_token_file": "none"}, "schema_registry.bearer_token_file: secret file 'none'"),
        ({"oauth": CLIENT}, "schema_registry.oauth.token_url: must begin with http"),
        ({"tls": {"key_file": "password"}}, "tls.key_file: belongs to a certificate"),
        ({"tls": {"ca_file": "none"}}, "schema_registry.tls: 'none' cannot be used: No such file"),
        ({"headers": {"Authorization": "x"}}, "headers.Authorization: this header is set"),
        ({"headers": {"X-A": {"file": "none"}}}, "headers.X-A.file: secret file 'none'"),
        ({"context": "staging"}, "schema_registry.context: "),
        ({"framing": "apicurio"}, "must be one of 'auto', 'confluent', 'apicurio-headers'"),
        ({"payload_ids": "contentId"}, "must be one of 'auto', 'content' or 'global'"),
        ({"settings": {}}, "schema_registry.settings: there is no such key"),
        (
            {"url": "http://a/apis/registry/v3,http://a/apis/ccompat/v7"},
            "schema_registry.url: its addresses speak different APIs",
        ),
        (
            {"url": "http://a/apis/registry/v3", "context": ".x"},
            "schema_registry.context: only Confluent's API has contexts",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_place(
    tmp_path: Path, keys: dict[str, object], says: str
) -> None:
    """At the start, not with the first record."""
    found = refusals(tmp_path, **keys)
    assert any(says in each for each in found), found
    assert all(each.startswith("coveo-cdc.yaml:7: schema_registry") for each in found)
