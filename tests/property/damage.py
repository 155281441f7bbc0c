"""A configuration that is right, and mistakes in it: each in a place of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

Said: TypeAlias = tuple[str, int | None, str, str]
"""Of a problem: the file or the variable, its line, its path, and part of its message."""

RIGHT: Final = """\
kafka:
  bootstrap_servers: broker:9092
  group_id: cdc
  poll_seconds: 0.2
  max_poll_records: 100
  max_poll_interval_seconds: 300
  settings:
    security.protocol: SASL_SSL
    sasl.password: {file: password}
    ssl.ca.location: ca.pem
    fetch.max.bytes: 1000000
    fetch.min.bytes: 1
    client.rack: a
schema_registry:
  url: http://registry:8081
  api: auto
  basic: {username: cdc, password_file: registry}
coveo:
  organization: acme
  region: eu
  api_key_file: key
  max_effect_seconds: 60
targets:
  kb: {source: acme-kb, secured: false}
  people: {source: acme-people, secured: true}
  spare: {source: acme-spare, secured: false}
windows:
  max_operations: 500
  linger_seconds: 15
budgets:
  total_bytes: 256000000
dead_letters:
  topic: kb.dead-letters
server:
  port: 9464
logging:
  level: info
mappings:
  - topics: kb.articles
    target: kb
    id: kb://articles/{id}
    when: row.published
    title: title
    body: body
    fields:
      author: author
      year: {expression: int(row.year)}
  - topics: kb.people
    target: people
    id: kb://people/{id}
    title: name
    permissions:
      allowed:
        - {type: user, column: reader}
  - topics: kb.tags
    target: kb
    id: kb://tags/{id}
  - topics: {pattern: "kb[.]logs[.].*"}
    target: kb
    id: kb://{$topic}/{id}
  - topics: kb.notes
    target: kb
    id: kb://notes/{id}
  - topics: kb.pages
    target: kb
    id: kb://pages/{id}
  - topics: kb.shelves
    target: kb
    id: kb://shelves/{id}
  - topics: kb.rooms
    target: people
    id: kb://rooms/{id}
    permissions: {anonymous: true}
"""


@dataclass(frozen=True, slots=True)
class Damage:
    """One mistake: `new` instead of `old`, in the file or, if it is `NAME=value`, around it.

    The problem stands where `at` does, by default `new`.
    """

    old: str
    new: str
    path: str
    says: str
    at: str = ""


DAMAGES: Final = {
    "unknown key": Damage("poll_seconds:", "wait_secs:", "kafka.wait_secs", "no such key"),
    "unknown section": Damage("logging:", "logs:", "logs", "no such key"),
    "misspelt optional key": Damage(
        "max_operations:", "max_operatoins:", "windows.max_operatoins", "did you mean"
    ),
    "misspelt required key": Damage(
        "{source: acme-spare", "{sorce: acme-spare", "targets.spare.sorce", "did you mean 'source'"
    ),
    "key twice": Damage(
        "group_id: cdc", "group_id: cdc\n  group_id: other",
        "kafka.group_id", "twice", "group_id: other",
    ),
    "missing key": Damage(
        "  bootstrap_servers: broker:9092\n", "", "kafka.bootstrap_servers", "is missing", "kafka:"
    ),
    "missing part of a mapping": Damage(
        "    target: people\n    id: kb://rooms", "    id: kb://rooms",
        "mappings[7].target", "is missing", "- topics: kb.rooms",
    ),
    "wrong type": Damage("port: 9464", "port: many", "server.port", "expected a whole number"),
    "out of bounds": Damage(
        "linger_seconds: 15", "linger_seconds: 0", "windows.linger_seconds", "greater than 0"
    ),
    "none of the choices": Damage("region: eu", "region: mars", "coveo.region", "must be one of"),
    "text for a section": Damage("body: body", "body: 5", "mappings[0].body", "text or a section"),
    "no address": Damage("url: http:", "url: ftp:", "schema_registry.url", "must begin with http"),
    "bad YAML tag": Damage(
        "organization: acme", "organization: !!int acme", "coveo.organization", "is a number"
    ),
    "bad target name": Damage(
        "windows:", "  Odd Name: {source: odd, secured: true}\nwindows:",
        "targets.Odd Name", "has a character",
    ),
    "source used twice": Damage(
        "people: {source: acme-people", "people: {source: acme-kb",
        "targets.people.source", "'kb' names the same source",
    ),
    "budget below a window": Damage(
        "total_bytes: 256000000", "total_bytes: 9000", "budgets.total_bytes", "less than one window"
    ),
    "effects end before requests": Damage(
        "max_effect_seconds: 60", "max_effect_seconds: 6",
        "coveo.max_effect_seconds", "must be greater than 'request_deadline_seconds'",
    ),
    "two places for letters": Damage(
        "dead_letters:", "dead_letters:\n  directory: letters", "dead_letters", "give either"
    ),
    "letters that are read": Damage(
        "topic: kb.dead-letters", "topic: kb.notes", "dead_letters.topic", "read by mappings[4]"
    ),
    "missing key file": Damage(
        "api_key_file: key", "api_key_file: none", "coveo.api_key_file", "put the secret there"
    ),
    "missing secret of Kafka": Damage(
        "{file: password}", "{file: no-password}",
        "kafka.settings.sasl.password.file", "put the secret there",
    ),
    "missing secret of the registry": Damage(
        "password_file: registry", "password_file: no-registry",
        "schema_registry.basic.password_file", "put the secret there",
    ),
    "unsafe setting": Damage(
        "client.rack: a", "enable.auto.commit: true",
        "kafka.settings.enable.auto.commit", "only behind a fate",
    ),
    "unknown setting": Damage(
        "fetch.min.bytes:", "fetch.min.bites:",
        "kafka.settings.fetch.min.bites", "did you mean 'fetch.min.bytes'",
    ),
    "unknown setting of TLS": Damage(
        "ssl.ca.location:", "ssl.ca.locaton:",
        "kafka.settings.ssl.ca.locaton", "did you mean 'ssl.ca.location'",
    ),
    "setting out of range": Damage(
        "fetch.max.bytes: 1000000", "fetch.max.bytes: -1",
        "kafka.settings.fetch.max.bytes", "must be between 0 and",
    ),
    "poll interval too short": Damage(
        "max_poll_interval_seconds: 300", "max_poll_interval_seconds: 3",
        "kafka.max_poll_interval_seconds", "below session.timeout.ms",
    ),
    "unknown function": Damage(
        "when: row.published", "when: soundex(row.title) == 'x'",
        "mappings[0].when", "'soundex()' is no known function",
    ),
    "no expression": Damage("int(row.year)", "int(row.year", "mappings[0].fields.year", "no CEL"),
    "bad field name": Damage(
        "author: author", "1author: author", "mappings[0].fields.1author", "lower-case letters"
    ),
    "unknown key of a grant": Damage(
        "column: reader", "colum: reader",
        "mappings[1].permissions.allowed[0].colum", "did you mean 'column'",
    ),
    "undeclared target": Damage(
        "target: kb\n    id: kb://tags", "target: kbb\n    id: kb://tags",
        "mappings[2].target", "did you mean 'kb'",
    ),
    "bad topic pattern": Damage(
        '"kb[.]logs[.].*"', '"kb[.]logs[.](?=x)"', "mappings[3].topics", "brokers read alike"
    ),
    "bad template": Damage("kb://pages/", "kb:/pages/", "mappings[5].id", "must begin with"),
    "ids that meet": Damage(
        "kb://shelves/{id}", "kb://notes/{x}", "mappings[6].id", "the same id as mappings[4]"
    ),
    "stray variable": Damage(
        "", "COVEO_CDC_KAFKA__GROUP_ID=x", "", "did you mean COVEO_CDC__KAFKA__GROUP_ID?"
    ),
    "wrong variable": Damage(
        "", "COVEO_CDC__SHUTDOWN__DRAIN_SECONDS=soon", "shutdown.drain_seconds", "expected a number"
    ),
}  # fmt: skip


def damaged(damages: Iterable[Damage]) -> tuple[str, dict[str, str], set[Said]]:
    """Return file and environment with these mistakes, and what must be said about them."""
    text, environ = RIGHT, dict[str, str]()
    chosen = list(damages)
    for one in chosen:
        if one.old:
            assert text.count(one.old) == 1, one
            text = text.replace(one.old, one.new)
        else:
            name, _, value = one.new.partition("=")
            environ[name] = value
    return text, environ, {_said(one, text) for one in chosen}


def _said(damage: Damage, text: str) -> Said:
    if not damage.old:
        return damage.new.partition("=")[0], None, damage.path, damage.says
    place = damage.at or damage.new
    assert text.count(place) == 1, damage
    line = text.count("\n", 0, text.index(place)) + 1
    return "coveo-cdc.yaml", line, damage.path, damage.says


def secrets(folder: Path) -> None:
    """Write the secrets that the configuration names."""
    for name in ("key", "password", "registry"):
        (folder / name).write_text("xx\n", encoding="utf-8")
