"""Runs a client's own flow against a recording emulator of its own, and keeps what was seen."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from emulator import inspection
from emulator.identities import Pushed
from emulator.sources import Source
from tests.contract.coveo.services import CATALOG, CRM, KEY, ORGANIZATION, SECURED, SOURCE
from tests.oracle.client import Client
from tests.oracle.install import CLIENTS, javascript_client, python_client
from tests.oracle.recording import Recorded, Seen, recording_emulator

NAMES: Final = {
    "key": KEY, "organization": ORGANIZATION, "source": SOURCE, "secured": SECURED,
    "catalog": CATALOG, "provider": CRM,
}  # fmt: skip
_SECONDS: Final = 60
_PURGE_MS: Final = 16 * 60_000
"""Longer than the fifteen minutes that a purge waits by default."""


@dataclass(frozen=True, slots=True)
class Run:
    """A flow that has ended: what its steps said, what was on the wire, and the world after it."""

    client: Client
    said: Mapping[str, Any]
    recorded: Recorded

    @property
    def seen(self) -> list[Seen]:
        """Return every request, in the order of their answers."""
        return self.recorded.seen

    def requests(self, method: str, ending: str) -> list[Seen]:
        """Return the requests to paths that end so; there is one at least."""
        found = [one for one in self.seen if one.method == method and one.path.endswith(ending)]
        assert found, f"{self.client} sent no {method} …{ending}"
        return found

    def source(self, name: str) -> Source:
        """Return a source of the emulator."""
        with self.recorded.world.lock:
            return self.recorded.world.source(name)

    def items(self, source: str) -> dict[str, dict[str, Any]]:
        """Return what is indexed, by the last part of the id."""
        with self.recorded.world.lock:
            indexed = self.recorded.world.source(source).items.values()
            shown = {one.document_id: inspection.show_item(one) for one in indexed}
        return {name.removeprefix("https://kb/"): item for name, item in shown.items()}

    def identities(self) -> dict[str, Pushed]:
        """Return what was pushed to the provider, by name."""
        with self.recorded.world.lock:
            pushed = self.recorded.world.directory.providers[CRM].identities
            return {key.name: one for key, one in pushed.items()}


@contextmanager
def run_of(client: Client) -> Iterator[Run]:
    """Run a flow to its end, a purge's delay included. Raises NotHereError."""
    command, environment = _COMMANDS[client]()
    with recording_emulator() as recorded:
        environment |= {"ORACLE_URL": recorded.base_url, "NO_PROXY": "127.0.0.1"}
        done = subprocess.run(
            [*command, json.dumps(NAMES)], env=os.environ | environment, capture_output=True,
            text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        recorded.world.clock.advance(_PURGE_MS)
        recorded.world.turn()
        yield Run(client, json.loads(done.stdout), recorded)


def _python() -> tuple[list[str], dict[str, str]]:
    return [str(python_client()), str(CLIENTS / "flow.py")], {}


def _javascript() -> tuple[list[str], dict[str, str]]:
    node, packages = javascript_client()
    hook = (CLIENTS / "redirect.mjs").as_uri()
    flow = str(CLIENTS / "flow.mjs")
    return [node, "--import", hook, flow], {"ORACLE_PACKAGES": str(packages)}


_COMMANDS: Final[Mapping[Client, Callable[[], tuple[list[str], dict[str, str]]]]] = {
    Client.PYTHON: _python,
    Client.JAVASCRIPT: _javascript,
}
