"""A configuration as it may be shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from consumer.config.redaction import _HARMLESS_TEXTS, Redacted, redacted

SECRET = "S3CRET-of-ours"


def shown(
    tmp_path: Path, tree: object, environ: dict[str, str] | None = None
) -> tuple[Any, Redacted]:
    """Return what is shown of a configuration, parsed, and everything about it."""
    file = tmp_path / "c.yaml"
    file.write_text(tree if isinstance(tree, str) else yaml.safe_dump(tree), encoding="utf-8")
    found = redacted(file, environ or {})
    return yaml.safe_load(found.text) if found.text else None, found


HIDING: list[dict[str, Any]] = [
    {"coveo": {"api_key": SECRET}},
    {"coveo": {"api_kee": SECRET}},
    {"coveo": {"quota": {"profil": SECRET}}},
    {"kafka": {"settings": {"sasl.password": SECRET}}},
    {"kafka": {"settings": {"sasl.username": SECRET}}},
    {"kafka": {"settings": {"ssl.key.pem": SECRET}}},
    {"kafka": {"settings": {"sasl.oauthbearer.client.secret": SECRET}}},
    {"kafka": {"settings": {"some.setting.of.tomorrow": SECRET}}},
    {"schema_registry": {"headers": {"X-Api-Key": SECRET}}},
    {"schema_registry": {"basic": {"username": SECRET}}},
    {"schema_registry": {"basic": {"password": SECRET}}},
    {"schema_registry": {"oauth": {"client_id": SECRET}}},
    {"schema_registry": {"settings": {"basic.auth.user.info": SECRET}}},
    {"no_such_section": {"at": ["any", {"depth": SECRET}]}},
    {"mappings": [{"titel": SECRET}]},
]


@pytest.mark.parametrize("tree", HIDING)
def test_what_may_be_a_secret_is_hidden_and_known_as_one(
    tmp_path: Path, tree: dict[str, Any]
) -> None:
    """Whatever stands under a key that nobody knows may be one, such as a misspelt key's."""
    parsed, found = shown(tmp_path, tree)
    assert SECRET not in found.text
    assert "***" in found.text
    assert SECRET in found.secrets
    assert parsed.keys() == tree.keys()


def test_a_number_that_is_a_password_is_hidden(tmp_path: Path) -> None:
    """YAML reads `password: 1234567` as a number."""
    parsed, found = shown(tmp_path, {"kafka": {"settings": {"sasl.password": 1_234_567}}})
    assert parsed["kafka"]["settings"] == {"sasl.password": "***"}
    assert "1234567" in found.secrets


def test_a_misspelt_key_s_small_value_is_hidden_there_only(tmp_path: Path) -> None:
    """Else every 5 of a metric would be gone because of `windows.linger: 5`."""
    _, found = shown(tmp_path, {"windows": {"linger": 5}})
    assert found.secrets == set()
    assert "5" not in found.text


def test_what_is_harmless_is_shown(tmp_path: Path) -> None:
    """It is what the bundle is for."""
    harmless = {
        "kafka": {
            "bootstrap_servers": "broker:9092",
            "settings": {
                "security.protocol": "SASL_SSL",
                "fetch.wait.max.ms": 100,
                "sasl.password": {"file": "/run/secrets/password"},
            },
        },
        "coveo": {"organization": "acme", "api_key_file": "/run/secrets/key"},
        "mappings": [{"topics": "t", "id": "kb://a/{id}", "fields": {"f": {"constant": "x"}}}],
    }
    parsed, found = shown(tmp_path, harmless)
    assert parsed == harmless
    assert found.id_prefixes == {"kb://a/"}


def test_no_harmless_setting_is_one_that_sounds_like_a_secret() -> None:
    """The list is read by whoever adds to it, and by this test."""
    assert not [name for name in _HARMLESS_TEXTS if "pass" in name or "secret" in name]
    assert not [name for name in _HARMLESS_TEXTS if "user" in name or "token" in name]


def test_secrets_in_files_are_known(tmp_path: Path) -> None:
    """Also of files that are named relative to the configuration."""
    (tmp_path / "key").write_text(f"{SECRET}\n")
    (tmp_path / "header").write_text("header-in-a-file")
    tree = {
        "coveo": {"api_key_file": "key"},
        "schema_registry": {"headers": {"X": {"file": str(tmp_path / "header")}}},
    }
    parsed, found = shown(tmp_path, tree)
    assert found.secrets >= {SECRET, "header-in-a-file"}
    assert Path(parsed["coveo"]["api_key_file"]).name == "key"


def test_the_environment_is_part_of_it(tmp_path: Path) -> None:
    """Its values are hidden as those of the file are; of stray variables only the name is shown."""
    environ = {
        "COVEO_CDC__COVEO__API_KEY": SECRET,
        "COVEO_CDC__KAFKA__SETTINGS__SASL_PASSWORD": "password-in-a-variable",
        "COVEO_CDC_API_KEY": "key-in-a-stray-variable",
        "COVEO_CDC__SERVER__PORT": "9999",
        "PATH": "/bin",
    }
    parsed, found = shown(tmp_path, {"coveo": {"organization": "acme"}}, environ)
    hidden = {SECRET, "password-in-a-variable", "key-in-a-stray-variable"}
    assert found.secrets >= hidden
    assert not any(secret in found.text for secret in hidden)
    assert str(parsed["server"]["port"]) == "9999"
    assert found.variables == tuple(sorted(name for name in environ if name != "PATH"))


def test_user_names_and_passwords_in_addresses_are_known(tmp_path: Path) -> None:
    """`check` refuses them there; a file that was refused is what somebody asks about."""
    _, found = shown(tmp_path, {"schema_registry": {"url": "http://user:p%40ss@host:8081"}})
    assert found.secrets >= {"user:p%40ss", "p%40ss", "p@ss", "user"}


@pytest.mark.parametrize("text", ["", "just a word", "a: [", "- a\n- b", "\0"])
def test_a_file_that_is_none_shows_nothing(tmp_path: Path, text: str) -> None:
    """What cannot be read cannot be judged."""
    assert shown(tmp_path, text)[1].text == ""
    assert redacted(tmp_path / "no-such-file", {}).text == ""
