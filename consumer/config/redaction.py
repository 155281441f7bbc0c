"""A configuration as it may be shown: what is known to be harmless is kept, the rest replaced.

Works on a file that cannot be used as well: that is when it is asked for. Imports PyYAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import yaml

from consumer.config.document import Tree, parse
from consumer.config.environment import overlay
from consumer.config.load import resolve_paths, secret_files
from consumer.config.model import Settings
from consumer.config.secrets import SecretFile
from consumer.config.shape import alternatives, key_paths
from consumer.domain.errors import ConfigError
from consumer.domain.problems import Path as KeyPath

HIDDEN: Final = "***"
_OURS: Final = "COVEO_CDC"
_ALWAYS_HIDDEN: Final[frozenset[KeyPath]] = frozenset(
    {
        ("coveo", "api_key"),
        ("schema_registry", "basic", "username"),
        ("schema_registry", "oauth", "client_id"),
    }
)
"""With Confluent Cloud the user name is an API key."""
_HARMLESS_TEXTS: Final = frozenset(
    {
        *("auto.offset.reset", "broker.address.family", "client.dns.lookup", "client.id"),
        *("client.rack", "compression.codec", "compression.type", "debug", "group.instance.id"),
        *("group.remote.assignor", "isolation.level", "partition.assignment.strategy"),
        *("sasl.mechanism", "sasl.mechanisms", "security.protocol", "ssl.ca.location"),
        "ssl.endpoint.identification.algorithm",
    }
)
"""Settings of librdkafka whose text is no secret; of all others it may be one."""
_SENSITIVE: Final = re.compile(
    r"passw|secret|token|credential|jaas|key|user|oauth|assertion|pem|cert|config", re.IGNORECASE
)
_LONG: Final = 6
_IDS: Final = ("id", "parent_id")
_USER_INFO: Final = re.compile(r"://([^\s/\"'@]*)@")


@dataclass(frozen=True, slots=True)
class Redacted:
    """What can be shown of a configuration, and everything that must not be seen anywhere."""

    text: str
    """YAML; empty if the file is none."""
    secrets: frozenset[str]
    variables: tuple[str, ...]
    """Names of this program's environment variables."""
    id_prefixes: frozenset[str]
    """What document ids begin with."""


def redacted(path: Path, environ: Mapping[str, str]) -> Redacted:
    """Return a configuration under an environment without its secrets. Raises nothing."""
    tree = _tree(path)
    secrets = {*_hidden(tree, ()), *_user_info(tree)}
    resolve_paths(tree, path.absolute().parent)
    overlay(tree, environ, (*key_paths(Settings), ("coveo", "api_key")))
    secrets |= {*_hidden(tree, ()), *_user_info(tree), *_in_files(tree)}
    ours = {name: text for name, text in environ.items() if name.upper().startswith(_OURS)}
    secrets |= {text for name, text in ours.items() if _SENSITIVE.search(name)}
    shown = _shown(tree, ())
    text = yaml.safe_dump(shown, sort_keys=False, allow_unicode=True) if tree else ""
    return Redacted(text, frozenset(secrets), tuple(sorted(ours)), _id_prefixes(tree))


def _tree(path: Path) -> Tree:
    try:
        tree = parse(path.read_text(encoding="utf-8")).tree
    except (OSError, ValueError):
        return {}
    return tree if isinstance(tree, dict) else {}


def _shown(tree: Tree, path: KeyPath) -> Tree:
    match tree:
        case dict():
            return {key: _shown(value, (*path, key)) for key, value in tree.items()}
        case list():
            return [_shown(value, (*path, at)) for at, value in enumerate(tree)]
        case None:
            return None
        case _:
            return tree if _may_be_shown(path, tree) else HIDDEN


def _hidden(tree: Tree, path: KeyPath) -> Iterator[str]:
    """Yield the values that are not shown: they must not be seen elsewhere either."""
    match tree:
        case dict():
            for key, value in tree.items():
                yield from _hidden(value, (*path, key))
        case list():
            for at, value in enumerate(tree):
                yield from _hidden(value, (*path, at))
        case bool() | None:
            return
        case _:
            if not _may_be_shown(path, tree) and _tells(path, str(tree)):
                yield str(tree)


def _tells(path: KeyPath, text: str) -> bool:
    """Return whether a hidden value must be hidden elsewhere, too: a misspelt key's 5 need not."""
    names = any(_SENSITIVE.search(str(step)) for step in path)
    return names or len(text) >= _LONG


def _may_be_shown(path: KeyPath, value: Tree) -> bool:
    """Return whether a value is harmless. What stands under a key that nobody knows is not."""
    if path in _ALWAYS_HIDDEN or not any(alternatives(Settings, path)):
        return False
    match path:
        case ("kafka", "settings", name):
            return _is_harmless(str(name), value)
        case ("schema_registry", "headers", _):
            return False
        case _:
            return True


def _is_harmless(name: str, value: Tree) -> bool:
    if isinstance(value, str):
        return name in _HARMLESS_TEXTS
    return _SENSITIVE.search(name) is None


def _user_info(tree: Tree) -> Iterator[str]:
    """Yield user names and passwords in addresses, which `check` refuses but a file may hold."""
    for found in _USER_INFO.findall(yaml.safe_dump(tree, width=1_000_000) if tree else ""):
        for part in (found, *found.split(":")):
            yield part
            yield unquote(part)


def _id_prefixes(tree: Tree) -> frozenset[str]:
    """Return the fixed beginnings of the templates of document ids."""
    mappings = tree.get("mappings")
    listed = mappings if isinstance(mappings, list) else []
    templates = [each.get(key) for each in listed if isinstance(each, dict) for key in _IDS]
    fixed = (each.partition("{")[0] for each in templates if isinstance(each, str))
    return frozenset(each for each in fixed if "://" in each)


def _in_files(tree: Tree) -> Iterator[str]:
    for _, file in secret_files(tree):
        with suppress(ConfigError):
            yield SecretFile(Path(file)).reveal()
