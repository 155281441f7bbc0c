"""Sets the stage: emulator and the consumer itself, and looks at them from outside."""

from __future__ import annotations

import secrets
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import typer

from demo import recording
from demo.expected import KNOWLEDGE_BASE, PEOPLE
from demo.programs import Program, free_port, start

CONFIG = Path(__file__).parent / "coveo-cdc.yaml"
_COUNTED_ENDPOINTS = {"create_file", "push_batch"}
_ORGANIZATION = "demo-organization"


class Stage:
    """Everything that runs behind the broker; programs are stopped on the way out."""

    def __init__(self, folder: Path, broker_address: str, registry_url: str) -> None:
        """Start the programs, which find broker and registry there.

        Raises RuntimeError, on entering, if one of them does not come up.
        """
        self._folder = folder
        self._key_file = folder / "api-key"
        self._key_file.write_text(f"xx{secrets.token_hex(16)}\n", encoding="utf-8")
        self._key_file.chmod(0o600)
        emulator_port, server_port = free_port(), free_port()
        self.emulator_url = f"http://127.0.0.1:{emulator_port}"
        self.consumer_url = f"http://127.0.0.1:{server_port}"
        self._broker_address = broker_address
        self._registry_url = registry_url
        self.emulator = self._start_emulator(emulator_port)
        self.consumer = self._start_consumer(server_port)

    def __enter__(self) -> Self:
        """Wait until everything is of use."""
        try:
            self.emulator.wait_until_ready()
            self.consumer.wait_until_ready()
        except BaseException:
            self._stop()
            raise
        typer.echo(f"broker, registry         {self._broker_address}  {self._registry_url}")
        typer.echo(f"index (emulator's page)  {self.emulator_url}/?refresh=2")
        typer.echo(f"metrics                  {self.consumer_url}/metrics")
        typer.echo(f"status                   {self.consumer_url}/status")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the programs, the consumer first."""
        self._stop()

    def _stop(self) -> None:
        for program in (self.consumer, self.emulator):
            program.stop()

    def _start_emulator(self, port: int) -> Program:
        module = [
            "emulator", "--port", str(port), "--organization", _ORGANIZATION,
            "--api-key-file", str(self._key_file),
            "--source", f"{KNOWLEDGE_BASE}:secured", "--source", f"{PEOPLE}:shared",
        ]  # fmt: skip
        ready = f"{self.emulator_url}/__admin/counters"
        return start("the emulator", module, self._folder / "emulator.log", ready, {})

    def _start_consumer(self, port: int) -> Program:
        environ = {
            "COVEO_CDC__KAFKA__BOOTSTRAP_SERVERS": self._broker_address,
            "COVEO_CDC__SCHEMA_REGISTRY__URL": self._registry_url,
            "COVEO_CDC__COVEO__BASE_URL": self.emulator_url,
            "COVEO_CDC__COVEO__API_KEY_FILE": str(self._key_file),
            "COVEO_CDC__SERVER__PORT": str(port),
            "COVEO_CDC__SERVER__HOST": "127.0.0.1",
            "COVEO_CDC__DEAD_LETTERS__DIRECTORY": str(self._folder / "dead-letters"),
        }
        module = ["consumer", "run", "--config", str(CONFIG)]
        ready = f"{self.consumer_url}/livez"
        return start("coveo-cdc", module, self._folder / "coveo-cdc.log", ready, environ)

    def check(self) -> None:
        """Raise RuntimeError if a program has ended."""
        self.consumer.check()
        self.emulator.check()

    def status(self) -> dict[str, Any]:
        """Return what the consumer says of itself."""
        return _json(f"{self.consumer_url}/status")

    def counters(self) -> dict[str, Any]:
        """Return what the emulator counted."""
        return _json(f"{self.emulator_url}/__admin/counters")

    def everything_settled(self, produced: int) -> bool:
        """Return whether every record of a subscribed topic was polled and has its fate."""
        records = self.status()["records"]
        wanted = produced - _unsubscribed()
        return (
            bool(records)
            and records["polled"] >= wanted
            and not (records["open"] or records["held"])
        )

    def report(self, produced: int | None = None, seconds: float | None = None) -> None:
        """Print counts, requests and duplicates, and what else is known."""
        counters = self.counters()
        items = counters["items"]
        if produced is not None:
            typer.echo(f"records produced   {produced}")
        typer.echo(f"items indexed      {items['indexed']}")
        typer.echo(f"upserts, deletes   {items['upserted']}, {items['deleted']}")
        typer.echo(f"rejected           {items['rejected']}")
        typer.echo(f"duplicates         {items['duplicates']}")
        typer.echo(f"Push API requests  {requests_in(counters)}")
        if seconds is not None:
            typer.echo(f"duration           {seconds:.1f} s")


def requests_in(counters: dict[str, Any]) -> int:
    """Return how many requests counted against the quota; uploads go to another host."""
    by_endpoint: dict[str, dict[str, int]] = counters["requests"]
    return sum(
        sum(codes.values()) for name, codes in by_endpoint.items() if name in _COUNTED_ENDPOINTS
    )


def _unsubscribed() -> int:
    topics = {"kb.public.categories", "kb.public.comments"}
    return sum(event.topic in topics for event in recording.events())


def _json(url: str) -> dict[str, Any]:
    answer = httpx.get(url, timeout=10)
    answer.raise_for_status()
    document: dict[str, Any] = answer.json()
    return document
