"""Kafka Connect's REST API: connectors registered, watched, and their positions read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

import httpx

from tests.stack.places import Json, StackError

_PATIENCE_SECONDS: Final = 120
_SETTLE_SECONDS: Final = 2
_LOOK_SECONDS: Final = 0.05 * 4
_BUSY: Final = 409


class Connect:
    """One worker. Each call is a connection of its own: the worker may be restarted in between."""

    def __init__(self, url: str) -> None:
        """Ask the worker at `url`."""
        self._url = url

    def put(self, name: str, settings: Mapping[str, object]) -> None:
        """Register or change a connector, again while the worker shares out other work.

        Raises StackError with the worker's words if it refuses the settings.
        """
        texts = {key: str(value) for key, value in settings.items() if value is not None}
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            path = f"{self._url}/connectors/{name}/config"
            answer = httpx.put(path, json=texts, timeout=60)
            if answer.is_success:
                return
            if answer.status_code != _BUSY or time.monotonic() > deadline:
                raise StackError(f"connector {name} refused: {answer.text}")
            time.sleep(_LOOK_SECONDS)

    def wait_until_running(self, name: str) -> Json:
        """Wait until connector and task have run for two seconds.

        Just after a change the worker still reports the state before it. Raises StackError if one
        has failed for two seconds.
        """
        began = since = time.monotonic()
        last: frozenset[str] = frozenset()
        while True:
            report = self.status(name)
            units = [report["connector"], *report["tasks"]]
            states = frozenset(unit["state"] for unit in units) if report["tasks"] else frozenset()
            now = time.monotonic()
            since, last = (since if states == last else now), states
            held = now - since > _SETTLE_SECONDS
            if held and states == {"RUNNING"}:
                return report
            if (held and "FAILED" in states) or now - began > _PATIENCE_SECONDS:
                traces = "".join(unit.get("trace", "") for unit in units)
                raise StackError(f"connector {name} does not run: {sorted(states)} {traces}")
            time.sleep(_LOOK_SECONDS)

    def status(self, name: str) -> Json:
        """Return the states of a connector and its tasks; one that is not known is unassigned."""
        unassigned = {"connector": {"state": "UNASSIGNED"}, "tasks": []}
        return self._get(f"/connectors/{name}/status") or unassigned

    def offset(self, name: str) -> Json:
        """Return the source position behind which everything is in Kafka; empty if there is none.

        Connect commits it every second (`offset.flush.interval.ms`), for acknowledged records only.
        """
        entries = self._get(f"/connectors/{name}/offsets").get("offsets", [])
        return dict(entries[0]["offset"]) if entries and entries[0]["offset"] else {}

    def restart(self, name: str) -> None:
        """Restart connector and tasks, and wait until they run."""
        question = {"includeTasks": "true"}
        path = f"{self._url}/connectors/{name}/restart"
        httpx.post(path, params=question, timeout=60).raise_for_status()
        self.wait_until_running(name)

    def delete(self, name: str) -> None:
        """Take a connector away, if it is there."""
        answer = httpx.delete(f"{self._url}/connectors/{name}", timeout=60)
        if answer.status_code != httpx.codes.NOT_FOUND:
            answer.raise_for_status()

    def _get(self, path: str) -> Json:
        """Return a document; empty while the worker does not know it or does not answer."""
        try:
            answer = httpx.get(self._url + path, timeout=30)
        except httpx.TransportError:
            return {}
        return dict(answer.json()) if answer.is_success else {}
