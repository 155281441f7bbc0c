"""A configuration that is right, written to a file with changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from consumer.config.load import load_compiled
from consumer.config.model import Settings
from consumer.config.problems import ConfigErrors
from consumer.parts import edge_problems

GOOD: Final = """\
kafka:
  bootstrap_servers: broker:9092
  group_id: cdc
  settings:
    security.protocol: SASL_SSL
    sasl.password: {file: password}
schema_registry: {url: "http://registry:8081"}
coveo:
  organization: acme
  api_key_file: key
targets:
  knowledge-base: {source: acme-kb, secured: false}
mappings:
  - topics: kb.public.articles
    target: knowledge-base
    id: kb://articles/{id}
    title: title
"""


def written(folder: Path, text: str = GOOD) -> Path:
    """Write a configuration with the secrets that it names; return its path."""
    (folder / "key").write_text("xx-key\n", encoding="utf-8")
    (folder / "password").write_text("pass\n", encoding="utf-8")
    path = folder / "coveo-cdc.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str = GOOD, environ: Mapping[str, str] | None = None) -> Settings:
    """Write a configuration and load it, as the commands do."""
    return load_compiled(written(folder, text), environ or {}, edge_problems).settings


def problems(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """Load a configuration that is wrong; return its problems without the folder's name."""
    with pytest.raises(ConfigErrors) as caught:
        loaded(folder, text, environ)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]
