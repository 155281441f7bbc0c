"""The command line of each part, and what must be prepared before its first start."""

from __future__ import annotations

import getpass
import os
import shutil
import string
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.stack.places import CONFIG, Folders, Part, StackError

Ports = Mapping[str, int]

_CLUSTER_ID: Final = "c3RhY2stZm9yLXRlc3RzMA"  # any 16 bytes in base64
_JVM: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms64m")
_POSTGRES_VERSIONS: Final = Path("/usr/lib/postgresql")


def checked(command: Sequence[object], log: Path | None = None, **options: Any) -> None:
    """Run a command to its end; output goes to a log or standard error. Raises StackError."""
    words = [str(word) for word in command]
    with log.open("ab") if log else os.fdopen(os.dup(2), "wb") as output:
        result = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False, **options
        )
    if result.returncode:
        where = f"\nlog: {log}" if log else ""
        raise StackError(f"exit status {result.returncode} from: {' '.join(words)}{where}")


def render(name: str, values: Mapping[str, object]) -> str:
    """Return a file of `config/` with its $placeholders filled in."""
    return string.Template((CONFIG / name).read_text("utf-8")).substitute(values)


def java(folders: Folders, heap_mib: int, main: str, *arguments: str) -> list[str]:
    """Return the command line of a program from Kafka's class path."""
    logging = f"-Dlog4j2.configurationFile={CONFIG}/log4j2.properties"
    classes = ("-cp", f"{folders.home}/libs/*")
    return [str(folders.java), *_JVM, f"-Xmx{heap_mib}m", logging, *classes, main, *arguments]


def postgres_program(name: str) -> str | None:
    """Return a program of the newest PostgreSQL server, which Debian keeps off the search path."""
    installed = sorted(
        _POSTGRES_VERSIONS.glob("*/bin/postgres"), key=lambda path: int(path.parts[4])
    )
    folder = installed[-1].parent if installed else None
    return shutil.which(name, path=folder)


def as_postgres() -> dict[str, Any]:
    """Return options of a process that make it PostgreSQL's own user; only root needs them."""
    if os.geteuid():
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _kafka(folders: Folders, ports: Ports) -> list[str]:
    """Broker and controller in one process; the storage is formatted once."""
    data = folders.data(Part.KAFKA)
    data.mkdir(exist_ok=True)
    config = folders.run / "broker.properties"
    values = {f"{name}_port": ports[name] for name in ("kafka", "controller")}
    config.write_text(render("broker.properties", {**values, "data": data}))
    if not (data / "meta.properties").exists():
        arguments = ("format", "-t", _CLUSTER_ID, "-c", str(config))
        command = java(folders, 128, "kafka.tools.StorageTool", *arguments)
        checked(command, folders.log(Part.KAFKA))
    return java(folders, 384, "kafka.Kafka", str(config))


def _registry(folders: Folders, ports: Ports) -> list[str]:
    """Apicurio's registry; schemas lie in a file, so that ids outlive a restart."""
    data = folders.data(Part.REGISTRY)
    data.mkdir(exist_ok=True)
    options = {
        "quarkus.http.host": "127.0.0.1",
        "quarkus.http.port": ports["registry"],
        "quarkus.management.host": "127.0.0.1",
        "quarkus.management.port": ports["registry_health"],
        "apicurio.datasource.url": f"jdbc:h2:file:{data}/schemas",
    }
    settings = [f"-D{key}={value}" for key, value in options.items()]
    program = f"{folders.home}/registry/quarkus-run.jar"
    return [str(folders.java), *_JVM, "-Xmx256m", *settings, "-jar", program]


def _connect(folders: Folders, ports: Ports) -> list[str]:
    """One worker of Kafka Connect."""
    folders.data(Part.CONNECT).mkdir(exist_ok=True)
    config = folders.run / "connect.properties"
    values = {f"{part}_port": ports[part] for part in (Part.KAFKA, Part.REGISTRY, Part.CONNECT)}
    config.write_text(render("connect.properties", {**values, "plugins": folders.plugins}))
    return java(folders, 512, "org.apache.kafka.connect.cli.ConnectDistributed", str(config))


def _postgres(folders: Folders, ports: Ports) -> list[str]:
    """A PostgreSQL cluster of its own."""
    data, user = folders.data(Part.POSTGRES), as_postgres()
    if not data.exists():
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(data, "postgres", "postgres")
        initdb = [postgres_program("initdb"), "-D", data, "-A", "trust", "-U", "postgres"]
        options = ("-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        checked([*initdb, *options], folders.log(Part.POSTGRES), cwd=data, **user)
        with (data / "postgresql.conf").open("a") as config:
            config.write(render("postgres.conf", {}))
    return [str(postgres_program("postgres")), "-D", str(data), "-p", str(ports["postgres"])]


def set_up_postgres(port: int) -> None:
    """Make the role and the database, unless they are there."""
    dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    with psycopg.connect(dsn, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'app'").fetchone()
        if not known:
            for statement in render("postgres.sql", {}).splitlines():
                connection.execute(statement.encode())


def _mariadb(folders: Folders, ports: Ports) -> list[str]:
    """A MariaDB server of its own; its set-up runs at every start and changes nothing later."""
    data, defaults = folders.data(Part.MARIADB), f"--defaults-file={CONFIG}/mariadb.cnf"
    user = f"--user={getpass.getuser()}"
    if not data.exists():
        install = ["mariadb-install-db", defaults, f"--datadir={data}", user, "--skip-test-db"]
        method = "--auth-root-authentication-method=normal"
        checked([*install, method], folders.log(Part.MARIADB), cwd=folders.run)
    program = shutil.which("mariadbd") or "mariadbd"
    files = (f"--datadir={data}", f"--pid-file={data}/mariadb.pid", "--socket=mariadb.sock")
    init = f"--init-file={CONFIG}/mariadb.sql"
    return [program, defaults, user, *files, f"--port={ports['mariadb']}", init]


COMMANDS: Final[Mapping[Part, Callable[[Folders, Ports], list[str]]]] = {
    Part.POSTGRES: _postgres,
    Part.MARIADB: _mariadb,
    Part.KAFKA: _kafka,
    Part.REGISTRY: _registry,
    Part.CONNECT: _connect,
}
"""By part: prepares it, and returns the command that runs it in its data folder."""
