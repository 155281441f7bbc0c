"""`python -m tests.stack install|up|connector|status|down`: the stack by hand."""

from __future__ import annotations

import argparse
import json
import sys
import time

from tests.stack.connector import Connector
from tests.stack.converters import Converter
from tests.stack.databases import MariaDb, Postgres
from tests.stack.install import install
from tests.stack.places import PORTS, Folders, Json, Part, StackError
from tests.stack.stack import ALL, Stack


def _parts(text: str) -> list[Part]:
    """Read a comma-separated choice of parts."""
    try:
        return [Part(name) for name in text.split(",")]
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{problem}; known: {', '.join(ALL)}") from None


def _ports(text: str) -> dict[str, int]:
    """Read ports by name, as in `kafka=9092,connect=8083`."""
    pairs = (pair.partition("=") for pair in text.split(","))
    return {name: int(port) for name, _, port in pairs}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("install", help="fetch everything into STACK_HOME")
    up = commands.add_parser("up", help="start, wait until ready, print the endpoints as JSON")
    up.add_argument("--ports", type=_ports, default={}, help=f"NAME=PORT,… of {', '.join(PORTS)}")
    down = commands.add_parser("down", help="stop what was started; the data stay")
    down.add_argument("--kill", action="store_true", help="by SIGKILL, as a crash would")
    down.add_argument("--wipe", action="store_true", help="all parts, with data, logs and ports")
    for command in (up, down):
        command.add_argument("--only", type=_parts, default=list(ALL), metavar="PART,…")
    commands.add_parser("status", help="print processes, ports, memory and logs as JSON")
    connector = commands.add_parser("connector", help="register a Debezium connector")
    connector.add_argument("database", choices=(Part.POSTGRES.value, Part.MARIADB.value))
    connector.add_argument("settings", type=json.loads, nargs="?", default={}, help="JSON object")
    connector.add_argument("--namespace", default="app", help="schema or database, made if needed")
    choices = [each.value for each in Converter]
    connector.add_argument("--converter", choices=choices, default=Converter.APICURIO.value)
    return parser.parse_args()


def _run(given: argparse.Namespace, folders: Folders) -> Json:
    began, stack = time.monotonic(), Stack(folders)
    match given.command:
        case "install":
            install(folders)
            return {"home": str(folders.home), "seconds": round(time.monotonic() - began, 1)}
        case "up":
            stack.up(given.only, given.ports)
            seconds = round(time.monotonic() - began, 1)
            return {**_endpoints(stack), "seconds": seconds}
        case "connector":
            return _connector(stack, given)
        case "down" if given.wipe:
            stack.wipe()
        case "down":
            for part in reversed(given.only):
                stack.kill(part) if given.kill else stack.stop(part)
        case _:
            pass
    return stack.status()


def _endpoints(stack: Stack) -> Json:
    ends = stack.endpoints
    return {
        "bootstrap_servers": ends.bootstrap_servers,
        "schema_registry_url": ends.registry_url,
        "connect_url": ends.connect_url,
        "postgres_dsn": ends.postgres_dsn,
        "mariadb_dsn": ends.mariadb_dsn,
    }


def _connector(stack: Stack, given: argparse.Namespace) -> Json:
    """Register `config/<database>.json` under the settings given; `null` takes one out."""
    kind = Postgres if given.database == Part.POSTGRES else MariaDb
    database = kind(stack.endpoints, given.namespace)
    database.create()
    name = given.settings.pop("name", given.database)
    connector = Connector(stack.endpoints, database, name)
    connector.register(given.settings, Converter(given.converter))
    return {"topics": connector.topic("*")}


def main() -> int:
    """Run one command; exit status 1 and a message for what must be acted on."""
    try:
        report = _run(_arguments(), Folders.of_environment())
    except StackError as problem:
        sys.stderr.write(f"stack: {problem}\n")
        return 1
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
