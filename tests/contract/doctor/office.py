"""Commands that speak to an organization, typed against the emulator over a socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consumer.__main__ import main
from emulator.serving import RunningEmulator
from emulator.settings import ProviderSpec, SourceSpec, Visibility

ORGANIZATION = "acme"
KEY = "xx-the-key-nobody-may-see"
READ_ONLY_KEY = "xx-the-key-that-only-reads"
FIELDS = {"price": "DOUBLE", "tags": "STRING", "seen": "DATE"}

Json = dict[str, Any]


class Office:
    """An operator's desk."""

    def __init__(
        self, running: RunningEmulator, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Set the organization up as the configuration wants it."""
        self.world, self.url = running.world, running.base_url
        self.folder, self._capsys = folder, capsys
        self.key_file = folder / "api-key"
        self.use_key(KEY)
        self.world.put_provider(ProviderSpec("crm", "CRM"))
        self.world.put_source(SourceSpec("open"))
        self.world.put_source(SourceSpec("secured", Visibility.SECURED, providers=("crm",)))
        for name, kind in FIELDS.items():
            multi = name == "tags"
            self.world.fields.put({"name": name, "type": kind, "multiValueFacet": multi})

    def use_key(self, key: str) -> None:
        """Put a key where the configuration has it."""
        self.key_file.write_text(f"{key}\n", encoding="utf-8")

    def configuration(self) -> Json:
        """Return a configuration that fits the organization."""
        fields = {
            "price": {"column": "price", "as": "number"},
            "tags": {"column": "tags", "split": ","},
            "seen": {"column": "seen", "as": "date"},
        }
        allowed = [{"type": "user", "column": "reader", "provider": "crm"}]
        return {
            "kafka": {"bootstrap_servers": "broker:9092", "group_id": "g"},
            "schema_registry": {"url": "http://registry:8081"},
            "coveo": {
                "organization": ORGANIZATION,
                "base_url": self.url,
                "api_key_file": str(self.key_file),
            },
            "targets": {
                "open": {"source": "open", "secured": False},
                "secured": {"source": "secured", "secured": True},
            },
            "mappings": [
                {"topics": "a", "target": "open", "id": "kb://a/{id}", "fields": fields},
                {
                    "topics": "b",
                    "target": "secured",
                    "id": "kb://b/{id}",
                    "title": "name",
                    "permissions": {"allowed": allowed},
                },
            ],
        }

    def type(self, *arguments: str, configuration: Json | None = None) -> tuple[int, str, str]:
        """Run a command; return exit code, standard output and standard error."""
        file = self.folder / "coveo-cdc.yaml"
        file.write_text(json.dumps(configuration or self.configuration()), encoding="utf-8")
        code = 0
        try:
            main([*arguments, "--config", str(file)])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def findings(self, configuration: Json | None = None) -> tuple[int, dict[tuple[str, str], str]]:
        """Run doctor; return the exit code and the verdict of each check of each thing."""
        code, out, _ = self.type("doctor", "--json", configuration=configuration)
        found = json.loads(out)["findings"]
        return code, {(one["check"], one["about"]): one["verdict"] for one in found}

    def calls(self) -> list[tuple[str, str]]:
        """Return method and path of everything that was asked."""
        log = self.world.request_log.behind(0, 1_000_000)
        return [(one.method, one.path) for one in log]
