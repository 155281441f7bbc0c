"""What is generated from the models is what is committed, and the examples are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from consumer.config import reference, schema
from consumer.config.load import load_compiled
from consumer.mapping.catalog import CatalogIds, Destination
from consumer.mapping.compile import compile_mappings
from consumer.mapping.reasons import Reason
from consumer.mapping.spec import MappingSpec

ROOT: Final = Path(__file__).parents[3]
GUIDE: Final = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
EXAMPLES: Final = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
DESTINATIONS: Final = {
    "public-site": Destination(secured=False),
    "knowledge-base": Destination(secured=True),
    "shop-catalog": Destination(secured=False, catalog=CatalogIds()),
}


@pytest.mark.parametrize("name", sorted(schema.rendered()))
def test_committed_schema_is_what_the_models_say(name: str) -> None:
    """Mend with: python -m consumer.config.schema schemas."""
    assert (ROOT / "schemas" / name).read_text(encoding="utf-8") == schema.rendered()[name]


def test_committed_reference_is_what_the_models_say() -> None:
    """Mend with: python -m consumer.config.reference docs/configuration.md."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert page == reference.rendered()


def _properties(node: Any) -> list[tuple[str, Any]]:
    """Return every key of a schema with what is said about it."""
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = node.get("properties", {}) if isinstance(node, dict) else {}
    return [*own.items(), *(one for part in below for one in _properties(part))]


def test_every_key_is_described() -> None:
    """An editor shows the description where the key is typed."""
    made = schema.json_schema()
    for name, about in _properties(made):
        definition = made["$defs"].get(about.get("$ref", "").rpartition("/")[2], {})
        assert about.get("description") or definition.get("description"), name


def test_every_key_is_in_the_reference_and_no_key_for_the_key() -> None:
    """Keys of every depth; the API key has no place in a file."""
    keys = reference.keys()
    assert {"kafka.settings.<name>.file", "targets.<name>.secured", "windows.max_bytes"} <= keys
    assert {"mappings[].fields.<name>.as", "mappings[].permissions.denied[].split"} <= keys
    assert "coveo.api_key" not in keys


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_of_the_guide_compiles(example: str) -> None:
    """A guide whose examples fail teaches nothing."""
    specs = [MappingSpec.model_validate(one) for one in yaml.safe_load(example)]
    assert compile_mappings(specs, DESTINATIONS).targets


def test_guide_explains_every_reason() -> None:
    """An operator looks up the word that a dead letter carries."""
    assert all(f"| `{reason}` |" in GUIDE for reason in Reason)


def test_example_mapping_uses_every_key_and_compiles() -> None:
    """It is where people look for how a key is written."""
    text = (ROOT / "schemas" / "mapping.example.yaml").read_text(encoding="utf-8")
    spec = MappingSpec.model_validate(yaml.safe_load(text))
    assert spec.model_fields_set == set(MappingSpec.model_fields)
    assert compile_mappings([spec], {"catalogue": Destination(secured=True)}).targets


def test_demo_configuration_is_right(tmp_path: Path) -> None:
    """It runs as it is but for addresses and the key, which come from the environment."""
    key = tmp_path / "key"
    key.write_text("xx", encoding="utf-8")
    environ = {"COVEO_CDC__COVEO__API_KEY_FILE": str(key)}
    made = load_compiled(ROOT / "demo" / "coveo-cdc.yaml", environ)
    assert made.mapping.targets == ("knowledge-base", "people")
    assert len(EXAMPLES) > 8
