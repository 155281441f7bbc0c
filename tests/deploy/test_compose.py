"""The compose file against the stack that the tests run: no container engine is needed for this.

It is never started here; what is compared are the things that would make it another stack.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import yaml

from consumer.config.load import load_compiled
from tests.architecture.tree import ROOT

DEPLOY: Final = ROOT / "deploy"
STACK: Final = ROOT / "tests" / "stack"
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
OWN: Final = {
    "postgres": {"topic.prefix": "pg", "slot.name": "pg", "publication.name": "pg"},
    "mariadb": {
        "topic.prefix": "shop",
        "schema.history.internal.kafka.topic": "shop.schema-history",
    },
}
PLACES: Final = re.compile(r"hostname|port|servers|server\.id|include\.list|data\.collection")


def properties(path: Path) -> dict[str, str]:
    """Return the settings of a properties file."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


def test_its_kafka_is_the_tested_one() -> None:
    """Scenarios that pass on one version say little about another."""
    pom = (STACK / "maven" / "stack.xml").read_text("utf-8")
    version = re.findall(r"<kafka.version>(.*)</kafka.version>", pom)[0]
    assert SERVICES["kafka"]["image"] == SERVICES["connect"]["image"] == f"apache/kafka:{version}"


def test_everything_else_of_java_comes_by_the_tested_coordinates() -> None:
    """Debezium, converter and registry are fetched by the very files that the tests use."""
    assert "../tests/stack/maven:/maven:ro" in SERVICES["parts"]["volumes"]
    script = SERVICES["parts"]["command"][-1]
    assert all(pom.stem in script for pom in (STACK / "maven").glob("*.xml"))


def test_the_converter_writes_what_the_tested_one_writes() -> None:
    """Left to its defaults it writes ids that the registry's Confluent API does not know."""
    ours, tested = (
        {key: text for key, text in properties(path).items() if ".converter" in key}
        for path in (DEPLOY / "connect.properties", STACK / "config" / "connect.properties")
    )
    assert ours.keys() == tested.keys()
    assert {key for key in ours if ours[key] != tested[key]} == {
        f"{side}.converter.apicurio.registry.url" for side in ("key", "value")
    }


@pytest.mark.parametrize("name", OWN)
def test_the_connectors_have_the_tested_settings(name: str) -> None:
    """Only names and places differ."""
    ours = json.loads((DEPLOY / "connectors" / f"{name}.json").read_text("utf-8"))
    tested = json.loads((STACK / "config" / f"{name}.json").read_text("utf-8"))
    assert ours.keys() == tested.keys()
    differing = {key for key in ours if ours[key] != tested[key] and not PLACES.search(key)}
    assert differing - OWN[name].keys() <= {"database.dbname"}
    assert OWN[name].items() <= ours.items()


def test_its_configuration_is_one_and_names_services(tmp_path: Path) -> None:
    """A file that nobody runs here must at least be accepted, and find its neighbours."""
    text = (DEPLOY / "coveo-cdc.yaml").read_text("utf-8")
    key = tmp_path / "api-key"
    key.write_text("xx")
    config = tmp_path / "coveo-cdc.yaml"
    config.write_text(text.replace("/run/secrets/api-key", str(key)), "utf-8")
    settings = load_compiled(config, {}).settings
    addresses = [str(settings.schema_registry.url), str(settings.coveo.base_url)]
    hosts = {urlsplit(address).hostname for address in addresses}
    assert {*hosts, settings.kafka.bootstrap_servers.split(":")[0]} <= SERVICES.keys()
    topics = {name for mapping in settings.mappings for name in mapping.topics.names or ()}
    assert topics == {"pg.public.articles", "shop.app.products"}


def test_every_file_and_service_that_it_names_exists() -> None:
    """A typing error shows only on somebody else's machine."""
    for service in SERVICES.values():
        assert {*service.get("depends_on", {})} <= SERVICES.keys()
        mounts = [volume.split(":")[0] for volume in service.get("volumes", [])]
        files = [DEPLOY / mount for mount in mounts if mount.startswith(".")]
        assert [path for path in files if not path.exists()] == []
        assert {mount for mount in mounts if not mount.startswith(".")} <= COMPOSE["volumes"].keys()
    assert all((DEPLOY / secret["file"]).exists() for secret in COMPOSE["secrets"].values())
