"""Random lives of an emulator: what clients and operators may do to it, as data."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from emulator import commands
from emulator.calls import Endpoint
from emulator.clock import ManualClock
from emulator.datafolder import DataFolder
from emulator.settings import EMAIL_PROVIDER, SourceSpec, Visibility
from emulator.state.transfer import export_state
from emulator.world import World
from tests.emulator.directory import Identities, group, user
from tests.emulator.driver import SOURCES, START_MS, Driver, upsert

SHOP = SourceSpec("shop", push_enabled=False, type="CATALOG", stream_enabled=True)
NAMES = st.sampled_from(["a", "b", "c"])
Step = tuple[Any, ...]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("push"), NAMES, st.booleans()),
        st.tuples(st.just("binary"), NAMES),
        st.tuples(st.just("batch"), st.lists(NAMES), st.lists(NAMES), st.booleans()),
        st.tuples(st.just("purge"), st.integers(-5, 5), st.integers(0, 2)),
        st.tuples(st.just("status"), st.sampled_from(["REBUILD", "INCREMENTAL", "IDLE"])),
        st.tuples(st.just("group"), NAMES, st.lists(NAMES), st.booleans()),
        st.tuples(st.just("alias"), NAMES, NAMES, st.sampled_from([None, "HR"])),
        st.tuples(st.just("disable"), NAMES),
        st.tuples(st.just("refresh")),
        st.tuples(st.just("stream"), NAMES, st.booleans()),
        st.tuples(st.just("partial"), NAMES),
        st.tuples(st.just("field"), NAMES),
        st.tuples(st.just("container")),
        st.tuples(st.just("source"), NAMES),
        st.tuples(st.just("wrong"), NAMES),
        st.tuples(st.just("advance"), st.integers(1, 90_000)),
        st.tuples(st.just("reset")),
    ),
    max_size=15,
)
PERMISSIONS = [{"allowedPermissions": [{"identity": "a", "identityType": "User"}]}]


def new_driver(**changes: Any) -> Driver:
    """A world whose operations stay in the pipeline for a while."""
    return Driver.of(sources=(*SOURCES, SHOP), indexing_delay_seconds=60, **changes)


def live(driver: Driver, steps: list[Step]) -> None:
    """Do all of this, one step after the other, a second apart."""
    for name, *arguments in steps:
        _STEPS[name](driver, *arguments)
        commands.advance(driver.world, 1)


def state_of(world: World) -> list[str]:
    """Return the whole state, settled, line by line."""
    world.turn()
    with world.lock:
        return [line.decode() for line in export_state(world)]


def _push(driver: Driver, name: str, secured: bool) -> None:  # noqa: FBT001
    driver.source = "secured" if secured else "open"
    fields = {"data": name, "title": name.upper(), "tags": [name, 1, None]}
    driver.push(f"a://{name}", {**fields, "permissions": PERMISSIONS} if secured else fields)


def _binary(driver: Driver, name: str) -> None:
    driver.source = "open"
    fields = {"compressedBinaryDataFileId": driver.file_with(b"raw")}
    driver.push(f"a://{name}", {**fields, "compressionType": "UNCOMPRESSED"})


def _batch(driver: Driver, adds: list[str], drops: list[str], late: bool) -> None:  # noqa: FBT001
    driver.source = "open"
    query = {"orderingId": driver.clock.now_ms() - 30_000} if late else {}
    deleted = [{"documentId": f"a://{one}", "deleteChildren": late} for one in drops]
    driver.batch([upsert(f"a://{one}/x") for one in adds], deleted, **query)


def _purge(driver: Driver, offset: int, delay: int) -> None:
    driver.source = "open"
    boundary = driver.clock.now_ms() + offset * 1000
    driver.send(Endpoint.DELETE_OLDER_THAN, {"orderingId": boundary, "queueDelay": delay})
    Identities(driver).older_than(boundary, queueDelay=delay)


def _stream(driver: Driver, name: str, close: bool) -> None:  # noqa: FBT001
    driver.source = "shop"
    opened = json.loads(driver.send(Endpoint.OPEN_STREAM, {}).body)
    content = json.dumps({"addOrUpdate": [{"documentId": f"p://{name}", "stock": {"x": 1}}]})
    driver.upload(opened["uploadUri"], content.encode())
    if close:
        driver.send(Endpoint.CLOSE_STREAM, {}, stream=opened["streamId"])


def _partial(driver: Driver, name: str) -> None:
    driver.source = "shop"
    entry = {"documentId": f"p://{name}", "field": "stock", "value": {"y": 2}}
    body = {"partialUpdate": [{**entry, "operator": "dictionaryPut"}]}
    file_id = driver.file_with(json.dumps(body).encode())
    driver.send(Endpoint.UPDATE_STREAM, {"fileId": file_id})


def _group(driver: Driver, name: str, members: list[str], batch: bool) -> None:  # noqa: FBT001
    people = [user(one) for one in members]
    if batch:
        entry = {"identity": group(name), "members": people}
        Identities(driver).batch({"members": [entry], "deleted": [user("nobody")]})
    else:
        Identities(driver, EMAIL_PROVIDER).put(group(name), people)


def _field(driver: Driver, name: str) -> None:
    driver.send(Endpoint.CREATE_FIELD, {}, json.dumps({"name": name, "type": "LONG"}).encode())


def _source(driver: Driver, name: str) -> None:
    driver.send(Endpoint.CREATE_SOURCE, {}, json.dumps({"name": name}).encode())
    spec = SourceSpec("secured", Visibility.SECURED, providers=("CRM",))
    commands.put_source(driver.world, spec)


def _send(endpoint: Endpoint, **query: object) -> Callable[..., None]:
    def step(driver: Driver, *_: Any) -> None:
        driver.source = "open"
        driver.send(endpoint, query)

    return step


_STEPS: dict[str, Callable[..., Any]] = {
    "push": _push,
    "binary": _binary,
    "batch": _batch,
    "purge": _purge,
    "status": lambda driver, name: driver.send(Endpoint.SOURCE_STATUS, {"statusType": name}),
    "group": _group,
    "alias": lambda driver, one, other, provider: Identities(driver).alias(
        user(one), [user(other, **({"provider": provider} if provider else {}))]
    ),
    "disable": lambda driver, name: Identities(driver).disable(group(name)),
    "refresh": lambda driver: driver.send(Endpoint.REFRESH_CACHE, {}),
    "stream": _stream,
    "partial": _partial,
    "field": _field,
    "container": lambda driver: driver.file_with(b"never pushed"),
    "source": _source,
    "wrong": lambda driver, name: driver.push(name, {"data": {}}),
    "advance": lambda driver, seconds: commands.advance(driver.world, seconds),
    "reset": lambda driver: commands.reset(driver.world),
}


def reopened(folder: Path, driver: Driver) -> World:
    """Return a world that was opened from a copy of the folder, as after a kill."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        world = World(driver.world.settings, ManualClock(START_MS))
        opened = DataFolder(Path(copy), world)
        opened.open()
        opened.abandon()
        return world
